"""Apply a trained model to an image of one's own: `--image photo.jpg`."""

import inspect
import os
from pathlib import Path

import numpy as np

import keras_cv_course.gradient_order  # noqa: F401
from keras_cv_course.data.readers.image_files import opened, pixels
from keras_cv_course.errors import InputError
from keras_cv_course.lesson.model_file import load as load_model


def apply_to_image(lesson, image, output="runs", saved_models="saved_models", model=None, knobs=None):
    """Draw what a trained model makes of an image.

    Args:
        lesson: a `Lesson` with an `image_figure`.
        image: file of the image, of any size; it is turned upright as the camera noted.
        output: the figure goes to `<output>/<lesson>.image/<name of the image>.png`.
        saved_models: the model is `<saved_models>/<lesson>/model.keras`, unless the lesson's `image_model` gives one.
        model: a `.keras` file that is taken instead, or None.
        knobs: {name: value} of the lesson's knobs, of which `image_figure` gets those that are arguments of it.

    Returns:
        The path of the figure.

    Raises:
        InputError: the lesson has nothing to draw, the image or the model is missing or corrupt.
    """
    if lesson.image_figure is None:
        raise InputError(f"{lesson.name} has no figure of an image of yours; leave --image out")
    seen = pixels(opened(Path(image))).astype("float32") / 255
    asked = list(inspect.signature(lesson.image_figure).parameters)[2:]
    chosen = {name: value for name, value in (knobs or {}).items() if name in asked}
    figure = lesson.image_figure(_model(lesson, Path(saved_models), model), seen, **chosen)
    # photo.png and photo.tif keep a figure each.
    name = Path(image).name if Path(image).suffix.lower() == ".png" else f"{Path(image).name}.png"
    path = Path(output) / f"{lesson.name}.image" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        figure.savefig(partial, dpi=120, format="png")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _model(lesson, saved_models, file):
    if file is None and lesson.image_model is not None:
        return lesson.image_model()
    path = saved_models / lesson.name / "model.keras" if file is None else Path(file)
    if not path.exists():
        cure = f"train it first: {lesson.command}" if file is None else "name a .keras file"
        raise InputError(f"there is no trained model {path}; {cure}")
    again = f"train it again: {lesson.command}" if file is None else "save it with Keras 3, model.save(path)"
    try:
        model = load_model(path)
    except InputError as error:
        raise InputError(f"cannot load the model {path}: {error}; {again}") from None
    if not all(np.isfinite(weight).all() for weight in model.get_weights()):
        raise InputError(f"the model {path} holds weights that are no numbers; train it again")
    return model
