import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from sprints.day1.figures.deformable import sampling_points


@pytest.mark.parametrize("channels", (1, 3))
def test_every_point_is_tied_to_where_it_came_from(channels):
    rng = np.random.default_rng(0)
    images = rng.random((4, 6, 8, channels))
    plain = rng.uniform(0, 6, (4, 3, 3, 2))
    moved = plain + rng.normal(0, 1, plain.shape)
    figure = sampling_points(images, plain, moved, "title", ("left", "right"))
    FigureCanvasAgg(figure).draw()
    assert len(figure.axes) == 4 and [axis.get_title() for axis in figure.axes[:2]] == ["left", "right"]
    for axis, before, after in zip(figure.axes, plain, moved):
        *ties, first, second = axis.lines
        np.testing.assert_array_equal(first.get_xydata(), before.reshape(9, 2)[:, ::-1])
        np.testing.assert_array_equal(second.get_xydata(), after.reshape(9, 2)[:, ::-1])
        assert len(ties) == 9
        np.testing.assert_array_equal(ties[4].get_xydata(), [before[1, 1, ::-1], after[1, 1, ::-1]])
        # All panels have the same margin, however far a point lies outside.
        np.testing.assert_allclose((*axis.get_xlim(), *axis.get_ylim()), (-2.1, 9.1, 7.1, -2.1))
