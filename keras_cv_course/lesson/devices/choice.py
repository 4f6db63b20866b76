"""`--devices N`: how many devices a run trains on, and who divides the batches among them."""

import keras

from keras_cv_course.errors import InputError
from keras_cv_course.lesson.devices.processes import process_count


def replicas(count):
    """What trains on several devices, or None where there is one: then nothing is done at all.

    Args:
        count: the number of devices; None for all that the backend sees (GPUs, else CPUs, of which there is one
            unless somebody asks for virtual ones).

    Returns:
        None, or `JaxReplicas` or `TensorFlowReplicas`, both of which have `enter`, `leave`, `callbacks`, `batches`,
        `several_steps` (whether several steps can be one call) and the number `count`.

    Raises:
        InputError: there are not so many devices, or the backend cannot use them.
    """
    if count is not None and count < 1:
        raise InputError(f"--devices must be 1 or more, got {count}")
    backend = keras.backend.backend()
    names = device_names()
    if backend == "torch" and (count or 1) > 1:
        raise InputError(
            f"--devices {count}: Keras 3.15 trains on one device on PyTorch; set KERAS_BACKEND to jax or tensorflow, "
            "or leave --devices out"
        )
    if backend == "torch":
        return None
    if count is not None and count > len(names):
        raise InputError(
            f"--devices {count}: {backend} sees {len(names)} here ({', '.join(names)}); ask for that many at most"
        )
    if process_count() > 1 and count not in (None, len(names)):
        raise InputError(
            f"--devices {count}: {process_count()} processes train together on all of their {len(names)} devices; "
            "leave --devices out, and start fewer processes"
        )
    names = names[:count]
    if len(names) < 2:
        return None
    if backend == "jax":
        from keras_cv_course.lesson.devices.jax_replicas import JaxReplicas

        return JaxReplicas(names)
    from keras_cv_course.lesson.devices.tensorflow_replicas import TensorFlowReplicas

    return TensorFlowReplicas(names)


def device_names():
    """The devices that the backend trains on, such as "cpu:0" or "gpu:1"; on JAX those of all processes."""
    backend = keras.backend.backend()
    if backend == "jax":
        return keras.distribution.list_devices()
    if backend == "torch":
        return ["the default device"]
    import tensorflow as tf

    found = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    return [device.name.removeprefix("/device:").lower() for device in found]
