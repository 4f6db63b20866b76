"""Suppression against a slow loop, TensorFlow's own and its published case, and ONNX' reference."""

import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from keras_cv_course.boxes.suppression import multiclass_non_max_suppression, non_max_suppression
from keras_cv_course.errors import InputError


def crowd(rng, count):
    low = rng.integers(0, 20, (count, 2))
    boxes = np.concatenate([low, low + rng.integers(2, 20, (count, 2))], axis=-1).astype("float32")
    return boxes, np.round(rng.random(count), 2).astype("float32")


def overlap(one, other):
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (
        (one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1]) - shared
    )


def slow(boxes, scores, threshold, most, classes=None):
    left = [i for i in sorted(range(len(boxes)), key=lambda i: (-scores[i], i)) if scores[i] > 0]
    kept = []
    while left and len(kept) < most:
        best = left.pop(0)
        kept.append(best)
        left = [
            i
            for i in left
            if overlap(boxes[best], boxes[i]) <= threshold
            or (classes is not None and classes[i] != classes[best])
        ]
    return kept + [-1] * (most - len(kept))


@pytest.mark.parametrize("classes", [1, 3])
def test_equals_the_slow_loop_on_a_thousand_sets(classes):
    rng = np.random.default_rng(6)
    sets = [crowd(rng, 12) for _ in range(1000)]
    boxes, scores = (np.stack(some) for some in zip(*sets, strict=True))
    labels = rng.integers(0, classes, scores.shape)
    ours = np.asarray(non_max_suppression(boxes, scores, 0.37, 8, labels if classes > 1 else None))
    for number in range(1000):
        expected = slow(boxes[number], scores[number], 0.37, 8, labels[number])
        assert ours[number].tolist() == expected, (boxes[number], scores[number])


def test_equals_tensorflows():
    rng = np.random.default_rng(7)
    for _ in range(50):
        boxes, _ = crowd(rng, 40)
        scores = (rng.permutation(40) / 40 + 0.01).astype("float32")
        theirs = tf.image.non_max_suppression(boxes[:, [1, 0, 3, 2]], scores, 15, 0.43).numpy().tolist()
        ours = np.asarray(non_max_suppression(boxes[None], scores[None], 0.43, 15))[0].tolist()
        assert ours == theirs + [-1] * (15 - len(theirs))


# TensorFlow's own test of its operator (core/kernels/image/non_max_suppression_op_test.cc); y, x, y, x.
PUBLISHED = np.float32(
    [[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, -0.1, 1, 0.9], [0, 10, 1, 11], [0, 10.1, 1, 11.1], [0, 100, 1, 101]]
)[:, [1, 0, 3, 2]]
PUBLISHED_SCORES = np.float32([0.9, 0.75, 0.6, 0.95, 0.5, 0.3])


def test_tensorflows_published_case():
    kept = non_max_suppression(PUBLISHED[None], PUBLISHED_SCORES[None], 0.5, 6)
    assert np.asarray(kept).tolist() == [[3, 0, 5, -1, -1, -1]]
    assert np.asarray(non_max_suppression(PUBLISHED[None], PUBLISHED_SCORES[None], 0.5, 2)).tolist() == [
        [3, 0]
    ]


def test_equals_the_reference_of_onnx():
    """`onnx.reference` computes operators in plain NumPy; its NonMaxSuppression knows batches and classes."""
    pytest.importorskip("onnx")
    from onnx import TensorProto, helper
    from onnx.reference import ReferenceEvaluator

    names = ("boxes", "scores", "most", "iou", "least")
    kinds = (TensorProto.FLOAT, TensorProto.FLOAT, TensorProto.INT64, TensorProto.FLOAT, TensorProto.FLOAT)
    ins = [helper.make_tensor_value_info(name, kind, None) for name, kind in zip(names, kinds, strict=True)]
    outs = [helper.make_tensor_value_info("kept", TensorProto.INT64, None)]
    node = helper.make_node("NonMaxSuppression", names, ["kept"])
    graph = helper.make_graph([node], "suppression", ins, outs)
    session = ReferenceEvaluator(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)]))
    rng = np.random.default_rng(11)
    boxes = np.stack([crowd(rng, 20)[0] for _ in range(20)])
    scores = (
        np.stack([rng.permuted(np.arange(1, 41)).reshape(20, 2) for _ in range(20)]).astype("float32") / 41
    )
    limits = np.int64([6]), np.float32([0.37]), np.float32([0.2])
    fed = dict(zip(names, (boxes[..., [1, 0, 3, 2]], scores.transpose(0, 2, 1), *limits), strict=True))
    theirs = session.run(None, fed)[0]  # rows of image, class, box
    for label in range(2):
        strong = np.where(scores[..., label] > 0.2, scores[..., label], 0)
        ours = np.asarray(non_max_suppression(boxes, strong, 0.37, 6))
        for image in range(20):
            mine = theirs[(theirs[:, 0] == image) & (theirs[:, 1] == label), 2].tolist()
            assert ours[image].tolist() == mine + [-1] * (6 - len(mine))


def test_per_class_equals_one_class_after_the_other():
    rng = np.random.default_rng(8)
    boxes, _ = crowd(rng, 30)
    scores = rng.random((30, 3)).astype("float32")
    found, sure, labels = (
        np.asarray(some)[0]
        for some in multiclass_non_max_suppression(boxes[None], scores[None], 0.5, 60, 0.2)
    )
    for one in range(3):
        strong = np.where(scores[:, one] >= 0.2, scores[:, one], 0)
        expected = [i for i in slow(boxes, strong, 0.5, 60) if i >= 0]
        np.testing.assert_array_equal(found[labels == one], boxes[expected])
        np.testing.assert_array_equal(sure[labels == one], strong[expected])
    assert np.all(np.diff(sure) <= 0)
    empty = labels == -1
    assert empty.any() and np.all(found[empty] == -1) and np.all(sure[empty] == 0)


def test_nothing_to_find():
    found, sure, labels = multiclass_non_max_suppression(
        np.zeros((2, 5, 4), "float32"), np.zeros((2, 5, 2), "float32"), max_detections=3
    )
    assert (
        np.all(np.asarray(found) == -1) and np.all(np.asarray(sure) == 0) and np.all(np.asarray(labels) == -1)
    )


def test_runs_compiled_and_exported_with_a_free_batch():
    rng = np.random.default_rng(9)
    boxes, scores = (np.stack(some) for some in zip(*[crowd(rng, 10) for _ in range(3)], strict=True))
    eager = np.asarray(non_max_suppression(boxes, scores, 0.4, 5))
    kinds = [tf.TensorSpec((None, 10, 4), tf.float32), tf.TensorSpec((None, 10), tf.float32)]
    graph = tf.function(
        lambda boxes, scores: non_max_suppression(boxes, scores, 0.4, 5), input_signature=kinds
    )
    np.testing.assert_array_equal(graph(boxes, scores), eager)
    compiled = tf.function(lambda boxes, scores: non_max_suppression(boxes, scores, 0.4, 5), jit_compile=True)
    np.testing.assert_array_equal(
        compiled(ops.convert_to_tensor(boxes), ops.convert_to_tensor(scores)), eager
    )


def test_refuses():
    with pytest.raises(InputError, match="iou_threshold=1.5"):
        non_max_suppression(np.zeros((1, 2, 4), "float32"), np.zeros((1, 2), "float32"), 1.5)
