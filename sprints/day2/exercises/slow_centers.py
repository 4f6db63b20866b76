"""CenterNet's targets, loss and detections, one number after the other: what its exercises are compared with."""

import math

import numpy as np


def worst_iou(height, width, radius):
    """The smallest IoU of a box with one whose first and last corners moved by the radius along both axes."""
    ious = []
    for first in (-radius, radius):
        for last in (-radius, radius):
            sides = [max(0.0, min(side, side + last) - max(0.0, first)) for side in (height, width)]
            moved = [max(0.0, side + last - first) for side in (height, width)]
            shared = sides[0] * sides[1]
            ious.append(shared / (height * width + moved[0] * moved[1] - shared))
    return min(ious)


def some_objects(rng, sides=(0.1, 0.3)):
    """Three images of 24 x 36 pixels with up to four objects of three classes: boxes (3, 4, 4), labels (3, 4).

    `sides` are the smallest and the largest share of the image's sides.

    No two centres lie in one cell of 4 x 4 pixels.
    """
    cells = [[]]
    while min(len(set(map(tuple, one))) for one in cells) < 4:
        low = rng.uniform(0, 1 - sides[1], (3, 4, 2)) * (36, 24)
        boxes = np.concatenate([low, low + rng.uniform(*sides, (3, 4, 2)) * (36, 24)], axis=-1)
        cells = ((boxes[..., :2] + boxes[..., 2:]) / 8).astype(int).tolist()
    labels = rng.integers(0, 3, (3, 4))
    labels[:, 1] = labels[:, 0]  # two of one class in every image
    labels[rng.integers(3), 3] = -1
    return boxes.astype("float32"), labels


def center_targets(mine, boxes, labels, map_size, stride, classes, least_iou=0.7):
    """The docstring's targets in loops; the radius is the module's own."""
    height, width = map_size
    heat = np.zeros((len(boxes), height, width, classes))
    cells, offsets, sizes = (np.zeros((*labels.shape, *more)) for more in ((), (2,), (2,)))
    for at in np.ndindex(labels.shape):
        if labels[at] < 0:
            continue
        left, top, right, bottom = (float(number) / stride for number in boxes[at])
        x, y = (left + right) / 2, (top + bottom) / 2
        column, row = min(int(x), width - 1), min(int(y), height - 1)
        cells[at], offsets[at], sizes[at] = (
            row * width + column,
            (x - column, y - row),
            (right - left, bottom - top),
        )
        sides = np.float32([bottom - top]), np.float32([right - left])
        radius = float(np.asarray(mine.gaussian_radius(*sides, least_iou))[0])
        for place in np.ndindex(height, width):
            far = (place[0] - row) ** 2 + (place[1] - column) ** 2
            number = math.exp(-far / (2 * ((2 * radius + 1) / 6) ** 2))
            key = (at[0], *place, labels[at])
            heat[key] = max(heat[key], number)
    return {"heat_map": heat, "cells": cells, "offsets": offsets, "sizes": sizes}


def heat_loss(heat_map, logits, alpha=2.0, beta=4.0):
    """Equation 1, place by place."""
    total, peaks = 0.0, 0
    for truth, logit in zip(np.ravel(heat_map).tolist(), np.ravel(logits).tolist(), strict=True):
        log_p, log_not_p = -np.logaddexp(0, -logit), -np.logaddexp(0, logit)
        if truth >= 1:
            total, peaks = total - math.exp(log_not_p) ** alpha * log_p, peaks + 1
        else:
            total -= (1 - truth) ** beta * math.exp(log_p) ** alpha * log_not_p
    return total / max(peaks, 1)


def random_outputs(rng):
    """Outputs of a network for two images of 24 x 36 pixels, at stride 4 and with three classes."""
    maps = {"heat_map": rng.normal(0, 2, (2, 6, 9, 3)), "offset": rng.random((2, 6, 9, 2))}
    maps["size"] = rng.uniform(-0.2, 4, (2, 6, 9, 2))
    return {name: values.astype("float32") for name, values in maps.items()}


def outputs_of(mine, rng, boxes, labels):
    """Random scores, and sizes and offsets as the targets ask for at the objects' cells."""
    outputs = {"heat_map": rng.normal(0, 2, (3, 6, 9, 3)).astype("float32")}
    targets = center_targets(mine, boxes, labels, (6, 9), 4, 3)
    for name, source in {"offset": "offsets", "size": "sizes"}.items():
        outputs[name] = rng.normal(0, 1, (3, 6, 9, 2)).astype("float32")
        for at in np.argwhere(labels >= 0):
            cell = int(targets["cells"][tuple(at)])
            outputs[name][at[0], cell // 9, cell % 9] = targets[source][tuple(at)]
    return outputs


def candidates(outputs, stride=4):
    """Boxes (N, h * w, 4), scores and is_peak (N, h * w, C) of `random_outputs`."""
    scores = 1 / (1 + np.exp(-outputs["heat_map"].astype(float)))
    count, height, width, classes = scores.shape
    boxes, is_peak = np.zeros((count, height, width, 4)), np.zeros(scores.shape, bool)
    for image, row, column in np.ndindex(count, height, width):
        x, y = np.add((column, row), outputs["offset"][image, row, column])
        across, down = np.maximum(outputs["size"][image, row, column], 0) / 2
        corners = stride * np.array([x - across, y - down, x + across, y + down])
        boxes[image, row, column] = np.clip(corners, 0, stride * np.array([width, height, width, height]))
        near = scores[image, max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        is_peak[image, row, column] = scores[image, row, column] >= near.max(axis=(0, 1))
    flat = (count, height * width)
    return boxes.reshape(*flat, 4), scores.reshape(*flat, classes), is_peak.reshape(*flat, classes)
