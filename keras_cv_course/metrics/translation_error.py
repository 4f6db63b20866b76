"""How far a translated image is from its true partner: as a whole, in what was to change, and around it."""

import numpy as np

from keras_cv_course.errors import InputError


def translation_error(made, truth, inside=None):
    """Mean absolute difference of the pixels, in [0, 1].

    Args:
        made: (N, H, W, C) translated images in [0, 1].
        truth: (N, H, W, C) their true partners.
        inside: (N, H, W), true where the domains differ; None gives the whole only.

    Returns:
        {"error": number, "inside": number, "around": number}; the last two only with `inside`. `around` is
        what the translation has done to things that it should have left alone.

    Raises:
        InputError: the shapes do not belong together, or nothing is inside or around.
    """
    made, truth = np.asarray(made, "float64"), np.asarray(truth, "float64")
    if made.shape != truth.shape or made.ndim != 4 or not made.size:
        raise InputError(
            f"translations and partners must be (N, H, W, C) of one shape, got {made.shape} and {truth.shape}"
        )
    off = np.abs(made - truth).mean(axis=-1)
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
