"""The detectors, each in a small configuration.

No dropout: neither a reload nor XLA draws the masks that the uninterrupted run draws.
"""

import numpy as np

from keras_cv_course.detect.yolo import YOLO
from tests.harness import Case

_rng = np.random.default_rng(20261122)
_images = _rng.random((4, 16, 16, 2), dtype="float32")
_boxes = np.full((4, 3, 4), -1, "float32")
_labels = np.full((4, 3), -1, "int32")
_boxes[:, 0], _labels[:, 0] = [2, 3, 8, 9], 1
_boxes[1:3, 1], _labels[1:3, 1] = [9, 1, 15, 12], [0, 2]
_boxes[3, 0], _labels[3, 0] = -1, -1  # a picture without objects

CASES = {
    "yolo": Case(
        make=lambda: YOLO(
            convolutions=((8, 3, 1), "pool", (10, 3, 2)), units=16, grid=4, boxes=3, classes=3, dropout=0.0,
            batch_norm=True, bounded=True, coordinates=4.0, nothing=0.4, names=("a", "b", "c"),
        ),
        inputs=_images,
        targets={"boxes": _boxes, "labels": _labels},
        signature=(None, 16, 16, 2),
        published={"24 convolutions, 7x7x30": (YOLO, (None, 448, 448, 3), 271_703_550)},
        overfit=0.3,
    ),
}  # fmt: skip
