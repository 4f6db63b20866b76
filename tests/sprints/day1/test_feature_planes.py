import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from sprints.day1.figures.transfer import feature_planes


def test_each_class_has_its_points_in_every_panel():
    rng = np.random.default_rng(0)
    labels = np.array([0, 2, 1, 0, 2, 2])
    planes = {"before": rng.random((6, 2)), "after": rng.random((6, 2))}
    figure = feature_planes(planes, labels, ("ant", "bee", "wasp"), "title")
    FigureCanvasAgg(figure).draw()
    assert [axis.get_title() for axis in figure.axes] == list(planes)
    for axis, points in zip(figure.axes, planes.values()):
        assert len(axis.collections) == 3
        for label, dots in enumerate(axis.collections):
            np.testing.assert_array_equal(dots.get_offsets(), points[labels == label])
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["ant", "bee", "wasp"]
