"""Mean average precision: by hand, a public example, COCO's own program, VOC's rule in a slow loop, keras-cv."""

import contextlib
import io

import numpy as np
import pytest

from keras_cv_course.boxes.average_precision import (
    COCO_THRESHOLDS,
    FALSE_POSITIVE,
    NOT_COUNTED,
    TRUE_POSITIVE,
    average_precision,
    match_detections,
    mean_average_precision,
    precision_recall,
)
from keras_cv_course.errors import InputError

# The illustrated example of R. Padilla's Object-Detection-Metrics (MIT licence): 7 images, x, y, width, height.
OBJECTS = [
    [(25, 16, 38, 56), (129, 123, 41, 62)],
    [(123, 11, 43, 55), (38, 132, 59, 45)],
    [(16, 14, 35, 48), (123, 30, 49, 44), (99, 139, 47, 47)],
    [(53, 42, 40, 52), (154, 43, 31, 34)],
    [(59, 31, 44, 51), (48, 128, 34, 52)],
    [(36, 89, 52, 76), (62, 58, 44, 67)],
    [(28, 31, 55, 63), (58, 67, 50, 58)],
]
DETECTIONS = [
    [(0.88, 5, 67, 31, 48), (0.70, 119, 111, 40, 67), (0.80, 124, 9, 49, 67)],
    [(0.71, 64, 111, 64, 58), (0.54, 26, 140, 60, 47), (0.74, 19, 18, 43, 35)],
    [
        (0.18, 109, 15, 77, 39), (0.67, 86, 63, 46, 45), (0.38, 160, 62, 36, 53), (0.91, 105, 131, 47, 47),
        (0.44, 18, 148, 40, 44),
    ],
    [(0.35, 83, 28, 28, 26), (0.78, 28, 68, 42, 67), (0.45, 87, 89, 25, 39), (0.14, 10, 155, 60, 26)],
    [(0.62, 50, 38, 28, 46), (0.44, 95, 11, 53, 28), (0.95, 29, 131, 72, 29), (0.23, 29, 163, 72, 29)],
    [(0.45, 43, 48, 74, 38), (0.84, 17, 155, 29, 35), (0.43, 95, 110, 25, 42)],
    [(0.48, 16, 20, 101, 88), (0.95, 33, 116, 37, 49)],
]  # fmt: skip


def rows(lists, width):
    """(N, K, width) float, rows of -1 at the end."""
    most = max(map(len, lists))
    return np.array([[*some, *[(-1,) * width] * (most - len(some))] for some in lists], float)


def corners(boxes):
    """Edges of the boxes, which in that program, as in VOC's, reach to the end of pixel x + width."""
    return np.concatenate([boxes[..., :2], boxes[..., :2] + boxes[..., 2:] + 1], axis=-1)


@pytest.mark.parametrize("rule", ["voc", "coco"])
def test_the_public_example_of_24_detections(rule):
    found, real = rows(DETECTIONS, 5), rows(OBJECTS, 4)
    detections = corners(found[..., 1:]), found[..., 0], np.where(found[..., 0] > 0, 0, -1)
    truth = corners(real), np.where(real[..., 2] > 0, 0, -1)
    assert (detections[2] == 0).sum() == 24 and (truth[1] == 0).sum() == 15
    for points, percent in (("all", 24.56), ("voc11", 26.84)):
        value = mean_average_precision(detections, truth, 1, (0.3,), points, rule)["mean"]
        assert abs(100 * value - percent) < 0.01, points


def test_the_two_rules_differ_where_the_best_object_is_found_already():
    objects = np.array([[0, 0, 10, 10], [3, 0, 13, 10]], float)
    # The second detection has IoU 9/11 with the first object, which is found, and 2/3 with the other.
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10]], float)
    assert match_detections(boxes, objects, (0.5,), "voc").tolist() == [[1, 0]]
    assert match_detections(boxes, objects, (0.5,), "coco").tolist() == [[1, 1]]
    detections = boxes[None], np.array([[0.9, 0.8]]), np.zeros((1, 2), int)
    for rule, value in (("voc", 0.5), ("coco", 1.0)):
        truth = objects[None], np.zeros((1, 2), int)
        assert mean_average_precision(detections, truth, 1, points="all", rule=rule)["mean"] == value


@pytest.mark.parametrize(
    "found, objects", [(found, objects) for objects in (10, 20, 30) for found in (3, 6, 7)]
)
def test_eleven_points_lose_none_to_rounding(found, objects):
    """Perfect up to a recall of found / 10: found + 1 of the eleven points have precision 1."""
    count = found * objects // 10
    recall = np.arange(1, count + 1) / objects
    assert average_precision(recall, np.ones(count), "voc11") == pytest.approx((found + 1) / 11, abs=1e-12)


def test_difficult_objects_are_neither_hits_nor_misses():
    objects = np.array([[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]], float)
    difficult = np.array([False, True, True])
    # The easy object; a difficult one, twice; nothing at all.
    boxes = np.array([[0, 0, 10, 10], [20, 0, 30, 10], [20, 1, 30, 10], [70, 0, 80, 10]], float)
    expected = [[TRUE_POSITIVE, NOT_COUNTED, NOT_COUNTED, FALSE_POSITIVE]]
    for rule in ("voc", "coco"):
        assert match_detections(boxes, objects, (0.5,), rule, difficult).tolist() == expected
        detections = boxes[None], np.array([[0.6, 0.9, 0.8, 0.5]]), np.zeros((1, 4), int)
        arguments = detections, (objects[None], np.zeros((1, 3), int)), 1
        result = mean_average_precision(*arguments, points="all", rule=rule, ignored=difficult[None])
        recall, precision, scores = result["curves"][0]
        assert result["mean"] == 1 and scores.tolist() == [0.6, 0.5] and precision.tolist() == [1, 0.5]
        # As objects like all others they are found or missed: precision 1 at recall 1/3, 2/3 at 2/3.
        plain = mean_average_precision(*arguments, points="all", rule=rule)["mean"]
        assert plain == pytest.approx((1 + 2 / 3) / 3)
    # A class that has difficult objects only has no average precision.
    alone = mean_average_precision(
        detections, (objects[None], np.zeros((1, 3), int)), 1, ignored=np.ones((1, 3))
    )
    assert np.isnan(alone["mean"])


def slow_voc(boxes, objects, threshold, ignored):
    """VOC's own loop (VOCdevkit, VOCevaldet.m) for one image and class."""
    found, verdicts = [False] * len(objects), []
    for box in boxes:
        best, number = -1.0, None
        for other, real in enumerate(objects):
            sides = [min(box[i + 2], real[i + 2]) - max(box[i], real[i]) for i in (0, 1)]
            if min(sides) > 0:
                areas = sum((one[2] - one[0]) * (one[3] - one[1]) for one in (box, real))
                overlap = sides[0] * sides[1] / (areas - sides[0] * sides[1])
                if overlap > best:
                    best, number = overlap, other
        if best >= threshold and ignored[number]:
            verdicts.append(NOT_COUNTED)
        elif best >= threshold and not found[number]:
            found[number] = True
            verdicts.append(TRUE_POSITIVE)
        else:
            verdicts.append(FALSE_POSITIVE)
    return verdicts


def test_vocs_rule_equals_a_slow_loop():
    rng, seen = np.random.default_rng(3), set()
    for _ in range(300):
        low = rng.integers(0, 12, (15, 2))
        boxes = np.concatenate([low, low + rng.integers(4, 12, (15, 2))], axis=-1).astype(float)
        ignored = rng.random(5) < 0.3
        for threshold in (0.3, 0.5):
            ours = match_detections(boxes[:10], boxes[10:], (threshold,), "voc", ignored)[0].tolist()
            assert ours == slow_voc(boxes[:10], boxes[10:], threshold, ignored)
            seen |= set(ours)
    assert seen == {-1, 0, 1}


def random_case(rng, images=12, classes=3, objects=4, found=9):
    """Objects, and detections that are displaced objects or nothing at all; rows of padding in both."""
    low = rng.uniform(0, 60, (images, objects, 2))
    true_boxes = np.concatenate([low, low + rng.uniform(20, 50, (images, objects, 2))], axis=-1)
    true_labels = rng.integers(0, classes, (images, objects))
    true_labels[rng.random(true_labels.shape) < 0.3] = -1
    source = rng.integers(0, objects, (images, found))
    boxes = np.take_along_axis(true_boxes, source[..., None], axis=1) + rng.normal(0, 3, (images, found, 4))
    labels = np.take_along_axis(true_labels, source, axis=1)
    labels = np.where(rng.random(labels.shape) < 0.2, rng.integers(-1, classes, labels.shape), labels)
    scores = np.round(rng.random((images, found)), 2)
    return (boxes, scores, labels), (true_boxes, true_labels), classes


def cocos(detections, truth, classes, crowd):
    """COCO's twelve numbers by pycocotools."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    def entries(boxes, labels, scores=None):
        for image in range(len(boxes)):
            for number in np.flatnonzero(labels[image] >= 0):
                x, y, right, bottom = boxes[image, number]
                row = dict(image_id=image + 1, category_id=int(labels[image, number]) + 1)
                row |= dict(bbox=[x, y, right - x, bottom - y], area=(right - x) * (bottom - y))
                if scores is None:
                    yield row | dict(iscrowd=int(crowd[image, number]))
                else:
                    yield row | dict(iscrowd=0, score=float(scores[image, number]))

    boxes, scores, labels = detections
    with contextlib.redirect_stdout(io.StringIO()):
        known = COCO()
        known.dataset = dict(
            info={},
            images=[dict(id=number + 1) for number in range(len(boxes))],
            categories=[dict(id=number + 1) for number in range(classes)],
            annotations=[row | dict(id=number + 1) for number, row in enumerate(entries(*truth))],
        )
        known.createIndex()
        evaluation = COCOeval(known, known.loadRes(list(entries(boxes, labels, scores))), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats


@pytest.mark.parametrize("crowds", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(8))
def test_equals_pycocotools(seed, crowds):
    rng = np.random.default_rng(seed)
    case = random_case(rng)
    ignored = rng.random(case[1][1].shape) < crowds
    assert np.all(case[0][0][..., 2:] > case[0][0][..., :2])  # COCO ignores boxes turned inside out
    stats = cocos(*case, ignored)
    ours = mean_average_precision(*case, thresholds=COCO_THRESHOLDS, ignored=ignored)
    assert abs(ours["mean"] - stats[0]) < 1e-9  # AP at 0.50:0.95
    assert abs(np.nanmean(ours["by_class"][:, 0]) - stats[1]) < 1e-9  # AP at 0.50
    assert abs(np.nanmean(ours["by_class"][:, 5]) - stats[2]) < 1e-9  # AP at 0.75
    assert 0.05 < ours["mean"] < 0.95


def test_equals_keras_cv():
    from keras_cv.metrics import BoxCOCOMetrics

    (boxes, scores, labels), (true_boxes, true_labels), classes = random_case(np.random.default_rng(20))
    # keras-cv takes rows of padding last, and images with equal scores in an order of its own.
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
    # Three detections, right, wrong, right, for two objects: recall 1/2, 1/2, 1 and precision 1, 1/2, 2/3.
    recall, precision = np.array([0.5, 0.5, 1.0]), np.array([1, 1 / 2, 2 / 3])
    assert abs(average_precision(recall, precision, "all") - (0.5 + 0.5 * 2 / 3)) < 1e-12
    # At recall 0 to 0.5 (6 of 11 points) precision 1, at 0.6 to 1 (5 points) 2/3.
    assert abs(average_precision(recall, precision, "voc11") - (6 + 5 * 2 / 3) / 11) < 1e-12
    assert abs(average_precision(recall, precision, "coco101") - (51 + 50 * 2 / 3) / 101) < 1e-12


def test_the_curve_is_in_order_of_score_and_leaves_out_what_is_not_counted():
    recall, precision, scores = precision_recall([0.2, 0.9, 0.5, 0.7], [FALSE_POSITIVE, 1, 1, NOT_COUNTED], 4)
    assert recall.tolist() == [0.25, 0.5, 0.5] and scores.tolist() == [0.9, 0.5, 0.2]
    np.testing.assert_allclose(precision, [1, 1, 2 / 3])


def test_an_object_is_found_once():
    box = np.array([[[0, 0, 10, 10], [0, 0, 10, 10]]], float)
    twice = (box, np.array([[0.9, 0.8]]), np.array([[0, 0]]))
    for rule in ("voc", "coco"):
        result = mean_average_precision(twice, (box[:, :1], np.array([[0]])), 1, rule=rule)
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


def test_of_each_image_and_class_the_most_confident_count():
    boxes = np.array([[[50, 0, 60, 10], [0, 0, 10, 10]]], float)
    detections = boxes, np.array([[0.9, 0.8]]), np.zeros((1, 2), int)
    truth = np.array([[[0, 0, 10, 10]]], float), np.zeros((1, 1), int)
    assert mean_average_precision(detections, truth, 1, points="all")["mean"] == 0.5
    assert mean_average_precision(detections, truth, 1, points="all", max_detections=1)["mean"] == 0


def test_refuses():
    detections, truth, classes = random_case(np.random.default_rng(0))
    with pytest.raises(InputError, match=r"\(12, 9, 4\)"):
        mean_average_precision(detections, (truth[0][:3], truth[1][:3]), classes)
    with pytest.raises(InputError, match=r"ignored \(N, K\), got .*\(12, 2\)"):
        mean_average_precision(detections, truth, classes, ignored=np.zeros((12, 2)))
    broken = detections[0].copy()
    broken[0, 0, 0] = np.nan
    with pytest.raises(InputError, match="not a finite number"):
        mean_average_precision((broken, *detections[1:]), truth, classes)
    with pytest.raises(InputError, match="coco100"):
        average_precision([1.0], [1.0], "coco100")
    with pytest.raises(InputError, match="rules are voc, coco, got 'kitti'"):
        match_detections(np.zeros((1, 4)), np.zeros((1, 4)), (0.5,), "kitti")


@pytest.mark.parametrize("rule", ["voc", "coco"])
def test_boxes_that_only_touch_share_nothing(rule):
    beside = match_detections(np.array([[0, 0, 1, 1]]), np.array([[1, 0, 2, 1]]), [0.1], rule)
    assert beside.tolist() == [[FALSE_POSITIVE]]


def test_at_a_threshold_of_one_cocos_rule_forgives_a_rounding_error():
    almost = np.array([[0, 0, 1, 1 - 5e-11]])
    assert match_detections(almost, np.array([[0, 0, 1, 1.0]]), [1.0], "coco").tolist() == [[TRUE_POSITIVE]]
    assert match_detections(almost, np.array([[0, 0, 1, 1.0]]), [1.0], "voc").tolist() == [[FALSE_POSITIVE]]


def test_flags_of_ignored_objects_may_be_numbers():
    boxes = np.array([[0.0, 0, 4, 4], [10, 10, 14, 14]])
    for rule in ("voc", "coco"):
        assert match_detections(boxes, boxes, [0.5], rule, ignored=[0, 1]).tolist() == [
            [TRUE_POSITIVE, NOT_COUNTED]
        ]
        twice = match_detections(boxes[[0, 0]], boxes[:1], [0.5], rule, ignored=[0])
        assert twice.tolist() == [[TRUE_POSITIVE, FALSE_POSITIVE]]
