"""Where Keras' own augmentation layers serve as well as ours, and where they do not (Keras 3.15).

When one of the latter fails after an upgrade, Keras has changed, and the lesson may use its layer.
"""

import keras
import numpy as np
import pytest

from tests.augment.boxed_batches import batch_of_boxes, bounds

layers = keras.layers
tensorflow_only = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="seen on TensorFlow")
pytestmark = tensorflow_only


def called(layer, batch):
    """The layer on a dictionary of ours, in the names of Keras."""
    names = {"images": "images", "labels": "labels", "masks": "segmentation_masks"}
    given = {names[field]: batch[field] for field in names if field in batch}
    if "masks" in batch:
        given["segmentation_masks"] = batch["masks"][..., None]
    if "boxes" in batch:
        given["bounding_boxes"] = {"boxes": batch["boxes"], "labels": batch["box_classes"]}
    made = layer(given, training=True)
    return {name: np.asarray(value) for name, value in made.items() if name != "bounding_boxes"} | (
        {"boxes": np.asarray(made["bounding_boxes"]["boxes"])} if "boxes" in batch else {}
    )


@pytest.mark.parametrize(
    "layer",
    (
        lambda: layers.RandomFlip("horizontal", seed=1, bounding_box_format="xyxy"),
        lambda: layers.RandomRotation(0.1, fill_mode="constant", seed=1, bounding_box_format="xyxy"),
    ),
    ids=("flip", "rotation"),
)
def test_flip_and_rotation_take_masks_and_boxes_along(layer):
    """These serve as well as ours, once the format of the boxes is said."""
    batch = batch_of_boxes(16, height=48, width=48)
    made = called(layer(), batch)
    masks = made["segmentation_masks"][..., 0]
    assert set(np.unique(masks)) <= {0, 1} and (masks != batch["masks"]).any()
    inside = 0
    for box, mask in zip(made["boxes"][:, 0], masks):
        if box.min() > 0 and box.max() < 48:
            inside += 1
            assert np.abs(box - bounds(mask)).max() <= 1.1
    assert inside >= 8


def test_mixup_serves_for_one_hot_labels_alone():
    numbers = np.arange(16)
    images = np.tile(numbers[:, None, None, None], (1, 4, 4, 1)).astype("float32")
    one_hot = np.eye(16, dtype="float32")
    made = called(layers.MixUp(1.0, seed=1), {"images": images, "labels": one_hot})
    np.testing.assert_allclose(made["images"][:, 0, 0, 0], made["labels"] @ numbers, atol=1e-4)
    with pytest.raises(Exception, match="expected to be a float tensor"):
        called(layers.MixUp(1.0), {"images": images, "labels": numbers})
    masks = np.zeros((16, 4, 4), "float32")
    made = called(layers.MixUp(1.0), {"images": images, "labels": one_hot, "masks": masks})
    assert made["segmentation_masks"].shape == (16, 4, 4, 16)  # in place of (16, 4, 4, 1)


def test_cutmix_miscounts_the_pixels():
    """Its patch has sides that are no whole numbers of pixels; the label counts them all the same."""
    count, side = 64, 32
    images = np.tile(np.arange(count, dtype="float32")[:, None, None, None], (1, side, side, 3))
    one_hot = np.eye(count, dtype="float32")
    made = called(layers.CutMix(seed=1), {"images": images, "labels": one_hot})
    owners = np.round(made["images"][..., 0]).astype(int).reshape(count, -1)
    counted = np.stack([np.bincount(pixels, minlength=count) for pixels in owners]) / side**2
    assert 0.02 < np.abs(made["labels"] - counted).max() < 0.1
    with pytest.raises(Exception, match="expected to be a float tensor"):
        called(layers.CutMix(), {"images": images, "labels": np.arange(count)})
    masks = np.zeros((count, side, side), "float32")
    made = called(layers.CutMix(), {"images": images, "labels": one_hot, "masks": masks})
    assert made["segmentation_masks"].shape[-1] == 3  # in place of 1


def test_randaugment_draws_its_operation_once_for_the_whole_batch():
    """The paper's draws for each image. Equal images through one operation without a sign stay equal."""
    images = np.repeat(batch_of_boxes(1, channels=3)["images"], 16, axis=0)
    layer = layers.RandAugment((0, 1), num_ops=1, factor=0.5, seed=3)
    kinds = []
    for _ in range(12):
        made = np.asarray(layer(images, training=True)).reshape(16, -1).round(4)
        kinds.append(len(np.unique(made, axis=0)))
    assert 1 in kinds  # auto contrast, equalization, posterization: all 16 alike
    # Drawn for each of 16 images out of 11, one operation for all would be a chance of 11^-15.
