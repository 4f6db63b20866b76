"""Detections with the errors of a half-trained network, made from the truth: for lessons and tests about what
follows a network. Nothing here looks at an image.
"""

import numpy as np
from keras import ops

from keras_cv_course.boxes.coding import decode, encode
from keras_cv_course.boxes.matching import match
from keras_cv_course.boxes.overlap import pairwise_iou


def simulated_detections(
    anchors, boxes, labels, classes, size, rng, box_noise=0.8, score_noise=0.2, false_positive_rate=0.005
):
    """A box, a score and a class for each anchor of each image.

    An anchor whose IoU with an object is 0.35 or more, or the highest for that object, detects it: the
    object's box and class, with noise on the box, and a score that is the IoU plus noise. Some of the others are
    false positives.

    Args:
        anchors: (A, 4) xyxy in pixels.
        boxes: (N, K, 4) xyxy in pixels, the truth.
        labels: (N, K) classes, -1 for a row of padding.
        classes: number of classes.
        size: (height, width) of the images: boxes are clipped to it.
        rng: a `numpy.random.Generator`.
        box_noise: standard deviation of the noise on the offsets, in the units of `encode`.
        score_noise: standard deviation of the noise on the scores.
        false_positive_rate: share of the anchors without object that detect something.

    Returns:
        boxes (N, A, 4) float32 xyxy, scores (N, A) float32 in [0, 1], 0 for no detection, labels (N, A).
    """
    overlap = np.asarray(pairwise_iou(anchors[None].astype("float32"), boxes.astype("float32")))
    matched = np.asarray(match(overlap, labels >= 0, positive=0.35, negative=0.35))
    found = matched >= 0
    rows = np.maximum(matched, 0)
    offsets = np.asarray(encode(np.take_along_axis(boxes, rows[..., None], axis=1), anchors))
    offsets = np.where(found[..., None], offsets, 0) + rng.normal(0, box_noise, offsets.shape)
    best = np.take_along_axis(overlap, rows[..., None], axis=-1)[..., 0]
    scores = np.clip(best + rng.normal(0, score_noise, best.shape), 0.01, 1)
    predicted = np.take_along_axis(labels, rows, axis=1)
    false_positive = ~found & (rng.random(found.shape) < false_positive_rate)
    scores = np.where(found, scores, np.where(false_positive, rng.beta(2, 3, found.shape), 0))
    predicted = np.where(found, predicted, rng.integers(0, classes, found.shape))
    height, width = size
    moved = ops.convert_to_numpy(decode(offsets.astype("float32"), anchors))
    detected = np.clip(moved, 0, [width, height, width, height])
    return detected.astype("float32"), scores.astype("float32"), predicted
