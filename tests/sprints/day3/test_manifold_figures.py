import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from sprints.day3.figures.manifold import code_planes, surfaces_in_space, turned

rng = np.random.default_rng(0)
position = rng.uniform(0, 1, (80, 2)) * [9, 2]


@pytest.mark.parametrize("angle", (0.0, 1.0, 4.0))
@pytest.mark.parametrize("mirror", (1, -1))
def test_a_plane_is_turned_until_the_positions_grow_right_and_up(angle, mirror):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    codes = position * [1, mirror] @ turn + [5, -7]
    np.testing.assert_allclose(turned(codes, position), position - position.mean(axis=0), atol=1e-9)


def test_each_method_is_a_row_with_its_measures():
    measures = {"trustworthiness": 0.9, "correlation_along": 0.8, "correlation_across": 0.7}
    names = ("PCA", "Isomap")
    figure = code_planes(dict.fromkeys(names, position), position, dict.fromkeys(names, measures), "title")
    FigureCanvasAgg(figure).draw()
    titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert titles == ["correlation along 0.800", "correlation across 0.700"] * 2
    np.testing.assert_array_equal(figure.axes[1].collections[0].get_array(), position[:, 1])


@pytest.mark.parametrize("count", (1, 3))
def test_surfaces_with_holes_are_drawn_beside_one_another(count):
    surface = rng.random((6, 4, 3))
    surface[2, 1] = np.nan
    names = [f"surface {number}" for number in range(count)]
    figure = surfaces_in_space(rng.random((20, 3)), dict.fromkeys(names, surface), "title")
    FigureCanvasAgg(figure).draw()
    assert [axis.get_title() for axis in figure.axes] == names
