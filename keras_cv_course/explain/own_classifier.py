"""Any image for any classifier: at the size that it takes, with logits, and its classes by name.

`--image photo.jpg` and `--model FILE.keras` of the lessons that look inside a network go through here.
"""

import keras
import numpy as np
from keras import ops

from keras_cv_course.errors import InputError

SIDE = 224  # pixels, where the network says nothing
LUMA = np.float32([0.299, 0.587, 0.114])  # of red, green and blue, ITU-R BT.601


def fitted(model, image, side=SIDE):
    """The square in the middle of an image, at the size and with the channels that a network takes.

    Args:
        model: a built network; the shape that it was built for counts.
        image: (H, W, 3) in [0, 1], of any size.
        side: height and width in pixels where the network takes any.

    Returns:
        (1, h, w, C) float32 in [0, 1]; h = w unless the network wants another shape.

    Raises:
        InputError: the network takes no images with 1 or 3 channels.
    """
    shape = _input_shape(model)
    if len(shape) != 4 or shape[-1] not in (1, 3):
        raise InputError(
            f"expected a network for images (N, H, W, 1 or 3), {type(model).__name__} takes {tuple(shape)}"
        )
    shorter = min(image.shape[:2])
    top, left = ((length - shorter) // 2 for length in image.shape[:2])
    square = np.asarray(image, "float32")[top : top + shorter, left : left + shorter]
    size = tuple(length or side for length in shape[1:3])
    resized = ops.image.resize(square[None], size, interpolation="bilinear", antialias=True)
    resized = np.clip(ops.convert_to_numpy(resized), 0, 1)
    return resized if shape[-1] == 3 else (resized @ LUMA)[..., None]


def _input_shape(model):
    built = (model.get_build_config() or {}).get("input_shape")
    with_inputs = getattr(model, "inputs", None)
    shape = with_inputs[0].shape if with_inputs else built
    if shape is None:
        raise InputError(
            f"{type(model).__name__} does not say what shape it takes; build it before you save it"
        )
    return tuple(shape)


def without_softmax(model):
    """The same model; where its last layer ends in softmax, it gives logits from now on."""
    last = model.layers[-1] if model.layers else None
    if getattr(last, "activation", None) is keras.activations.softmax:
        last.activation = keras.activations.linear
    return model


def chosen_class(model, image, explain=None):
    """The class to explain, and how probable the network finds it.

    Args:
        model: a built classifier with logits.
        image: (1, H, W, C).
        explain: number of the class; None for the most probable one.

    Returns:
        The number of the class, and its probability.

    Raises:
        InputError: the network is no classifier, or has no such class.
    """
    logits = ops.convert_to_numpy(model(image, training=False))
    if logits.ndim != 2:
        raise InputError(
            f"expected a classifier with logits (N, classes), received a model with outputs {logits.shape}"
        )
    if explain is not None and not 0 <= explain < logits.shape[1]:
        raise InputError(
            f"the network has the classes 0 to {logits.shape[1] - 1}, there is no class {explain}"
        )
    number = int(logits[0].argmax()) if explain is None else explain
    shifted = np.exp(logits[0].astype("float64") - logits[0].max())
    return number, float(shifted[number] / shifted.sum())
