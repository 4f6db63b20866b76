import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from sprints.day3.figures.autoencode import latent_sweep


@pytest.mark.parametrize("sizes", ([8], [2, 4, 8, 16], [3, 50, 1000]))
def test_lines_and_ticks_are_the_numbers_that_were_given(sizes):
    errors = {"network": [0.5 / size for size in sizes], "PCA": [1e-5 / size for size in sizes]}
    figure = latent_sweep(sizes, errors, 64, "title", single={"other": (sizes[-1], 0.3)})
    FigureCanvasAgg(figure).draw()
    (axis,) = figure.axes
    for line, (name, values) in zip(axis.lines, errors.items()):
        assert line.get_label() == name
        np.testing.assert_array_equal(line.get_ydata(), values)
    other = axis.lines[-1]
    assert (other.get_label(), *other.get_xydata()[0]) == ("other", sizes[-1], 0.3)
    low, high = axis.get_ylim()
    assert low < 0.3 < high
    assert [label.get_text() for label in axis.get_xticklabels()] == [str(size) for size in sizes]
    (above,) = axis.child_axes
    assert above.get_xticklabels()[0].get_text() == f"{64 / sizes[0]:.3g}x"
