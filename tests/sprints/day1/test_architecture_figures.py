"""The figures of day1.architectures show the numbers that they were given."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from keras_cv_course.plot.text_table import text_table
from sprints.day1.figures.architectures import cost_chart, depth_profiles


def test_every_model_is_a_point_in_every_panel():
    accuracy = {"one": 0.5, "two": 0.7}
    costs = {"weights": {"one": 10, "two": 20}, "seconds": {"one": 2.0, "two": 1.0}}
    figure = cost_chart(accuracy, costs, "title", line=(0.2, "simple"))
    FigureCanvasAgg(figure).draw()
    for panel, (cost, values) in zip(figure.axes, costs.items()):
        assert panel.get_xlabel() == cost
        *points, line = panel.lines
        for point, name in zip(points, accuracy):
            assert point.get_label() == name
            np.testing.assert_array_equal(point.get_xydata(), [[values[name], accuracy[name]]])
        assert set(line.get_ydata()) == {0.2} and line.get_label() == "simple"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["one", "two", "simple"]


def test_layers_are_counted_from_one_on_a_shared_logarithmic_axis():
    groups = {"plain": {"2 layers": [1, 10], "3 layers": [1, 2, 3]}, "residual": {"2 layers": [4, 5]}}
    figure = depth_profiles(groups, "title", "norm")
    FigureCanvasAgg(figure).draw()
    assert len(figure.axes) == 2
    for panel, (group, networks) in zip(figure.axes, groups.items()):
        assert panel.get_title() == group and panel.get_yscale() == "log"
        for line, (name, values) in zip(panel.lines, networks.items(), strict=True):
            assert line.get_label() == name
            np.testing.assert_array_equal(
                line.get_xydata(), list(zip(range(1, len(values) + 1), values, strict=True))
            )
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()


def test_cells_are_where_they_belong():
    figure = text_table(("name", "count"), [["first", 1234567], ["second", 8]], "title")
    FigureCanvasAgg(figure).draw()
    (table,) = figure.axes[0].tables
    words = {place: cell.get_text().get_text() for place, cell in table.get_celld().items()}
    assert words == {
        (0, 0): "name", (0, 1): "count", (1, 0): "first", (1, 1): "1,234,567", (2, 0): "second", (2, 1): "8"
    }  # fmt: skip
