"""What a detector's figures show: cells, verdicts, steps of suppression, curves, an image of one's own."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from keras_cv_course.plot.style import GREY, ORANGE
from sprints.day2.figures.yolo import (
    COLOURS,
    CORRECT,
    FALSE_POSITIVE,
    WRONG_CLASS,
    detected_objects,
    detection_sheet,
    grid_cells,
    precision_recall_curves,
    suppression_steps,
    verdicts,
)


def extents(axis, colour):
    frames = [patch for patch in axis.patches if isinstance(patch, Rectangle)]
    return [frame.get_bbox().extents.tolist() for frame in frames if frame.get_edgecolor() == to_rgba(colour)]


def test_the_cell_that_holds_the_centre_is_framed_in_both_rows():
    holds = np.zeros((2, 4, 4), bool)
    holds[0, 1, 2] = holds[1, 3, 0] = True
    boxes = np.float32([[[20, 8, 30, 20], [-1] * 4], [[0, 30, 8, 40], [-1] * 4]])
    confidences = np.random.default_rng(0).random((2, 4, 4))
    figure = grid_cells(np.zeros((2, 40, 48, 3)), boxes, holds, confidences)
    FigureCanvasAgg(figure).draw()
    upper, lower = np.reshape(figure.axes[:4], (2, 2))
    for axis in (upper[0], lower[0]):
        assert extents(axis, ORANGE) == [[24, 10, 36, 20]]  # row 1, column 2 of cells 12 wide and 10 high
    assert extents(lower[1], ORANGE) == [[0, 30, 12, 40]]
    np.testing.assert_array_equal(lower[1].images[0].get_array(), confidences[1])


def test_verdicts():
    # Objects of class 3 and 5. Right; the first a second time; the second, of another class; nowhere.
    overlap = np.array([[0.9, 0.0], [0.8, 0.0], [0.0, 0.6], [0.2, 0.1]])
    names, missed = verdicts(overlap, np.array([3, 3, 4, 5]), np.array([3, 5]))
    assert names == [CORRECT, FALSE_POSITIVE, WRONG_CLASS, FALSE_POSITIVE] and missed.tolist() == [
        False,
        True,
    ]
    names, missed = verdicts(np.zeros((0, 1)), np.zeros(0, int), np.array([1]))
    assert names == [] and missed.tolist() == [True]


def test_the_sheet_draws_verdicts_and_dashes_what_is_missed():
    truth = (
        np.float32([[[2, 2, 10, 10], [-1] * 4], [[4, 4, 12, 12], [1, 1, 5, 5]]]),
        np.array([[0, -1], [1, 0]]),
    )
    boxes = np.float32([[[2, 2, 10, 10]], [[4, 4, 12, 11]]])
    found = boxes, np.array([[0.9], [0.8]]), np.array([[0], [0]])
    figure = detection_sheet(np.zeros((2, 16, 16, 3)), truth, found, ("a", "b"), columns=2)
    first, second = figure.axes
    assert extents(first, COLOURS[CORRECT]) == [[2, 2, 10, 10]] and first.texts[0].get_text() == "a 0.90"
    assert first.get_title() == "1 of 1 found" and not extents(first, GREY)
    assert extents(second, COLOURS[WRONG_CLASS]) == [[4, 4, 12, 11]]
    assert extents(second, GREY) == [[4, 4, 12, 12], [1, 1, 5, 5]] and second.get_title() == "0 of 2 found"


def test_steps_of_suppression():
    boxes = np.float32([[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 9, 10], [20, 20, 30, 30], [1, 1, 9, 9]])
    # The last one's score is too low to be shown.
    scores = np.array([[0.5, 0.1], [0.9, 0], [0.2, 0.7], [0.6, 0], [0.05, 0]])
    figure = suppression_steps(np.zeros((32, 32, 3)), boxes, scores, 0.5, ("a", "b"))
    titles = [axis.get_title() for axis in figure.axes]
    assert titles == [
        "before: 4 boxes",
        "step 1: a kept, 1 dropped",
        "step 2: b kept, 0 dropped",
        "after: 3 left",
    ]
    assert [len(extents(axis, GREY)) for axis in figure.axes] == [4, 2, 1, 0]
    assert extents(figure.axes[-1], ORANGE) == boxes[[1, 2, 3]].tolist()
    assert [text.get_text() for text in figure.axes[-1].texts] == ["a 0.90", "b 0.70", "a 0.60"]


def test_curves_fall_and_are_named():
    curves = {0: (np.array([0.5, 0.5, 1]), np.array([1, 0.5, 2 / 3])), 2: (np.array([1.0]), np.array([1.0]))}
    figure = precision_recall_curves(curves, np.array([0.83, np.nan, 1.0]), ("a", "b", "c"))
    axis = figure.axes[0]
    lines = {line.get_label(): line for line in axis.lines}
    assert set(lines) == {"a: average precision 0.83", "c: average precision 1.00"}
    x, y = lines["a: average precision 0.83"].get_data()
    np.testing.assert_allclose(x, [0, 0.5, 0.5, 1, 1, 1])
    np.testing.assert_allclose(y, [1, 1, 2 / 3, 2 / 3, 0, 0])
    assert len(precision_recall_curves({}, np.full(1, np.nan), ("a",)).axes) == 1


class Simulated:
    """Finds one object in the lower right quarter of 10 x 20 pixels, and one of a low score."""

    size, class_names = (10, 20), ("a", "b")

    def detect(self, images):
        assert tuple(images.shape) == (1, 10, 20, 3)
        boxes = np.float32([[[10, 5, 20, 10], [0, 0, 5, 5], [-1] * 4]])
        return {"boxes": boxes, "scores": np.float32([[0.8, 0.1, 0]]), "labels": np.array([[1, 0, -1]])}


def test_an_image_of_any_size_has_its_boxes_at_its_own_scale():
    figure = detected_objects(Simulated(), np.zeros((300, 200, 3), "float32"))
    (axis,) = figure.axes
    assert extents(axis, ORANGE) == [[100, 150, 200, 300]]
    assert [text.get_text() for text in axis.texts] == ["b 0.80"]
    assert axis.get_xlim() == (0, 200) and axis.get_ylim() == (300, 0)
    Simulated.class_names = None
    assert detected_objects(Simulated(), np.zeros((30, 20, 3))).axes[0].texts[0].get_text() == "class 1 0.80"
