"""The swiss roll: a flat sheet rolled up in space, whose true position on the sheet is known.

Tenenbaum, de Silva and Langford, "A Global Geometric Framework for Nonlinear Dimensionality Reduction",
Science 290, 2000, made it the test of manifold learning.
"""

import numpy as np

from keras_cv_course.data.part import Info, Part

NOISE = 0.1
FIRST_ANGLE, LAST_ANGLE = 1.5 * np.pi, 4.5 * np.pi

INFO = Info(
    name="swiss_roll",
    title="3,000 points on a sheet of about 90 x 21, rolled up one and a half times",
    fields={
        "points": "(N, 3) float32: x and z across the roll, -10 to 15, and y along its axis, 0 to 21; "
        "each with Gaussian noise of standard deviation 0.1",
        "position": "(N, 2) float32: where the point is on the flat sheet, before the noise: arc length "
        "along the spiral, 0 to 90, and height along the axis, 0 to 21; same unit as the points",
    },
    source="Tenenbaum, de Silva and Langford, Science 2000; Marsland, Machine Learning: An Algorithmic "
    "Perspective, 2009; sklearn.datasets.make_swiss_roll",
    licence="generated; no rights reserved",
    extra={"noise": NOISE, "gap between two turns": 2 * np.pi},
)


def load():
    """2,000 training, 500 validation and 500 test points, each drawn with a seed of its own."""
    return [_draw(count, seed) for seed, count in enumerate((2000, 500, 500))]


def arc_length(angle):
    """Length of the spiral (t cos t, t sin t) from the roll's inner edge to an angle.

    The speed along the spiral is sqrt(1 + t^2), hence

        s(t) = F(t) - F(3/2 pi),    F(t) = (t sqrt(1 + t^2) + asinh t) / 2

    Args:
        angle: t in radians, a number or an array; the roll spans 3/2 pi to 9/2 pi.

    Returns:
        The arc length, same shape: 0 at 3/2 pi, about 90.2 at 9/2 pi.
    """

    def from_centre(t):
        return (t * np.sqrt(1 + t**2) + np.arcsinh(t)) / 2

    return from_centre(np.asarray(angle, "float64")) - from_centre(FIRST_ANGLE)


def _draw(count, seed):
    from sklearn.datasets import make_swiss_roll

    clean, angle = make_swiss_roll(count, noise=0.0, random_state=seed)
    noise = np.random.default_rng(seed).normal(0.0, NOISE, clean.shape)
    return Part(
        points=(clean + noise).astype("float32"),
        position=np.stack([arc_length(angle), clean[:, 1]], axis=1).astype("float32"),
    )
