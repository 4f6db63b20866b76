"""YOLO: the published shape, a forward pass in NumPy, the grid by hand, the loss in a slow loop, empty images."""

import keras
import numpy as np
import pytest

from keras_cv_course.detect.yolo import YOLO, boxes_of_cells, grid_targets, yolo_loss
from keras_cv_course.errors import InputError
from tests.detect.served_boxes import serves_its_boxes
from tests.harness import Case, noise_images
from tests.reference.yolo_forward import yolo_forward

_boxes, _labels = np.full((4, 3, 4), -1, "float32"), np.full((4, 3), -1, "int32")
_boxes[:3, 0], _labels[:3, 0] = [2, 3, 8, 9], 1
_boxes[1:3, 1], _labels[1:3, 1] = [9, 1, 15, 12], [0, 2]  # the last image is without objects
CASES = {
    "yolo": Case(
        make=lambda: YOLO(
            convolutions=((8, 3, 1), "pool", (10, 3, 2)), units=16, grid=4, boxes=3, classes=3, dropout=0.2,
            batch_norm=True, bounded=True, lambda_coord=4.0, lambda_noobj=0.4, class_names=("a", "b", "c"),
        ),
        inputs=noise_images(4, 16, 16, 2),
        targets={"boxes": _boxes, "labels": _labels},
        signature=(None, 16, 16, 2),
        published={"24 convolutions, 7x7x30": (YOLO, (None, 448, 448, 3), 271_703_550)},
        large=True,
    )
}  # fmt: skip


def test_the_published_shape():
    model = YOLO()
    assert model.grid**2 * (5 * model.boxes + model.classes) == 7 * 7 * 30 == 1_470
    assert sum(one != "pool" for one in model.convolutions) == 24
    assert model.compute_output_shape((None, 448, 448, 3)) == {"cells": (None, 7, 7, 30)}


def reference(model, images, **more):
    """The cells by `yolo_forward` with the model's weights."""
    layers, rows = iter(model.body), []
    for row in model.convolutions:
        if row == "pool":
            next(layers)
            rows.append("pool")
            continue
        conv, norm = next(layers), next(layers) if model.batch_norm else None
        next(layers)
        bias = None if conv.bias is None else np.array(conv.bias)
        statistics = norm and [np.array(weight) for weight in norm.get_weights()]
        rows.append((np.array(conv.kernel), bias, statistics, row[2]))
    dense = [(np.array(layer.kernel), np.array(layer.bias)) for layer in model.head]
    return yolo_forward(images, rows, dense, model.grid, model.boxes, model.bounded, **more)


def random_weights(model, rng):
    """Biases that are not 0, running variances that are not 1."""
    weights = model.get_weights()
    model.set_weights(
        [weight + rng.uniform(0.05, 0.4, weight.shape) * (weight.ndim < 2) for weight in weights]
    )


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("bounded", [False, True])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("units", [None, 9])
def test_equals_a_slow_forward_pass(units, batch_norm, bounded, training):
    rng = np.random.default_rng(6)
    keras.utils.set_random_seed(6)
    model = YOLO(
        convolutions=((6, 7, 2), "pool", (4, 1, 1), (8, 3, 1), (5, 3, 2)), units=units, grid=3, boxes=2, classes=4,
        dropout=0.0, batch_norm=batch_norm, bounded=bounded,
    )  # fmt: skip
    model.build((None, 22, 22, 2))
    random_weights(model, rng)
    images = rng.normal(size=(4, 22, 22, 2)).astype("float32")
    expected = reference(model, images, training=training)
    assert (expected < 0).any() or bounded
    np.testing.assert_allclose(model(images, training=training)["cells"], expected, atol=2e-5)


def test_dropout_follows_the_first_dense_layer_and_only_in_training():
    """A last layer that passes the hidden numbers on shows them: each is 0 or 1 / (1 - rate) times as large."""
    keras.utils.set_random_seed(7)
    rng = np.random.default_rng(7)
    model = YOLO(convolutions=((4, 3, 2),), units=36, grid=2, boxes=1, classes=4, dropout=0.25)
    model.build((None, 8, 8, 3))
    random_weights(model, rng)
    model.head[1].set_weights([np.eye(36, dtype="float32"), np.zeros(36, "float32")])
    images = rng.normal(size=(200, 8, 8, 3)).astype("float32")
    plain = reference(model, images)
    np.testing.assert_allclose(model(images)["cells"], plain, atol=2e-5)
    cells = np.asarray(model(images, training=True)["cells"])
    dropped = np.where(cells == 0, 0, 1 / 0.75)
    np.testing.assert_allclose(cells, reference(model, images, dropped=dropped.reshape(200, 36)), atol=2e-5)
    assert abs(np.mean(dropped == 0) - 0.25) < 0.02


def test_an_object_by_hand():
    # An image 40 high and 80 wide, 4x4 cells of 10 high and 20 wide; centre (50, 15): row 1, column 2.
    boxes = np.float32([[[40, 5, 60, 25], [-1, -1, -1, -1]]])
    mask, box, label = (np.asarray(some) for some in grid_targets(4, boxes, np.array([[7, -1]]), (40, 80)))
    assert np.argwhere(mask).tolist() == [[0, 1, 2]] and label[0, 1, 2] == 7
    np.testing.assert_allclose(box[0, 1, 2], [0.5, 0.5, np.sqrt(20 / 80), np.sqrt(20 / 40)], rtol=1e-5)


def test_back_again_for_every_cell():
    rng = np.random.default_rng(0)
    low = rng.uniform(0, 30, (50, 1, 2))
    boxes = np.concatenate([low, low + rng.uniform(1, 30, (50, 1, 2))], axis=-1).astype("float32")
    mask, box, _ = grid_targets(6, boxes, np.zeros((50, 1), int), (64, 64))
    back = np.asarray(boxes_of_cells(np.asarray(box)[..., None, :]))[np.asarray(mask)][:, 0] * 64
    np.testing.assert_allclose(back, boxes[:, 0], atol=1e-3)


def test_edges_padding_and_two_in_one_cell():
    boxes = np.float32([[[60, 60, 64, 64], [62, 62, 64, 64], [64, 64, 64, 64]]])
    mask, box, label = grid_targets(8, boxes, np.array([[3, 5, 6]]), (64, 64))
    assert np.asarray(mask).sum() == 1 and np.asarray(label)[0, 7, 7] == 3
    assert np.isfinite(box).all()


def slow_loss(cells, objects, grid, lambda_coord, lambda_noobj):
    """Eq. 3 of the paper, box after box; cells (S, S, 13) of one image: 2 boxes, 3 classes."""

    def overlap(one, other):
        shared = 1.0
        for axis in (0, 1):
            shared *= max(0.0, min(one[axis + 2], other[axis + 2]) - max(one[axis], other[axis]))
        sizes = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
        return shared / (sum(sizes) - shared)

    def corners(x, y, root_w, root_h, row, column):
        x, y, w, h = (x + column) / grid, (y + row) / grid, root_w**2, root_h**2
        return x - w / 2, y - h / 2, x + w / 2, y + h / 2

    total = 0.0
    for row in range(grid):
        for column in range(grid):
            numbers = cells[row, column]
            boxes, classes = numbers[:10].reshape(2, 5), numbers[10:]
            real = objects.get((row, column))
            best = None
            if real is not None:
                x, y, w, h, label = real
                truth = corners(x, y, np.sqrt(w), np.sqrt(h), row, column)
                overlaps = [overlap(corners(*box[:4], row, column), truth) for box in boxes]
                best = int(np.argmax(overlaps))
                box = boxes[best]
                total += lambda_coord * ((box[0] - x) ** 2 + (box[1] - y) ** 2)
                total += lambda_coord * ((box[2] - np.sqrt(w)) ** 2 + (box[3] - np.sqrt(h)) ** 2)
                total += (box[4] - overlaps[best]) ** 2
                total += sum((classes[one] - (one == label)) ** 2 for one in range(3))
            total += sum(lambda_noobj * box[4] ** 2 for number, box in enumerate(boxes) if number != best)
    return total


def test_the_loss_equals_the_papers_sum():
    rng = np.random.default_rng(1)
    model = YOLO(grid=3, boxes=2, classes=3)
    cells = rng.random((2, 3, 3, 13)).astype("float32")
    # Object centres as fractions of the image of 30x30: cells (0, 2) and (1, 1); the second image is empty.
    boxes = np.float32([[[20, 2, 28, 8], [9, 12, 18, 21]], [[-1] * 4, [-1] * 4]])
    labels = np.array([[2, 0], [-1, -1]])
    targets = grid_targets(3, boxes, labels, (30, 30))
    ours = float(yolo_loss(model.split(cells), targets, 5.0, 0.5))
    objects = {(0, 2): (0.4, 0.5, 8 / 30, 6 / 30, 2), (1, 1): (0.35, 0.65, 9 / 30, 9 / 30, 0)}
    expected = (slow_loss(cells[0], objects, 3, 5.0, 0.5) + slow_loss(cells[1], {}, 3, 5.0, 0.5)) / 2
    assert abs(ours - expected) < 1e-4


def test_images_without_objects_and_objects_of_one_pixel_train():
    keras.utils.set_random_seed(0)
    model = YOLO.small(classes=2)
    model.build((None, 64, 64, 3))
    model.compile("adam")
    images = np.random.default_rng(2).random((4, 64, 64, 3), dtype="float32")
    nothing = {"boxes": np.full((4, 2, 4), -1, "float32"), "labels": np.full((4, 2), -1)}
    tiny = {"boxes": np.tile(np.float32([3, 3, 4, 4]), (4, 2, 1)), "labels": np.ones((4, 2), int)}
    # From no object to three in one batch; no object of class 0 in it; one of no extent at all.
    mixed = {"boxes": np.full((4, 3, 4), -1, "float32"), "labels": np.full((4, 3), -1)}
    mixed["boxes"][1, 0], mixed["boxes"][2] = [8, 8, 40, 20], [[1, 1, 9, 9], [63, 63, 64, 64], [5, 5, 5, 5]]
    mixed["labels"][1, 0], mixed["labels"][2] = 1, 1
    for targets in (nothing, tiny, mixed):
        assert np.isfinite(model.fit(images, targets, verbose=0).history["loss"][0])
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_a_perfect_prediction_is_decoded_as_the_truth():
    model = YOLO(grid=4, boxes=2, classes=3)
    model.size = (40, 80)
    boxes = np.float32([[[40, 5, 60, 25], [2, 28, 14, 39]]])
    mask, box, label = (np.asarray(some) for some in grid_targets(4, boxes, np.array([[2, 0]]), (40, 80)))
    cells = np.zeros((1, 4, 4, 13), "float32")
    for row, column in np.argwhere(mask[0]):
        cells[0, row, column, 5:9], cells[0, row, column, 9] = box[0, row, column], 0.9
        cells[0, row, column, 10 + label[0, row, column]] = 1
    found = model.decode(cells, max_detections=4)
    labels = np.asarray(found["labels"])[0]
    assert np.asarray(found["count"]).tolist() == [2]
    assert sorted(labels.tolist()) == [-1, -1, 0, 2]
    for number, one in enumerate((2, 0)):
        np.testing.assert_allclose(
            np.asarray(found["boxes"])[0, labels == one][0], boxes[0, number], atol=1e-3
        )


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="a SavedModel is loaded with TensorFlow")
def test_the_export_detects_objects(tmp_path):
    """The second endpoint of the SavedModel, in a process that has TensorFlow only, for two batch sizes."""
    keras.utils.set_random_seed(3)
    model = YOLO.small(3, convolutions=((8, 3, 2), (8, 3, 2)), grid=4)
    model.build((None, 16, 16, 3))
    # Batch normalization as after a training, so that the cells differ.
    rng = np.random.default_rng(4)
    model.set_weights([weight + rng.normal(0, 0.3, weight.shape) ** 2 for weight in model.get_weights()])
    serves_its_boxes(model, tmp_path, [rng.random((count, 16, 16, 3), dtype="float32") for count in (1, 3)])


def test_refuses():
    with pytest.raises(InputError, match="must be the grid"):
        YOLO.small().build((None, 32, 32, 3))
    with pytest.raises(InputError, match="one size"):
        YOLO.small().build((None, None, None, 3))
    with pytest.raises(InputError, match="boxes=0"):
        YOLO(boxes=0)
    with pytest.raises(InputError, match="expected 2 class names"):
        YOLO(classes=2, class_names=("one", "two", "three"))


def test_the_confidence_learns_the_iou_and_no_place_learns_from_the_confidence():
    """With lambda_coord = 0 the places have no gradient: their columns of the last layer stay."""
    keras.utils.set_random_seed(0)
    kinds = dict(units=None, grid=2, boxes=2, classes=2, dropout=0.0, bounded=True, lambda_coord=0.0)
    model = YOLO(convolutions=[(3, 3, 2), (4, 3, 2)], **kinds)
    model.build((None, 8, 8, 1))
    images = np.random.default_rng(0).random((4, 8, 8, 1), dtype="float32")
    boxes = np.float32([[[1, 1, 6, 7]], [[2, 0, 8, 4]], [[0, 0, 3, 8]], [[3, 3, 8, 8]]])
    before = np.array(model.head[0].kernel)
    model.compile(keras.optimizers.SGD(0.1))
    model.train_on_batch(images, {"boxes": boxes, "labels": np.array([[0], [1], [0], [1]])})
    moved = np.abs(np.array(model.head[0].kernel) - before).max(axis=(0, 1, 2))
    places = np.isin(np.arange(12), (0, 1, 2, 3, 5, 6, 7, 8))
    assert np.all(moved[places] == 0) and np.all(moved[~places] > 0)
