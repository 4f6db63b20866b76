import keras
import numpy as np
import pytest
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.image_pool import ImagePool


def numbered(start, count):
    """Images (count, 1, 1, 1) that hold the numbers start, start + 1 ..."""
    return np.arange(start, start + count, dtype="float32").reshape(-1, 1, 1, 1)


def pool_of(size, seed=0):
    keras.utils.set_random_seed(seed)
    pool = ImagePool(size)
    pool.build((None, 1, 1, 1))
    return pool


def given(pool, images):
    return ops.convert_to_numpy(pool(images, training=True)).ravel().tolist()


def held(pool):
    return ops.convert_to_numpy(pool.images).ravel()[: int(pool.filled)].tolist()


def test_until_it_is_full_images_are_kept_and_given_back():
    pool = pool_of(5)
    assert given(pool, numbered(1, 2)) == [1, 2]
    assert given(pool, numbered(3, 3)) == [3, 4, 5]
    assert held(pool) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("batch", [1, 3, 7])
def test_no_image_is_lost_or_doubled(batch):
    """Also where one batch fills the pool and swaps."""
    pool, seen = pool_of(7), []
    for start in range(1, 1 + 10 * batch, batch):
        seen += given(pool, numbered(start, batch))
        assert len(set(held(pool))) == len(held(pool)) == min(7, start - 1 + batch)
    for number in range(1, 1 + 10 * batch):
        # The first seven were given back when they were kept; then all are once, at once or when swapped out.
        assert seen.count(number) + held(pool).count(number) == (2 if number <= 7 else 1)


def test_every_other_image_is_an_old_one_from_anywhere_in_the_pool():
    pool = pool_of(10)
    given(pool, numbered(0, 10))
    old, places, count = 0, np.zeros(10, int), 150
    for start in range(10, 10 + 5 * count, 5):
        before = held(pool)
        answers = given(pool, numbered(start, 5))
        swapped = [number for number in answers if number < start]
        old += len(swapped)
        places += np.isin(before, swapped)
    # Five standard deviations of a binomial on either side.
    assert abs(old - 5 * count / 2) < 5 * np.sqrt(5 * count / 4)
    assert np.all(np.abs(places - old / 10) < 5 * np.sqrt(old * 0.09))


def test_a_batch_larger_than_the_pool_passes_by():
    pool = pool_of(2)
    assert given(pool, numbered(1, 5)) == [1, 2, 3, 4, 5]
    answers = given(pool, numbered(6, 5))
    assert answers[2:] == [8, 9, 10] and set(answers[:2]) <= {1, 2, 6, 7}


def test_without_training_or_of_size_0_it_does_nothing():
    pool = pool_of(2)
    np.testing.assert_array_equal(pool(numbered(1, 3)), numbered(1, 3))
    assert held(pool) == []
    none = pool_of(0)
    assert given(none, numbered(1, 3)) == [1, 2, 3] and not none.weights


def test_saved_and_loaded_it_goes_on(tmp_path):
    pool = pool_of(3)
    model = keras.Sequential([pool])
    model.build((None, 1, 1, 1))
    for start in (0, 2, 4):
        given(pool, numbered(start, 2))
    model.save(tmp_path / "pool.keras")
    twin = keras.saving.load_model(tmp_path / "pool.keras").layers[0]
    assert held(twin) == held(pool)
    for start in range(6, 30, 2):
        assert given(twin, numbered(start, 2)) == given(pool, numbered(start, 2))


def test_bad_arguments_say_what_to_do():
    with pytest.raises(InputError, match="0 images or more, got -1"):
        ImagePool(-1)
    with pytest.raises(InputError, match="images of one size"):
        ImagePool(2).build((None, None, 8, 3))
