import keras
import pytest

from keras_cv_course.classify.seven_networks import PUBLISHED, small_networks
from keras_cv_course.errors import InputError


def test_seven_published_and_a_small_one_of_each_in_the_order_of_their_years():
    names, years, *_ = zip(*PUBLISHED)
    assert list(years) == sorted(years)
    small = small_networks(8, "3x3", 4)
    assert [name.split("-")[0] for name in names] == [name.split("-")[0] for name in small]


@pytest.mark.parametrize("stem", ["3x3", "7x7"])
def test_small_networks_are_small_and_take_small_images(stem):
    for name, network in small_networks(20, stem, 10).items():
        network.build((None, 32, 32, 1))
        assert 20_000 < network.count_params() < 300_000, name
        assert network(keras.KerasTensor((None, 32, 32, 1))).shape == (None, 10), name


def test_depths_that_do_not_exist_are_refused():
    with pytest.raises(InputError, match="6n \\+ 2"):
        small_networks(10, "3x3", 10)
