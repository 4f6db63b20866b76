"""The error of translated images whose true partners are known: everywhere, in the objects, around them."""

import numpy as np

from keras_cv_course.errors import InputError


def translation_error(translated, truth, inside=None):
    """Mean absolute difference of the pixels, in [0, 1].

    Args:
        translated: (N, H, W, C) translated images in [0, 1].
        truth: (N, H, W, C) their true partners.
        inside: (N, H, W), true where the domains differ; None gives the whole only.

    Returns:
        {"error": number, "inside": number, "around": number}; the last two only with `inside`. `around` is the error
        in what the translation should have left unchanged.

    Raises:
        InputError: the shapes do not belong together, or nothing is inside or around.
    """
    translated, truth = np.asarray(translated, "float64"), np.asarray(truth, "float64")
    if translated.shape != truth.shape or translated.ndim != 4 or not translated.size:
        raise InputError(
            f"translations and partners must be (N, H, W, C) of one shape, got {translated.shape} and {truth.shape}"
        )
    off = np.abs(translated - truth).mean(axis=-1)
    if inside is None:
        return {"error": float(off.mean())}
    inside = np.asarray(inside, bool)
    if inside.shape != off.shape or inside.all() or not inside.any():
        raise InputError(f"inside must be {off.shape}, true for some pixels and false for some")
    return {
        "error": float(off.mean()),
        "inside": float(off[inside].mean()),
        "around": float(off[~inside].mean()),
    }
