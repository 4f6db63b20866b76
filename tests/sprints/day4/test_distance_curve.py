from matplotlib.backends.backend_agg import FigureCanvasAgg

from sprints.day4.figures.dcgan import distance_curve


def test_the_curve_and_the_levels_are_the_numbers_that_were_given():
    distances, levels = {1: 80.0, 2: 7.5, 3: 2.0}, {"Gaussian": 12.0, "real images": 0.7}
    figure = distance_curve(distances, levels)
    FigureCanvasAgg(figure).draw()
    (axis,) = figure.axes
    curve, *dotted = axis.lines
    assert dict(curve.get_xydata().tolist()) == distances
    assert sorted(line.get_ydata()[0] for line in dotted) == sorted(levels.values())
    assert {text.get_text() for text in axis.texts} == {"Gaussian: 12", "real images: 0.7"}
    low, high = axis.get_ylim()
    assert axis.get_yscale() == "log" and low < 0.7 and high > 80


def test_labels_of_close_levels_do_not_overlap():
    levels = {"one": 20.0, "two": 20.5, "three": 21.0, "low": 1.0}
    figure = distance_curve({1: 50.0, 2: 3.0}, levels)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = sorted((text.get_window_extent() for text in figure.axes[0].texts), key=lambda box: box.y0)
    assert all(lower.y1 <= upper.y0 + 1 for lower, upper in zip(boxes, boxes[1:], strict=False))
