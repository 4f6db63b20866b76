"""Batches of images in which masks and boxes are known."""

import numpy as np


def batch_of_boxes(count=24, height=40, width=48, boxes=1, channels=3, seed=0, smallest=10):
    """Images of noise; each box is a rectangle that is filled in the mask and, with 1, in the image.

    The boxes are whole pixels, lie apart from the edge and are `smallest` pixels wide and high or more.
    """
    rng = np.random.default_rng(seed)
    made = {
        "images": rng.uniform(0, 0.4, (count, height, width, channels)).astype("float32"),
        "labels": rng.integers(0, 5, count),
        "masks": np.zeros((count, height, width), "uint8"),
        "boxes": np.full((count, boxes, 4), -1, "float32"),
        "box_classes": np.full((count, boxes), -1),
    }
    for index in range(count):
        for box in range(boxes):
            h, w = rng.integers(smallest, smallest + 8, 2)
            top, left = rng.integers(2, height - h - 2), rng.integers(2, width - w - 2)
            made["images"][index, top : top + h, left : left + w] = 1
            made["masks"][index, top : top + h, left : left + w] = box + 1
            made["boxes"][index, box] = left, top, left + w, top + h
            made["box_classes"][index, box] = rng.integers(5)
    return made


def bounds(mask):
    """Left, top, right, bottom of the non-zero pixels of a mask (H, W)."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], "float32")
