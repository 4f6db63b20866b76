"""What an exercise's function gives, as a small image: for the grader's report, and for the last hint."""

import io

import numpy as np

from keras_cv_course.classroom.expectations import within
from keras_cv_course.classroom.skeleton import composition

LARGEST = 400  # pixels a side


def digits(*numbers, times=3):
    """scikit-learn's handwritten digits of these numbers, 0 to 9, enlarged: (N, 8 times, 8 times, 1) float32 in
    [0, 1]."""
    from sklearn.datasets import load_digits

    images = load_digits().images[list(numbers), ..., None] / 16  # the first ten are 0 to 9
    return np.kron(images, np.ones((1, times, times, 1))).astype("float32")


def image_of(exercises, exercise, worker, source, filename):
    """PNG of what `exercise.image` gives of a student's file; None where nothing can be drawn."""
    try:
        worker.enter()
        mine = worker.load(source, filename, **composition(exercises, exercise))
        return png_of(exercise, mine)
    except Exception:  # whatever a student's function gives back, there is no image of it
        return None


def png_of(exercise, module):
    """PNG of what `exercise.image` gives of a loaded module, a (height, width) or (height, width, 3) image.

    Raises:
        Wrong: it is no image in [0, 1].
        ValueError: it has another shape, or more than `LARGEST` pixels a side.
    """
    import matplotlib.image

    pixels = np.asarray(within(exercise.image(module), 0, 1, "image", ""), "float64")
    if pixels.ndim not in (2, 3) or pixels.ndim == 3 and pixels.shape[2] != 3 or max(pixels.shape) > LARGEST:
        raise ValueError(f"no small image: {pixels.shape}")
    file = io.BytesIO()
    matplotlib.image.imsave(file, pixels, cmap="gray", vmin=0, vmax=1, format="png")
    return file.getvalue()
