"""Do boxes belong to their objects? Then every pixel of an object lies in its box."""

import numpy as np


def pixels_outside(boxes, instances):
    """Count the pixels of objects whose centres lie outside their own box.

    Args:
        boxes: (N, K, 4) left, top, right, bottom in pixels; a row of -1 where there is none.
        instances: (N, H, W) 0 the ground, k + 1 the object of boxes[:, k].

    Returns:
        The number of such pixels in all images; objects without a box do not count.
    """
    height, width = instances.shape[1:]
    x, y = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    count = 0
    for image, image_boxes in zip(instances, boxes, strict=True):
        for number, (left, top, right, bottom) in enumerate(image_boxes, start=1):
            if right > left:
                inside = (left <= x) & (x <= right) & (top <= y) & (y <= bottom)
                count += int(((image == number) & ~inside).sum())
    return count
