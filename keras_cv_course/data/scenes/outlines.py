"""Outlines of the shapes as signed distances: negative inside, 0 on the outline, positive outside.

Each function takes coordinates x (to the right) and y (upwards) in units of the shape's radius, and returns
the distance in the same unit; every shape fits into the circle of radius 1. A pixel whose centre lies d
pixels from a straight edge is covered to the share 1/2 - d, cut to [0, 1]: see `coverage`.

Near the outline the distances are exact but at corners, where the largest distance to the edges' lines is
taken in place of the distance to the corner: that keeps corners sharp.
"""

import numpy as np


def disc(x, y):
    return _radius(x, y) - 0.86


def ring(x, y):
    return np.abs(_radius(x, y) - 0.7) - 0.2


def triangle(x, y):
    # Mirrored in the y axis, so two of the three sides are one.
    return np.maximum(-y, _along(np.abs(x), y, 30)) - 0.5


def square(x, y):
    return np.maximum(np.abs(x), np.abs(y)) - 0.7


def pentagon(x, y):
    side = np.abs(x)
    distance = np.maximum(-y, _along(side, y, -18))
    return np.maximum(distance, _along(side, y, 54)) - 0.77


def star(x, y):
    # Five straight lines make a pentagram, and a point of it is beyond one of them at most: what counts is
    # the second largest of the distances. The tips are at 0.31 / sin 18 degrees = 1.
    largest = second = np.full_like(x, -9)
    for degrees in (90, 162, 234, 306, 18):
        distance = _along(x, y, degrees)
        second = np.maximum(second, np.minimum(largest, distance))
        largest = np.maximum(largest, distance)
    return second - 0.31


def cross(x, y):
    x, y = np.abs(x), np.abs(y)
    # Two bars, |long side| < 0.92 and |short side| < 0.29: the union takes the smaller distance.
    return np.minimum(np.maximum(x - 0.92, y - 0.29), np.maximum(x - 0.29, y - 0.92))


def crescent(x, y):
    return np.maximum(_radius(x, y) - 0.92, 0.74 - _radius(x - 0.42, y))


def heart(x, y):
    # A square on its tip, p and q along its sides, and a disc on each of its two upper sides.
    half = 0.55
    p, q = _along(x, y, 45) + 0.26 * half, _along(x, y, 135) + 0.26 * half
    discs = np.minimum(_radius(p - half, q), _radius(p, q - half))
    return np.minimum(np.maximum(np.abs(p), np.abs(q)), discs) - half


def drop(x, y):
    # A disc, and above it the wedge between the tangents from the tip (0, 1); sine = sin of half its angle.
    radius, centre = 0.6, -0.4
    sine = radius / (1 - centre)
    wedge = np.maximum(_along(np.abs(x), y - 1, np.degrees(np.arcsin(sine))), centre + radius * sine - y)
    return np.minimum(_radius(x, y - centre) - radius, wedge)


def stroke(x, y):
    """Clutter: a rounded bar along x."""
    return _radius(np.maximum(np.abs(x) - 0.8, 0), y) - 0.2


def arc(x, y):
    """Clutter: a piece of a thin ring."""
    return np.maximum(np.abs(_radius(x, y) - 0.8) - 0.17, 0.3 - x)


def _radius(x, y):
    return np.sqrt(x * x + y * y)  # np.hypot takes longer: benchmarks/results/small_choices.json


def _along(x, y, degrees):
    """How far a point lies in a direction, counted from the x axis to the y axis."""
    angle = np.radians(degrees)
    return np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y


SHAPES = {
    "disc": disc,
    "triangle": triangle,
    "square": square,
    "pentagon": pentagon,
    "star": star,
    "cross": cross,
    "ring": ring,
    "crescent": crescent,
    "heart": heart,
    "drop": drop,
}
CLUTTER = (stroke, arc)


def coverage(distance):
    """Share of each pixel that a shape covers, in [0, 1], from its centre's signed distance in pixels."""
    return np.clip(0.5 - distance, 0, 1)
