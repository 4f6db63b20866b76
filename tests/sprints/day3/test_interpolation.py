import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from sprints.day3.figures.autoencode import interpolation


@pytest.mark.parametrize("shape", ((8, 8, 1), (7, 11, 3)))
@pytest.mark.parametrize(("count", "steps"), ((1, 1), (3, 4)))
def test_two_strips_a_pair(shape, count, steps):
    rng = np.random.default_rng(0)
    pairs = [rng.random((2, steps, *shape), dtype="float32") for _ in range(count)]
    figure = interpolation(pairs, "title")
    FigureCanvasAgg(figure).draw()
    axes = [axis for block in figure.subfigs for axis in block.axes]
    assert len(axes) == 2 * steps * count
    shown = [np.asarray(axis.images[0].get_array()).squeeze() for axis in axes]
    np.testing.assert_array_equal(shown[steps], pairs[0][1][0].squeeze())
    assert {axis.get_ylabel() for axis in axes} - {""} == {"decoded\ncodes", "cross-fade"}


def test_strips_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        interpolation([(np.zeros((4, 2, 2, 1)), np.zeros((3, 2, 2, 1)))], "title")
