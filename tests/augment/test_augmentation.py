"""The laws of every augmentation, and the form of a batch."""

import numpy as np
import pytest

from keras_cv_course.augment.affine import random_affine, random_rotation
from keras_cv_course.augment.augmentation import augmented, checked, keep_visible, to_soft_labels
from keras_cv_course.augment.brightness import random_brightness
from keras_cv_course.augment.crop import random_crop
from keras_cv_course.augment.cutmix import random_cutmix
from keras_cv_course.augment.cutout import random_cutout
from keras_cv_course.augment.flip import random_flip
from keras_cv_course.augment.mixup import random_mixup
from keras_cv_course.augment.randaugment import random_augment
from keras_cv_course.errors import InputError
from tests.augment.boxed_batches import batch_of_boxes

TRANSFORMS = {
    "brightness": random_brightness,
    "flip": random_flip,
    "crop": random_crop,
    "rotation": random_rotation,
    "affine": random_affine,
    "cutout": random_cutout,
    "mixup": lambda batch, rng: random_mixup(batch, rng, classes=5),
    "cutmix": lambda batch, rng: random_cutmix(batch, rng, classes=5),
    "randaugment": random_augment,
}
every_transform = pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS.keys())


def soft_masks(batch):
    """The same batch with one-hot masks, which MixUp needs."""
    return {**batch, "masks": np.eye(2, dtype="float32")[batch["masks"]]}


@every_transform
def test_the_same_seed_draws_the_same_another_seed_something_else_and_nothing_else_matters(transform):
    batch = soft_masks(batch_of_boxes())
    np.random.seed(1)
    first = transform(batch, np.random.default_rng(7))
    np.random.seed(2)
    again, other = (transform(batch, np.random.default_rng(seed)) for seed in (7, 8))
    for field in first:
        np.testing.assert_array_equal(first[field], again[field], err_msg=field)
    assert (first["images"] != other["images"]).any()


@every_transform
def test_the_given_arrays_are_left_alone_and_shapes_and_dtypes_stay(transform, rng):
    for dtype in ("float32", "float64", "float16"):
        batch = soft_masks(batch_of_boxes())
        batch["images"] = batch["images"].astype(dtype)
        before = {field: values.copy() for field, values in batch.items()}
        result = transform(batch, rng)
        for field, values in before.items():
            np.testing.assert_array_equal(batch[field], values, err_msg=field)
        assert result["images"].dtype == dtype and result["images"].shape == batch["images"].shape
        assert result["masks"].dtype == "float32" and result["masks"].shape == batch["masks"].shape
        assert result["boxes"].dtype == "float32" and result["boxes"].shape[::2] == (24, 4)
        assert result["box_classes"].shape == result["boxes"].shape[:2]
        assert result["images"].min() >= 0 and result["images"].max() <= 1.001


@every_transform
def test_images_alone_and_a_batch_of_one(transform, rng):
    for count, channels in ((1, 1), (1, 3), (5, 1)):
        batch = batch_of_boxes(count, height=16, width=20, channels=channels, smallest=2)
        result = transform({"images": batch["images"]}, rng)
        assert list(result) == ["images"] and result["images"].shape == batch["images"].shape


@every_transform
def test_each_image_draws_for_itself(transform, rng):
    """Equal images come out different."""
    batch = {"images": np.repeat(batch_of_boxes(1)["images"], 16, axis=0)}
    if transform in (TRANSFORMS["mixup"], TRANSFORMS["cutmix"]):
        batch["images"] = batch["images"] * np.linspace(0.1, 1, 16, dtype="float32")[:, None, None, None]
        batch["labels"] = np.eye(16, dtype="float32")
        shares_left = np.diagonal(transform({**batch, "labels": np.arange(16) % 5}, rng)["labels"])
        assert len(np.unique(shares_left)) >= 2
        return
    result = transform(batch, rng)["images"].reshape(16, -1)
    assert len(np.unique(result, axis=0)) >= 2


@every_transform
def test_what_is_no_batch_is_refused(transform, rng):
    images = batch_of_boxes(2)["images"]
    broken = images.copy()
    broken[1, 3, 4, 0] = np.nan
    for batch, message in (
        (images, "expected a dictionary with a NumPy array `images`"),
        ({}, "expected a dictionary"),
        ({"images": images[0]}, r"one image is images\[None\]"),
        ({"images": images[:0]}, "none of these 0"),
        ({"images": (images * 255).astype("uint8")}, "images must be floats, received uint8"),
        ({"images": broken}, "images must be finite"),
        ({"images": images * np.float32(np.inf)}, "images must be finite"),
        ({"images": images, "labels": np.zeros(3, int)}, "as many labels as images"),
        ({"images": images, "masks": np.zeros((2, 5, 5))}, "masks must be as high and wide"),
        ({"images": images, "instances": np.zeros((2, 40, 48))}, "received 'instances'"),
        ({"images": images, "labels": [0, 1]}, "received 'labels', list"),
    ):
        with pytest.raises(InputError, match=message), np.errstate(invalid="ignore"):
            transform(batch, rng)


def test_images_for_colours_are_in_the_unit_range(rng):
    images = batch_of_boxes(2)["images"]
    for transform in (random_brightness, random_augment):
        for outside in (images * 255, images - 0.5):
            with pytest.raises(InputError, match=r"images must be in \[0, 1\]"):
                transform({"images": outside}, rng)
    # Images that are standardised may still be moved.
    random_affine({"images": images - 0.5}, rng)


def test_boxes_that_are_none_are_refused():
    batch = batch_of_boxes(2)
    good = batch["boxes"]
    for boxes, classes, message in (
        (good[:, 0], None, "of shape"),
        (good[..., :3], None, "of shape"),
        (good.astype(int), None, "must be floats"),
        (good[..., [2, 1, 0, 3]], None, "left <= right"),
        (good * np.float32(np.nan), None, "left <= right"),
        (good, batch["box_classes"][:, :0], "one class a box"),
    ):
        part = {"images": batch["images"], "boxes": boxes}
        if classes is not None:
            part["box_classes"] = classes
        with pytest.raises(InputError, match=message):
            checked(part)
    with pytest.raises(InputError, match="boxes must be floats"):
        checked({"images": batch["images"], "box_classes": batch["box_classes"]})


def test_boxes_of_which_less_than_a_tenth_is_left_are_dropped_with_their_class():
    whole = np.array([[[0, 0, 10, 10]] * 3 + [[-1] * 4, [3, 3, 3, 9]]], "float32")
    visible = np.array([[[9, 0, 10, 10], [9.1, 0, 10, 10], [0, 0, 0, 10], [0] * 4, [3, 3, 3, 9]]], "float32")
    batch = {"box_classes": np.array([[4, 5, 6, -1, 7]])}
    keep_visible(batch, visible, whole)
    np.testing.assert_array_equal(batch["box_classes"], [[4, -1, -1, -1, -1]])
    np.testing.assert_array_equal(batch["boxes"][0], [[9, 0, 10, 10], *[[-1] * 4] * 4])


def test_soft_labels():
    np.testing.assert_array_equal(to_soft_labels(np.array([1, 0]), 3), [[0, 1, 0], [1, 0, 0]])
    mixed = np.array([[0.25, 0.75]])
    assert to_soft_labels(mixed) is mixed and to_soft_labels(mixed, 2) is mixed
    for labels, classes, message in (
        (np.array([1, 0]), None, "give classes="),
        (np.array([1, 3]), 3, "0 to 2, received 1 to 3"),
        (np.array([-1, 2]), 3, "received -1 to 2"),
        (np.array([[1], [0]]), 3, r"becomes \(N,\)"),
        (np.array([0.5, 1.0]), 3, "integers or"),
        (mixed, 3, "soft labels of 3 classes"),
        (np.array([[0.5, 0.6]]), None, "sum to 1"),
        (np.array([[1.5, -0.5]]), None, "not be negative"),
        (np.array([[np.nan, 1.0]]), None, "sum to 1"),
    ):
        with pytest.raises(InputError, match=message):
            to_soft_labels(labels, classes)


def dataset(count=10, size=4):
    import tensorflow as tf

    images = np.arange(count, dtype="float32")[:, None, None, None] * np.ones((1, 8, 8, 1), "float32") / count
    return tf.data.Dataset.from_tensor_slices((images, np.arange(count))).batch(size)


def drawn(made):
    return [np.concatenate([images.ravel() for images, _ in made.as_numpy_iterator()]) for _ in range(3)]


def test_augmented_draws_anew_in_every_epoch_and_again_alike_in_the_next_run():
    first, again = (drawn(augmented(dataset(), random_brightness, seed=3)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert len(np.unique(first, axis=0)) == 3
    (other, *_) = drawn(augmented(dataset(), random_brightness, seed=4))
    assert (other != first[0]).any()


def test_augmented_takes_the_epoch_from_the_clock_so_that_a_resumed_run_goes_on_alike():
    whole, clock = drawn(augmented(dataset(), random_brightness, seed=3)), [0]
    resumed = augmented(dataset(), random_brightness, seed=3, clock=clock)
    for epoch in (2, 1, 0):
        clock[0] = epoch
        values = np.concatenate([images.ravel() for images, _ in resumed.as_numpy_iterator()])
        np.testing.assert_array_equal(values, whole[epoch])


def test_augmented_changes_labels_and_their_shape_and_keeps_order_and_length():
    made = augmented(dataset(), lambda batch, rng: random_mixup(batch, rng, classes=10), seed=0)
    batches = list(made.as_numpy_iterator())
    assert len(made) == 3 == len(batches)
    assert [labels.shape for _, labels in batches] == [(4, 10), (4, 10), (2, 10)]
    for images, labels in batches:  # an image of the class k is k / 10 everywhere
        np.testing.assert_allclose(images[:, 0, 0, 0], labels @ np.arange(10) / 10, atol=1e-6)
    plain = list(augmented(dataset(), lambda batch, rng: batch, seed=0).as_numpy_iterator())
    assert np.concatenate([labels for _, labels in plain]).tolist() == list(range(10))


def test_augmented_wants_a_name_for_each_array():
    with pytest.raises(InputError, match="expected 3 arrays a batch"):
        augmented(dataset(), random_flip, seed=0, fields=("images", "labels", "masks"))
