import numpy as np
import pytest

from keras_cv_course.augment.flip import flip, random_flip
from keras_cv_course.errors import InputError
from tests.augment.boxed_batches import batch_of_boxes, bounds


def test_twice_is_the_identity(boxed):
    chosen = np.arange(24) % 3 == 0
    twice = flip(flip(boxed, chosen), chosen)
    for field, values in boxed.items():
        np.testing.assert_array_equal(twice[field], values, err_msg=field)


def test_boxes_follow_the_mask_exactly_and_only_chosen_images_change(boxed):
    chosen = np.arange(24) % 2 == 0
    result = flip(boxed, chosen)
    for index in range(24):
        np.testing.assert_array_equal(result["boxes"][index, 0], bounds(result["masks"][index]))
        assert ((result["images"][index] == 1).all(axis=-1) == (result["masks"][index] == 1)).all()
        turn = np.s_[:, ::-1] if chosen[index] else np.s_[:]
        np.testing.assert_array_equal(result["images"][index], boxed["images"][index][turn])
    np.testing.assert_array_equal(result["labels"], boxed["labels"])


def test_where_there_is_no_box_there_is_none_afterwards(boxed):
    boxed["boxes"][3], boxed["box_classes"][3] = -1, -1
    result = flip(boxed, np.ones(24, bool))
    assert (result["boxes"][3] == -1).all() and (result["boxes"][4] >= 0).all()


def test_the_probability_is_the_share_of_mirrored_images(rng):
    images = np.tile(np.array([0.0, 1.0], "float32").reshape(1, 1, 2, 1), (10_000, 1, 1, 1))
    for probability in (0, 0.3, 1):
        share = random_flip({"images": images}, rng, probability)["images"][:, 0, 0, 0].mean()
        assert abs(share - probability) < 0.02  # four standard deviations


def test_bad_arguments(rng):
    batch = batch_of_boxes(2)
    for probability in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match="a probability is in"):
            random_flip(batch, rng, probability)
    for chosen in ([True], [0, 1], [[True, False]]):
        with pytest.raises(InputError, match="chosen must be 2 times True or False"):
            flip(batch, chosen)
