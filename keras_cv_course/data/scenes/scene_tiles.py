"""Things drawn on small square tiles of many images at once.

A thing touches the pixels around it only, so it is drawn on a tile that lies wholly inside its scene; what
would be outside is cut off. The tiles of a batch are one array. All arithmetic is in float32.
"""

import functools

import numpy as np

from keras_cv_course.data.scenes.outlines import coverage
from keras_cv_course.data.scenes.patterns import PATTERNS


class Things:
    """A table: one row a thing.

    Args:
        side: height and width of each thing's tile in pixels.
        **columns: arrays with one row a thing, ordered by scene: `scene`, `left` and `top` (the tile's
            corner in pixels), and whatever else is known of the things.
    """

    def __init__(self, side, **columns):
        self.side, self.columns = side, columns

    def __getattr__(self, name):
        return self.__dict__["columns"][name]

    def __len__(self):
        return len(self.scene)

    def within(self, start, stop):
        """The things of images start .. stop - 1, which count from 0 then."""
        rows = slice(*np.searchsorted(self.scene, (start, stop)))
        columns = {name: column[rows] for name, column in self.columns.items()}
        return Things(self.side, **columns | {"scene": columns["scene"] - start})


def axes(things, turn, unit, shift=0.0):
    """Two axes from each thing's centre, turned against the clock, as linear functions of the pixel.

    Args:
        things: `Things` with x, y, the centres in pixels from the scene's left and upper edge.
        turn: (T,) radians.
        unit: (T,) pixels.
        shift: added to both coordinates, in units; (T, 2) or a number.

    Returns:
        (T, 2, 3) float32: a, b, c of each axis; a pixel of the tile lies at a column + b line + c on it.
    """
    cosine, sine = np.cos(turn), np.sin(turn)
    right, up = things.left - things.x, things.y - things.top  # of the tile's corner
    first = np.stack([cosine, -sine, cosine * right + sine * up], axis=-1)
    second = np.stack([-sine, -cosine, cosine * up - sine * right], axis=-1)
    linear = np.stack([first, second], axis=1) / unit[:, None, None]
    linear[..., 2] += shift
    return linear.astype(np.float32)


def covers(things, outlines):
    """Share of each pixel that each thing covers.

    Args:
        things: `Things` with kind, an index of the outlines, radius in pixels, and outline_axes in radii.
        outlines: list of functions of `outlines.py`.

    Returns:
        (T, side, side) float32 in [0, 1].
    """
    distance = np.empty((len(things), things.side, things.side), np.float32)
    for kind, rows in _alike(things.kind):
        distance[rows] = outlines[kind](*_coordinates(things.outline_axes[rows], things.side))
    distance *= things.radius.astype(np.float32)[:, None, None]
    return coverage(distance)


def mixes(things, names):
    """Share of the second colour in each pixel of each thing's pattern.

    Args:
        things: `Things` with pattern, an index of the names, period in pixels, and pattern_axes in periods.
        names: names of `patterns.PATTERNS`.

    Returns:
        (T, side, side) float32 in [0, 1].
    """
    period = things.period.astype(np.float32)[:, None, None]
    mix = np.empty((len(things), things.side, things.side), np.float32)
    for kind, rows in _alike(things.pattern):
        mix[rows] = PATTERNS[names[kind]](*_coordinates(things.pattern_axes[rows], things.side), period[rows])
    return mix


def _coordinates(linear, side):
    """Where the centres of a tile's pixels lie on `axes` (T, 2, 3): two float32 arrays (T, side, side)."""
    both = linear.swapaxes(0, 1).reshape(-1, 3) @ _pixels(side)
    return both.reshape(2, -1, side, side)


@functools.cache
def _pixels(side):
    """(3, side * side) float32: column and line of each pixel's centre in a tile, and 1."""
    lines, columns = np.indices((side, side), np.float32).reshape(2, -1) + np.float32(0.5)
    return np.stack([columns, lines, np.ones_like(lines)])


def cut(images, things, rows):
    """The tiles (T, side, side) of some things, cut out of (N, S, S) images: a copy."""
    return _windows(images, things.side)[_places(things, rows)]


def put(images, things, rows, values):
    """Put values back where `cut` took them; no two of these things may be in one scene."""
    _windows(images, things.side)[_places(things, rows)] = values


def blend(plane, things, rows, cover, channel, mix=None):
    """Lay things over one colour channel of images. No two tiles of these things may overlap.

    Args:
        plane: (N, S, S); it is changed.
        things: `Things` with first and second, (T, 3) colours.
        rows: which things.
        cover: (T, side, side) of all things.
        channel: 0, 1 or 2.
        mix: (T, side, side) share of the second colour; None for the first colour only.
    """
    patch = cut(plane, things, rows)
    first = things.first[rows, channel, None, None]
    step = first - patch
    if mix is not None:
        step += mix[rows] * (things.second[rows, channel, None, None] - first)
    step *= cover[rows]
    patch += step
    put(plane, things, rows, patch)


def _alike(kinds):
    for kind in np.unique(kinds):
        yield kind, np.flatnonzero(kinds == kind)


def _windows(images, side):
    """A view (..., S - side + 1, S - side + 1, side, side): every window of every scene."""
    *many, height, width = images.shape
    shape = (*many, height - side + 1, width - side + 1, side, side)
    return np.lib.stride_tricks.as_strided(images, shape, images.strides + images.strides[-2:])


def _places(things, rows):
    return things.scene[rows], things.top[rows], things.left[rows]
