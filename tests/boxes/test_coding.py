"""Boxes as corrections of anchors, and back."""

import keras
import numpy as np

from keras_cv_course.boxes.coding import decode, encode


def test_by_hand():
    anchor, box = np.float32([[0, 0, 10, 20]]), np.float32([[5, 0, 25, 20]])
    # centres 5 and 15 across; widths 10 and 20.
    codes = encode(box, anchor, (1, 1, 1, 1))
    np.testing.assert_allclose(codes, [[1, 0, np.log(2), 0]], atol=1e-6)
    np.testing.assert_allclose(encode(box, anchor), [[10, 0, 5 * np.log(2), 0]], atol=1e-5)


def test_the_published_case():
    """tensorflow/models, object_detection/box_coders/faster_rcnn_box_coder_test.py; y, x, y, x."""
    box, anchor = (np.float32([some])[:, [1, 0, 3, 2]] for some in ([10, 10, 20, 15], [15, 12, 30, 18]))
    published = np.float32([[-0.5, -0.416666, -0.405465, -0.182321]])[:, [1, 0, 3, 2]]  # ty, tx, th, tw
    np.testing.assert_allclose(encode(box, anchor, (1, 1, 1, 1)), published, atol=1e-5)
    np.testing.assert_allclose(decode(published, anchor, (1, 1, 1, 1)), box, atol=1e-4)


def test_back_and_equal_to_keras():
    rng = np.random.default_rng(5)
    low = rng.uniform(0, 40, (2, 6, 2))
    boxes = np.concatenate([low, low + rng.uniform(1, 30, (2, 6, 2))], axis=-1).astype("float32")
    anchors = boxes[:1] + np.float32([-2, -1, 3, 4])
    codes = encode(boxes, anchors)
    np.testing.assert_allclose(decode(codes, anchors), boxes, atol=1e-4)
    theirs = keras.utils.bounding_boxes.encode_box_to_deltas(
        np.broadcast_to(anchors, boxes.shape),
        boxes,
        "xyxy",
        "xyxy",
        "center_xywh",
        variance=[0.1, 0.1, 0.2, 0.2],
    )
    np.testing.assert_allclose(codes, theirs, atol=1e-4)


def test_wild_outputs_and_padding_stay_finite():
    anchors = np.float32([[0, 0, 10, 10]])
    assert np.isfinite(decode(np.float32([[1e4, -1e4, 1e4, 1e4]]), anchors)).all()
    assert np.isfinite(encode(np.full((1, 4), -1, "float32"), anchors)).all()
