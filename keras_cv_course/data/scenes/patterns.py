"""Patterns between two colours, with smooth edges: 0 is the first colour, 1 the second.

Each function takes coordinates x and y in periods of the pattern, and the period's length in pixels, which
says how steep an edge of one pixel is. It returns the share of the second colour, in [0, 1].
"""

import numpy as np


def plain(x, y, period):
    return np.zeros_like(x)


def gradient(x, y, period):
    """From the first colour to the second within two periods."""
    return np.clip(0.5 * x + 0.5, 0, 1)


def stripes(x, y, period):
    # 1/2 where the distance to the nearest whole number is 1/4, and from 0 to 1 within a pixel there.
    return np.clip(np.abs(_part(x)) * period + (0.5 - 0.25 * period), 0, 1)


def waves(x, y, period):
    # Stripes that swing along y; two parabolas t (4 - 8 |t|) are close to half a sine.
    part = _part(0.5 * y)
    return stripes(x + part * (4 - 8 * np.abs(part)), y, period)


def checks(x, y, period):
    # Two triangle waves about 0: the sign of their product makes a chessboard.
    product = (np.abs(_part(x)) - 0.25) * (np.abs(_part(y)) - 0.25)
    return np.clip(product * (6 * period) + 0.5, 0, 1)


def dots(x, y, period):
    # (r^2 - d^2) / 2r is the distance r - d from the circle where that is small.
    radius = 0.32
    x, y = _part(x), _part(y)
    scale = period / (2 * radius)
    return np.clip((x * x + y * y) * -scale + (0.5 + radius**2 * scale), 0, 1)


def _part(x):
    """What is left of x beside the nearest whole number, -1/2 to 1/2."""
    return x - np.rint(x)


PATTERNS = {
    "plain": plain,
    "gradient": gradient,
    "stripes": stripes,
    "waves": waves,
    "checks": checks,
    "dots": dots,
}
