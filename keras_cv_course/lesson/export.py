"""Export of a trained model for whoever uses it."""

import shutil

import keras

from keras_cv_course.lesson.start import standard_error_kept_aside


def export(model, folder, signature, endpoints=None):
    """Write `model.keras` and, where the backend can, `serve/` into a folder; a line says why it cannot.

    `model.keras` needs Keras and this package; `serve/` is a SavedModel that needs TensorFlow only. Keras writes
    one from TensorFlow and, with TensorFlow beside it, from JAX. There the sizes are those that the model was built
    with: a transposed convolution of unknown height cannot be exported.

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
    if keras.backend.backend() == "jax":
        built = model.get_build_config()["input_shape"]
        signature = (None, *(free or size for free, size in zip(signature[1:], built[1:], strict=True)))
    inputs = {"serve": (model, signature), **(endpoints or {})}
    # With sizes that are free, JAX exports some models, and fails at others in the middle of their layers.
    uncertain = keras.backend.backend() == "jax" and any(None in shape[1:] for _, shape in inputs.values())
    reason = _why_not()
    if not reason:
        try:
            _write_saved_model(model, inputs, folder / "serve", quiet=uncertain)
        except Exception as error:
            if not uncertain or isinstance(error, OSError):
                raise
            shutil.rmtree(folder / "serve", ignore_errors=True)
            reason = "on JAX the sizes of this model's input would have to be fixed, and it was built for free ones"
    if reason:
        print(f"No SavedModel is written: {reason}. model.keras holds the model.")
    return not reason


def _write_saved_model(model, inputs, folder, quiet):
    with standard_error_kept_aside(shown=not quiet):
        archive = keras.export.ExportArchive()
        for name, (function, shape) in inputs.items():
            add = archive.track_and_add_endpoint if function is model else archive.add_endpoint
            add(name, function, [keras.InputSpec(shape=shape, dtype="float32")])
        archive.write_out(folder, verbose=False)


def _why_not():
    """The reason why there can be no SavedModel here, or an empty text."""
    if keras.backend.backend() == "torch":
        return "Keras makes none from PyTorch; train on TensorFlow, or on JAX with TensorFlow installed"
    try:
        with standard_error_kept_aside(shown=False):
            import tensorflow  # noqa: F401
    except ImportError:
        return "that is TensorFlow's format, and TensorFlow is not installed"
    return ""
