"""The figures of distillation and self-training show the numbers that they were given."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from keras_cv_course.plot.paired_runs import paired_runs
from keras_cv_course.plot.spread_curves import spread_curves
from keras_cv_course.plot.style import BLUE
from sprints.day1.figures.distill import soft_labels

rng = np.random.default_rng(0)


def test_bars_are_the_probabilities_and_the_likeliest_is_blue():
    opinions = {"T = 1": np.array([[0.7, 0.2, 0.1], [0.0, 0.1, 0.9]]), "T = 9": np.full((2, 3), 1 / 3)}
    figure = soft_labels(rng.random((2, 5, 5, 1)), opinions, ("cat", "dog", "cow"), "title")
    FigureCanvasAgg(figure).draw()
    _, first, second, _, third, _ = figure.axes
    assert (first.get_title(), second.get_title(), third.get_title()) == ("T = 1", "T = 9", "")
    assert [bar.get_height() for bar in first.patches] == [0.7, 0.2, 0.1]
    assert [bar.get_height() for bar in third.patches] == [0.0, 0.1, 0.9]
    assert [to_hex(bar.get_facecolor()) == BLUE.lower() for bar in third.patches] == [False, False, True]
    assert [label.get_text() for label in third.get_xticklabels()] == ["cat", "dog", "cow"]


def test_runs_have_a_dot_each_and_their_mean_is_written():
    figure = paired_runs({"alone": [0.5, 0.7], "both": [0.75, 0.85]}, "title", "accuracy", {"teacher": 0.9})
    FigureCanvasAgg(figure).draw()
    (axis,) = figure.axes
    dots = [line.get_ydata().tolist() for line in axis.lines if line.get_marker() == "o"]
    assert dots == [[0.5, 0.7], [0.75, 0.85]]
    joined = [list(line.get_ydata()) for line in axis.lines if line.get_marker() == "None"]
    assert joined[:2] == [[0.5, 0.75], [0.7, 0.85]]
    assert [text.get_text() for text in axis.texts] == ["0.600", "0.800", "teacher 0.900"]


def test_the_band_goes_from_the_lowest_run_to_the_highest():
    table = np.array([[1.0, 4.0], [3.0, 2.0]])
    lines = {"runs": table, "one": [5.0, 5.0]}
    figure = spread_curves([1, 8], lines, "title", "x", "y", {"level": 2}, log=True)
    FigureCanvasAgg(figure).draw()
    (axis,) = figure.axes
    assert axis.lines[0].get_ydata().tolist() == [2.0, 3.0]
    assert axis.lines[1].get_ydata().tolist() == [5.0, 5.0]
    band = axis.collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == 1 and band[:, 1].max() == 4
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["runs", "one"]
    assert [text.get_text() for text in axis.texts] == ["level 2.000"]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["1", "8"]
    assert axis.get_xscale() == "log" and axis.lines[2].get_ydata()[0] == pytest.approx(2)
