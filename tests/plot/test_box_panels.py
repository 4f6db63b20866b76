"""Boxes are where they belong, and their labels within the image."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle

from keras_cv_course.plot.box_panels import box_panels


def test_boxes_have_their_corners_and_colours():
    box = np.float32([4, 6, 20, 30])
    panel = dict(
        image=np.zeros((32, 48, 3)), title="one", boxes=[dict(box=box, colour="red"), dict(box=box, width=1)]
    )
    figure = box_panels([panel, {**panel, "boxes": []}], "title", columns=2, note="note")
    first, second = figure.axes
    frames = [patch for patch in first.patches if isinstance(patch, Rectangle)]
    assert [frame.get_bbox().extents.tolist() for frame in frames] == [[4, 6, 20, 30]] * 3
    assert first.get_xlim() == (0, 48) and first.get_ylim() == (32, 0) and not second.patches


@pytest.mark.parametrize("side, size", [(2, (48, 48)), (3.3, (64, 64)), (8, (300, 200))])
@pytest.mark.parametrize("text", ["triangle 0.99", "Platelets 1.00", "motorbike 0.44"])
def test_labels_stay_within_the_image(side, size, text):
    """At the right edge, at the upper edge, and in the corner."""
    height, width = size
    boxes = [(width - 8, 20, width, 30), (2, 0, 12, 10), (width - 4, 0, width, 12)]
    panel = dict(image=np.zeros((*size, 3)), title="", boxes=[dict(box=box, text=text) for box in boxes])
    figure = box_panels([panel] * 3, "title", columns=3, side=side)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axis in figure.axes:
        around = axis.get_window_extent()
        for label in axis.texts:
            extent = label.get_window_extent(canvas.get_renderer())
            assert around.x0 - 1 <= extent.x0 and extent.x1 <= around.x1 + 1
            assert around.y0 - 1 <= extent.y0 and extent.y1 <= around.y1 + 1
