"""Mean average precision: by hand, COCO's own program, keras-cv."""

import contextlib
import io

import numpy as np
import pytest

from keras_cv_course.boxes.average_precision import (
    COCO_THRESHOLDS,
    average_precision,
    mean_average_precision,
)
from keras_cv_course.errors import InputError


def random_case(rng, pictures=12, classes=3, objects=4, found=9):
    """Objects, and detections that are shaken objects or nothing at all; rows of padding in both."""
    low = rng.uniform(0, 60, (pictures, objects, 2))
    true_boxes = np.concatenate([low, low + rng.uniform(20, 50, (pictures, objects, 2))], axis=-1)
    true_labels = rng.integers(0, classes, (pictures, objects))
    true_labels[rng.random(true_labels.shape) < 0.3] = -1
    source = rng.integers(0, objects, (pictures, found))
    boxes = np.take_along_axis(true_boxes, source[..., None], axis=1) + rng.normal(0, 3, (pictures, found, 4))
    labels = np.take_along_axis(true_labels, source, axis=1)
    labels = np.where(rng.random(labels.shape) < 0.2, rng.integers(-1, classes, labels.shape), labels)
    scores = np.round(rng.random((pictures, found)), 2)
    return (boxes, scores, labels), (true_boxes, true_labels), classes


def cocos(detections, truth, classes):
    """COCO's twelve numbers by pycocotools."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    def rows(boxes, labels, scores=None):
        for picture in range(len(boxes)):
            for number in np.flatnonzero(labels[picture] >= 0):
                x, y, right, bottom = boxes[picture, number]
                row = dict(image_id=picture + 1, category_id=int(labels[picture, number]) + 1)
                row |= dict(bbox=[x, y, right - x, bottom - y], area=(right - x) * (bottom - y), iscrowd=0)
                yield row | ({} if scores is None else dict(score=float(scores[picture, number])))

    boxes, scores, labels = detections
    with contextlib.redirect_stdout(io.StringIO()):
        known = COCO()
        known.dataset = dict(
            info={},
            images=[dict(id=number + 1) for number in range(len(boxes))],
            categories=[dict(id=number + 1) for number in range(classes)],
            annotations=[row | dict(id=number + 1) for number, row in enumerate(rows(*truth))],
        )
        known.createIndex()
        judge = COCOeval(known, known.loadRes(list(rows(boxes, labels, scores))), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return judge.stats


@pytest.mark.parametrize("seed", range(8))
def test_equals_pycocotools(seed):
    case = random_case(np.random.default_rng(seed))
    assert np.all(case[0][0][..., 2:] > case[0][0][..., :2])  # COCO ignores boxes turned inside out
    stats = cocos(*case)
    ours = mean_average_precision(*case, thresholds=COCO_THRESHOLDS)
    assert abs(ours["mean"] - stats[0]) < 1e-9  # AP at 0.50:0.95
    assert abs(np.nanmean(ours["by_class"][:, 0]) - stats[1]) < 1e-9  # AP at 0.50
    assert abs(np.nanmean(ours["by_class"][:, 5]) - stats[2]) < 1e-9  # AP at 0.75
    assert 0.05 < ours["mean"] < 0.95


def test_equals_keras_cv():
    from keras_cv.metrics import BoxCOCOMetrics

    (boxes, scores, labels), (true_boxes, true_labels), classes = random_case(np.random.default_rng(20))
    # keras-cv takes rows of padding last, and pictures with equal scores in an order of its own.
    last = np.argsort(true_labels < 0, axis=1, kind="stable")
    true_boxes = np.take_along_axis(true_boxes, last[..., None], axis=1)
    true_labels = np.take_along_axis(true_labels, last, axis=1)
    labels, scores = np.maximum(labels, 0), np.random.default_rng(21).random(scores.shape)
    metric = BoxCOCOMetrics(bounding_box_format="xyxy", evaluate_freq=1)
    metric.update_state(
        dict(boxes=true_boxes.astype("float32"), classes=true_labels.astype("float32")),
        dict(
            boxes=boxes.astype("float32"),
            classes=labels.astype("float32"),
            confidence=scores.astype("float32"),
        ),
    )
    with contextlib.redirect_stdout(io.StringIO()):
        theirs = {name: float(value) for name, value in metric.result(force=True).items()}
    ours = mean_average_precision(
        (boxes.astype("float32"), scores, labels), (true_boxes.astype("float32"), true_labels), classes,
        thresholds=COCO_THRESHOLDS,
    )  # fmt: skip
    assert abs(ours["mean"] - theirs["MaP"]) < 1e-5
    assert abs(np.nanmean(ours["by_class"][:, 0]) - theirs["MaP@[IoU=50]"]) < 1e-5


def test_by_hand():
    # Three answers, right, wrong, right, for two objects: recall 1/2, 1/2, 1 and precision 1, 1/2, 2/3.
    recall, precision = np.array([0.5, 0.5, 1.0]), np.array([1, 1 / 2, 2 / 3])
    assert abs(average_precision(recall, precision, "all") - (0.5 + 0.5 * 2 / 3)) < 1e-12
    # At recall 0 to 0.5 (6 of 11 points) precision 1, at 0.6 to 1 (5 points) 2/3.
    assert abs(average_precision(recall, precision, "voc11") - (6 + 5 * 2 / 3) / 11) < 1e-12
    assert abs(average_precision(recall, precision, "coco101") - (51 + 50 * 2 / 3) / 101) < 1e-12


def test_an_object_is_found_once():
    box = np.array([[[0, 0, 10, 10], [0, 0, 10, 10]]], float)
    twice = (box, np.array([[0.9, 0.8]]), np.array([[0, 0]]))
    result = mean_average_precision(twice, (box[:, :1], np.array([[0]])), 1)
    recall, precision, scores = result["curves"][0]
    assert recall.tolist() == [1, 1] and precision.tolist() == [1, 0.5] and scores.tolist() == [0.9, 0.8]
    assert result["mean"] == 1


def test_no_objects_no_detections():
    nothing = (np.zeros((2, 3, 4)), np.zeros((2, 3)), np.full((2, 3), -1))
    empty = (np.full((2, 1, 4), -1.0), np.full((2, 1), -1))
    assert np.isnan(mean_average_precision(nothing, empty, 2)["mean"])
    one = (np.array([[[0, 0, 4, 4]], [[-1] * 4]], float), np.array([[1], [-1]]))
    result = mean_average_precision(nothing, one, 2)
    assert result["mean"] == 0 and np.isnan(result["by_class"][0, 0])


def test_refuses():
    detections, truth, classes = random_case(np.random.default_rng(0))
    with pytest.raises(InputError, match=r"\(12, 9, 4\)"):
        mean_average_precision(detections, (truth[0][:3], truth[1][:3]), classes)
    broken = detections[0].copy()
    broken[0, 0, 0] = np.nan
    with pytest.raises(InputError, match="not a finite number"):
        mean_average_precision((broken, *detections[1:]), truth, classes)
    with pytest.raises(InputError, match="coco100"):
        average_precision([1.0], [1.0], "coco100")
