"""CenterNet: a slow forward pass, the loss by its parts, decoding of a perfect map, the export, empty images."""

import keras
import numpy as np
import pytest

from keras_cv_course.detect.center_targets import center_targets
from keras_cv_course.detect.centernet import CenterNet
from keras_cv_course.errors import InputError
from keras_cv_course.losses.penalty_reduced_focal import penalty_reduced_focal_loss
from tests.detect.served_boxes import serves_its_boxes
from tests.harness import Case, noise_images
from tests.reference.centernet_forward import centernet_forward

_boxes, _labels = np.full((4, 3, 4), -1, "float32"), np.full((4, 3), -1, "int32")
_boxes[:3, 0], _labels[:3, 0] = [2, 3, 8, 9], 1
_boxes[1:3, 1], _labels[1:3, 1] = [9, 1, 15, 12], [0, 2]  # the last image is without objects
CASES = {
    "centernet": Case(
        make=lambda: CenterNet(
            blocks=(1, 2), filters=(8, 12), large_stem=False, up_filters=(10,), head_filters=6, classes=3,
            size_weight=0.2, least_iou=0.6, offset_weight=0.9, class_names=("a", "b", "c"),
        ),
        inputs=noise_images(4, 16, 16, 2),
        targets={"boxes": _boxes, "labels": _labels},
        signature=(None, 16, 16, 2),
        large=True,
    )
}  # fmt: skip


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("options", [
    dict(blocks=(1, 2), filters=(4, 6), large_stem=False, up_filters=(5, 3)),
    dict(blocks=(1, 1), filters=(4, 4), large_stem=True, up_filters=()),
])  # fmt: skip
def test_equals_a_slow_forward_pass(options, training):
    keras.utils.set_random_seed(1)
    rng = np.random.default_rng(1)
    model = CenterNet(head_filters=4, classes=3, **options)
    model.build((None, 24, 16, 2))
    model.set_weights([w + rng.uniform(0.05, 0.4, w.shape) * (w.ndim < 2) for w in model.get_weights()])
    images = rng.normal(size=(3, 24, 16, 2)).astype("float32")
    expected = centernet_forward(model, images, training)
    outputs = model(images, training=training)
    assert outputs["heat_map"].shape == (3, 24 // model.stride, 16 // model.stride, 3)
    for name, values in expected.items():
        np.testing.assert_allclose(outputs[name], values, atol=3e-5)


def test_the_first_scores_are_a_tenth():
    keras.utils.set_random_seed(2)
    model = CenterNet.small(4)
    outputs = model(np.random.default_rng(2).random((2, 32, 32, 3), dtype="float32"))
    np.testing.assert_allclose(keras.ops.sigmoid(outputs["heat_map"]), 0.1, atol=0.02)


def perfect(boxes, labels, map_size, classes, confidence=20.0):
    """Outputs that say just what the targets say."""
    targets = center_targets(boxes, labels, map_size, 4, classes)
    heat = np.asarray(targets["heat_map"])
    outputs = {"heat_map": np.log((heat + 1e-9) / (1 - heat + 1e-9)).astype("float32")}
    for name, source in (("offset", "offsets"), ("size", "sizes")):
        values = np.zeros((len(boxes), *map_size, 2), "float32")
        for image in range(len(boxes)):
            for cell, numbers in zip(
                np.asarray(targets["cells"])[image], np.asarray(targets[source])[image], strict=True
            ):
                values[image, cell // map_size[1], cell % map_size[1]] = numbers
        outputs[name] = values
    return outputs


BOXES = np.float32([[[3, 2, 14, 21], [20, 4, 39, 12], [1, 22, 5, 28]]])
LABELS = np.array([[2, 0, 2]])


def test_a_perfect_prediction_is_decoded_as_the_truth_without_suppression():
    model = CenterNet.small(3)
    outputs = perfect(BOXES, LABELS, (8, 10), 3)
    found = {name: np.asarray(values)[0] for name, values in model.decode(outputs, 100, 0.5).items()}
    assert found["count"] == 3 and np.all(found["labels"][3:] == -1) and np.all(found["scores"][3:] == 0)
    order = [int(np.argmin(np.abs(found["boxes"][:3] - box).sum(axis=1))) for box in BOXES[0]]
    assert sorted(order) == [0, 1, 2]
    np.testing.assert_allclose(found["boxes"][order], BOXES[0], atol=1e-3)
    assert found["labels"][order].tolist() == LABELS[0].tolist()
    # More detections asked for than the map has places, and fewer than there are peaks.
    assert model.decode(outputs, 300)["boxes"].shape == (1, 300, 4)
    assert np.asarray(model.decode(outputs, 2, 0.5)["count"]).tolist() == [2]


def test_the_loss_is_the_sum_of_its_parts():
    model = CenterNet(
        filters=(4, 4), blocks=(1, 1), up_filters=(4,), classes=3, size_weight=0.3, offset_weight=0.7
    )
    outputs = perfect(BOXES, LABELS, (8, 10), 3)
    targets = {"boxes": BOXES, "labels": LABELS}
    heat = center_targets(BOXES, LABELS, (8, 10), 4, 3)["heat_map"]
    alone = float(penalty_reduced_focal_loss(heat, outputs["heat_map"]))
    assert abs(float(model.compute_loss(y=targets, y_pred=outputs)) - alone) < 1e-4
    wrong = {**outputs, "size": outputs["size"] + [1, -2], "offset": outputs["offset"] + [0.5, 0]}
    # The errors of three objects, 3 and 0.5 each: what the other places say does not count.
    wrong = {name: np.float32(values) for name, values in wrong.items()}
    expected = alone + 0.3 * 3 + 0.7 * 0.5
    assert abs(float(model.compute_loss(y=targets, y_pred=wrong)) - expected) < 1e-4


def test_images_without_objects_and_objects_without_area_train():
    keras.utils.set_random_seed(0)
    model = CenterNet.small(2, filters=(8, 8), up_filters=(8,), head_filters=8)
    model.build((None, 16, 16, 3))
    model.compile("adam", run_eagerly=True)
    images = np.random.default_rng(2).random((2, 16, 16, 3), dtype="float32")
    nothing = {"boxes": np.full((2, 1, 4), -1, "float32"), "labels": np.full((2, 1), -1)}
    point = {"boxes": np.full((2, 1, 4), 16, "float32"), "labels": np.ones((2, 1), int)}
    for targets in (nothing, point):
        assert np.isfinite(model.train_on_batch(images, targets))
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="a SavedModel is loaded with TensorFlow")
def test_the_export_detects_objects(tmp_path):
    """The second endpoint of the SavedModel, in a process that has TensorFlow only."""
    keras.utils.set_random_seed(3)
    model = CenterNet.small(3, filters=(8, 8), up_filters=(8,), head_filters=8)
    model.build((None, 16, 16, 3))
    rng = np.random.default_rng(4)
    model.set_weights([weight + rng.normal(0, 0.3, weight.shape) ** 2 for weight in model.get_weights()])
    serves_its_boxes(model, tmp_path, [rng.random((3, 16, 16, 3), dtype="float32")])


def test_refuses():
    with pytest.raises(InputError, match="multiples of 8"):
        CenterNet.small().build((None, 30, 32, 3))
    with pytest.raises(InputError, match="as many blocks as filters"):
        CenterNet(blocks=(1, 1), filters=(8,))
    with pytest.raises(InputError, match="2 times at most|3 times at most"):
        CenterNet.small(up_filters=(8, 8, 8, 8))
    with pytest.raises(InputError, match="expected 2 class names"):
        CenterNet.small(2, class_names=("one",))
