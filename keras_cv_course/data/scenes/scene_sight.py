"""Which pixels of a scene show which object: masks and boxes."""

import numpy as np

from keras_cv_course.data.scenes.scene_tiles import cut, put

VOID = 255
LEAST_VISIBLE = 1 / 3
BAR = np.uint16(65535)
EVERYTHING = slice(None)


def see(objects, cover, bars, bar_cover, shape, most, void):
    """Which pixels show which object.

    A pixel shows the topmost thing that covers more than half of it. From the top down, an object that keeps
    less than a third of its pixels is taken out of the scene; so is a bar that hides more than half of one.

    Args:
        objects, bars: `Things` of `scene_plan.place`.
        cover, bar_cover: their `scene_tiles.covers`; what is taken out is set to 0 there.
        shape: (N, S, S).
        most: K, the largest number of objects of a scene.
        void: give the pixels that an outline passes through no class, but 255.

    Returns:
        labels, masks, boxes, box_classes, instances as `scenes.scenes` describes them.
    """
    count = shape[0]
    boxes = np.full((count, most, 4), -1, np.float32)
    box_classes = np.full((count, most), -1, np.int64)
    areas, found = np.zeros((count, most), int), np.zeros(count, int)
    # What each pixel shows: 0 the ground, BAR a bar, or 256 * (class + 1) + (place in the list of boxes + 1).
    shown = np.zeros(shape, np.uint16)
    solid = cover > 0.5
    put(shown, bars, EVERYTHING, (bar_cover > 0.5) * BAR)
    border = np.zeros(shape, bool)
    if void:
        put(border, bars, EVERYTHING, _partly(bar_cover))
    for level in reversed(range(most)):
        rows = np.flatnonzero(objects.level == level)
        before = cut(shown, objects, rows)
        visible = solid[rows] & (before == 0)
        area = _count(visible)
        stays = area >= np.maximum(1, LEAST_VISIBLE * _count(solid[rows]))
        cover[rows[~stays]] = 0
        visible &= stays[:, None, None]
        scene, kind = objects.scene[rows], objects.kind[rows]
        index = found[scene]
        code = (256 * (kind + 1) + index + 1).astype(np.uint16)
        put(shown, objects, rows, before + visible * code[:, None, None])
        if void:
            partly = _partly(cover[rows]) & (before == 0)
            put(border, objects, rows, cut(border, objects, rows) | partly)
        scene, index = scene[stays], index[stays]
        boxes[scene, index] = bounds(visible[stays], objects.left[rows[stays]], objects.top[rows[stays]])
        box_classes[scene, index] = kind[stays]
        areas[scene, index] = area[stays]
        found[scene] += 1
    shown[shown == BAR] = 0
    masks, instances = (shown >> 8).astype(np.uint8), shown.astype(np.uint8)
    masks[border] = VOID
    labels = box_classes[np.arange(count), areas.argmax(axis=1)]
    return labels, masks, boxes, box_classes, instances


def _count(masks):
    """Number of true pixels of each mask."""
    return np.array([np.count_nonzero(mask) for mask in masks], int)


def _partly(cover):
    return (cover > 0) & (cover < 1)


def bounds(masks, left, top):
    """The tight box of each mask.

    Args:
        masks: (T, side, side) bool, none of them empty.
        left, top: (T,) the masks' corners in their images.

    Returns:
        (T, 4): x_min, y_min, x_max, y_max, where x_max - x_min is the width.
    """
    side = masks.shape[-1]
    columns, lines = masks.any(axis=1), masks.any(axis=2)
    first = [left + columns.argmax(axis=1), top + lines.argmax(axis=1)]
    last = [left + side - columns[:, ::-1].argmax(axis=1), top + side - lines[:, ::-1].argmax(axis=1)]
    return np.stack([*first, *last], axis=1)
