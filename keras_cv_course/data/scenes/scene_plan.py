"""All that chance decides about a scene: what is where, of what shape, colour and pattern."""

import numpy as np

from keras_cv_course.data.scenes.outlines import CLUTTER
from keras_cv_course.data.scenes.scene_tiles import Things, axes

CELLS = 5  # clutter lies in the cells of a grid of 5 x 5, one piece a cell, so that no two tiles overlap


def place(rng, kinds, size, objects, radius, rotation, clutter, occlusion):
    """Draw where everything is.

    Args:
        rng: a `numpy.random.Generator`.
        kinds: (N, K) int, the objects' outlines.
        others: as in `scenes.scenes`.

    Returns:
        objects, clutter, bars: `Things` with x, y, radius (pixels), turn (radians) and kind. Objects have a
        level, too: K - 1 is on top, and every scene has an object there. There is at most one bar a scene,
        over its topmost object.
    """
    count, most = kinds.shape
    number = rng.integers(objects[0], objects[1] + 1, (count, 1))
    radii = rng.uniform(*radius, kinds.shape) * size
    # At most a little of an object lies outside the scene.
    x, y = rng.uniform(0.85 * radii, size - 0.85 * radii, (2, count, most))
    turn = np.radians(rng.uniform(-rotation, rotation, kinds.shape))
    scene, level = there = np.nonzero(np.arange(most) >= most - number)
    things = _things(size, radius[1], scene, kinds[there], x[there], y[there], radii[there], turn[there])
    things.columns["level"] = level
    return (
        things,
        _clutter(rng, count, size, clutter),
        _bars(rng, x[:, -1], y[:, -1], radii[:, -1], size, radius[1], occlusion),
    )


def _things(size, largest, scene, kind, x, y, radius, turn):
    side = min(size, int(np.ceil(2 * largest * size)) + 3)
    left, top = (np.clip(np.rint(at - side / 2), 0, size - side).astype(int) for at in (x, y))
    return _shaped(side, left, top, scene, kind, x, y, radius, turn)


def _shaped(side, left, top, scene, kind, x, y, radius, turn):
    things = Things(side, scene=scene, left=left, top=top, kind=kind, x=x, y=y, radius=radius)
    things.columns["outline_axes"] = axes(things, turn, radius)
    return things


def _clutter(rng, count, size, most):
    cell = size // CELLS
    cells = rng.permuted(np.tile(np.arange(CELLS**2), (count, 1)), axis=1)[:, :most]
    there = np.nonzero(np.arange(most) < rng.integers(0, most + 1, (count, 1)))
    margin = rng.integers(0, size - CELLS * cell + 1, (2, count, 1))
    left, top = corner = np.stack([cells % CELLS, cells // CELLS]) * cell + margin
    radius = np.minimum(rng.uniform(0.04, 0.08, cells.shape) * size, cell / 2 - 0.5)
    x, y = corner + rng.uniform(radius + 0.5, cell - radius - 0.5, corner.shape)
    kind = rng.integers(0, len(CLUTTER), cells.shape)
    turn = rng.uniform(-np.pi, np.pi, cells.shape)
    columns = (values[there] for values in (kind, x, y, radius, turn))
    return _shaped(cell, left[there], top[there], there[0], *columns)


def _bars(rng, x, y, radius, size, largest, share):
    count = len(radius)
    direction = rng.uniform(-np.pi, np.pi, count)
    away = rng.uniform(0.2, 0.6, count) * radius
    x, y = x + away * np.cos(direction), y + away * np.sin(direction)
    length = rng.uniform(0.5, 0.8, count) * radius
    turn = rng.uniform(-np.pi, np.pi, count)
    rows = np.flatnonzero(rng.random(count) < share)
    columns = (values[rows] for values in (x, y, length, turn))
    return _things(size, 0.8 * largest, rows, np.zeros(len(rows), int), *columns)
