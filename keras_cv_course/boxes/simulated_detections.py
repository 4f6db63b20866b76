"""What a detector in the middle of its training could say: right about much, too often, and not quite.

For lessons and tests about what happens behind a detector; nothing here has seen a picture.
"""

import numpy as np

from keras_cv_course.boxes.coding import decode, encode
from keras_cv_course.boxes.matching import match
from keras_cv_course.boxes.overlap import pairwise_iou


def pretended_answers(anchors, boxes, labels, classes, size, rng, place=0.8, doubt=0.2, invented=0.005):
    """Boxes, scores and labels for every anchor of every picture.

    An anchor that overlaps an object answers for it: with its box, shaken, its class, and a score that grows
    with the overlap. Some others invent an object.

    Args:
        anchors: (A, 4) xyxy.
        boxes: (N, K, 4) xyxy, the truth.
        labels: (N, K), -1 for a row without object.
        classes: number of classes.
        size: (height, width) of the pictures: boxes end at the edge.
        rng: a `numpy.random.Generator`.
        place: standard deviation of the shaken corrections, in the units of `encode`.
        doubt: standard deviation of the scores.
        invented: share of the other anchors that answer as well.

    Returns:
        boxes (N, A, 4) float32, scores (N, A) float32 in [0, 1], 0 for no answer, labels (N, A).
    """
    overlap = np.asarray(pairwise_iou(anchors[None].astype("float32"), boxes.astype("float32")))
    matched = np.asarray(match(overlap, labels >= 0, positive=0.35, negative=0.35))
    found = matched >= 0
    which = np.maximum(matched, 0)
    codes = np.asarray(encode(np.take_along_axis(boxes, which[..., None], axis=1), anchors))
    codes = np.where(found[..., None], codes, 0) + rng.normal(0, place, codes.shape)
    best = np.take_along_axis(overlap, which[..., None], axis=-1)[..., 0]
    scores = np.clip(0.25 + best + rng.normal(0, doubt, best.shape), 0.01, 1)
    told = np.take_along_axis(labels, which, axis=1)
    wrong = ~found & (rng.random(found.shape) < invented)
    scores = np.where(found, scores, np.where(wrong, rng.beta(2, 3, found.shape), 0))
    told = np.where(found, told, rng.integers(0, classes, found.shape))
    height, width = size
    answers = np.clip(decode(codes.astype("float32"), anchors), 0, [width, height, width, height])
    return answers.astype("float32"), scores.astype("float32"), told
