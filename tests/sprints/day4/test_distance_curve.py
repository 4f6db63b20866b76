from matplotlib.backends.backend_agg import FigureCanvasAgg

from sprints.day4.figures.dcgan import distance_curve


def test_the_curve_and_the_levels_are_the_numbers_that_were_given():
    distances, levels = {1: 80.0, 2: 7.5, 3: 2.0}, {"normal distribution": 12.0, "real images": 0.7}
    figure = distance_curve(distances, levels, "title", "distance")
    FigureCanvasAgg(figure).draw()
    (axis,) = figure.axes
    curve, *dotted = axis.lines
    assert dict(curve.get_xydata().tolist()) == distances
    assert [line.get_ydata()[0] for line in dotted] == list(levels.values())
    assert [text.get_text() for text in axis.texts] == ["normal distribution 12", "real images 0.7"]
    low, high = axis.get_ylim()
    assert axis.get_yscale() == "log" and low < 0.7 and high > 80
