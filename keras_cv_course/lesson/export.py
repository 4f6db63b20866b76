"""Export of a trained model for whoever uses it."""

import keras

from keras_cv_course.lesson.start import standard_error_kept_aside


def export(model, folder, signature, endpoints=None):
    """Write `model.keras` and `serve/` into a folder.

    `model.keras` needs Keras and this package; `serve/` is a SavedModel that needs TensorFlow only.
    On the PyTorch backend Keras cannot write a SavedModel, so there is no `serve/`. On JAX only the batch
    is free: a transposed convolution of unknown height cannot be exported, so the sizes are those that
    the model was built with.

    Args:
        model: a built `keras.Model`.
        folder: an existing folder.
        signature: shape of the input, such as (None, None, None, 1); None is free.
        endpoints: more that `serve/` answers beside `serve`: name -> (function of one float32 tensor, the
            shape of that tensor), such as decoded boxes.

    Returns:
        True if `serve/` was written.
    """
    model.save(folder / "model.keras")
    if keras.backend.backend() == "torch":
        return False
    if keras.backend.backend() == "jax":
        built = model.get_build_config()["input_shape"]
        signature = (None, *(free or size for free, size in zip(signature[1:], built[1:], strict=True)))
    inputs = {"serve": (model, signature), **(endpoints or {})}
    archive = keras.export.ExportArchive()
    with standard_error_kept_aside():
        for name, (function, shape) in inputs.items():
            add = archive.track_and_add_endpoint if function is model else archive.add_endpoint
            add(name, function, [keras.InputSpec(shape=shape, dtype="float32")])
        archive.write_out(folder / "serve", verbose=False)
    return True
