import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from sprints.day3.figures.anomaly import areas_by_kind, error_histogram, error_profile, roc, worst_signals

labels = np.array([1, 1, 1, 1, 0, 0, 0])
errors = np.array([0.1, 0.2, 0.3, 0.9, 0.2, 1.0, 5.0])


def drawn(figure):
    FigureCanvasAgg(figure).draw()
    return figure


def test_both_kinds_of_error_are_counted():
    figure = drawn(error_histogram(errors, labels, 0.5, "title"))
    words = [text.get_text() for axis in figure.axes for text in axis.get_legend().get_texts()]
    assert words == [
        "normal, predicted right: 3 of 4",
        "false alarms (type I errors): 1 of 4",
        "abnormal, predicted right: 2 of 3",
        "missed anomalies (type II errors): 1 of 3",
    ]
    # The last bin also holds the error far to the right: no beat is lost.
    heights = [sum(bar.get_height() for bar in axis.patches) for axis in figure.axes]
    assert heights == [4, 3]


def test_the_area_in_the_legend_is_the_share_of_pairs_in_order():
    figure = drawn(roc(labels, {"ours": (errors, 0.5)}, "title"))
    (words,) = (text.get_text() for text in figure.axes[0].get_legend().get_texts())
    # 12 pairs: the abnormal 0.2 is above 0.1, ties with 0.2; 1.0 and 5.0 are above all four.
    assert f"area {(1.5 + 4 + 4) / 12:.3f}, accuracy {5 / 7:.3f}" in words


def test_each_kind_of_anomaly_has_its_own_area():
    kinds = np.array(["sinus"] * 4 + ["R on T", "ventricular", "ventricular"])
    figure = drawn(areas_by_kind({"standard scaling": errors}, labels, kinds, "title"))
    axis = figure.axes[0]
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["R on T", "ventricular"]
    assert [bar.get_width() for bar in axis.patches] == pytest.approx([1.5 / 4, 1.0])


def test_a_profile_is_the_mean_of_each_class():
    gaps = np.random.default_rng(0).random((7, 5))
    figure = drawn(error_profile({"min_max": gaps, "standard": 2 * gaps}, labels, "title"))
    lines = {line.get_label(): line.get_ydata() for line in figure.axes[1].lines}
    np.testing.assert_allclose(lines["normal"], 2 * gaps[labels == 1].mean(axis=0))
    np.testing.assert_allclose(lines["abnormal"], 2 * gaps[labels == 0].mean(axis=0))


def test_the_worst_mistakes_come_first_and_few_beats_leave_panels_empty():
    signals = np.random.default_rng(0).random((7, 5))
    figure = drawn(worst_signals(signals, signals, errors, labels, 0.5, "title"))
    titles = [axis.get_title() for axis in figure.axes if axis.axison]
    assert titles[:3] == ["missed, error 0.2", "detected, error 1", "detected, error 5"]
    assert titles[3:] == [
        "false alarm, error 0.9",
        "passed, error 0.3",
        "passed, error 0.2",
        "passed, error 0.1",
    ]
