"""The figures of day1.augment show the numbers that they were given."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from keras_cv_course.plot.class_colours import BACKGROUND, TONES
from sprints.day1.figures.augment import augmented_scenes, gain_dots, knob_grid

rng = np.random.default_rng(0)


def test_image_mask_boxes_and_label_of_each_batch():
    masks = np.zeros((2, 8, 10, 3))
    masks[..., 0] = 1
    masks[1, 2, 3] = 0.25, 0, 0.75
    batch = dict(
        images=rng.random((2, 8, 10, 3)), labels=np.array([[1.0, 0], [0.25, 0.75]]), masks=masks,
        boxes=np.array([[[0.0, 0, 1, 1]] * 2, [[1, 2, 4, 7], [-1, -1, -1, -1]]]),
        box_classes=np.array([[0, 0], [1, -1]]),
    )  # fmt: skip
    figure = augmented_scenes({"before": batch, "after": batch}, ("ant", "bee"), "title", row=1)
    FigureCanvasAgg(figure).draw()
    images, shown_masks, labels = (figure.axes[start : start + 2] for start in (0, 2, 4))
    assert [axis.get_title() for axis in images] == ["before", "after"]
    for image, mask, label in zip(images, shown_masks, labels):
        np.testing.assert_array_equal(image.images[0].get_array(), batch["images"][1])
        frames = [patch for patch in image.patches if isinstance(patch, Rectangle)]
        assert {frame.get_bbox().bounds for frame in frames} == {(0.5, 1.5, 3.0, 5.0)}
        colours = np.array(mask.images[0].get_array())
        np.testing.assert_allclose(colours[0, 0], to_rgb(BACKGROUND))
        np.testing.assert_allclose(
            colours[2, 3], 0.25 * np.array(to_rgb(BACKGROUND)) + 0.75 * np.array(to_rgb(TONES[1]))
        )
        assert [bar.get_width() for bar in label.patches] == [0.25, 0.75]
        assert [text.get_text() for text in label.texts] == ["0.25", "0.75"]


def test_gains_come_in_order_with_every_run():
    gains = {"flip": [-0.02, 0.0], "crop": [0.03, 0.05], "mixup": [0.0, 0.02]}
    figure = gain_dots(gains, "title", "accuracy gained")
    FigureCanvasAgg(figure).draw()
    (axis,) = figure.axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["flip", "mixup", "crop"]
    dots = [line for line in axis.lines if line.get_marker() == "o"]
    for row, (line, name) in enumerate(zip(dots, ("flip", "mixup", "crop"))):
        np.testing.assert_array_equal(line.get_xdata(), gains[name])
        np.testing.assert_array_equal(line.get_ydata(), row)
    assert [text.get_text() for text in axis.texts] == ["-0.010", "+0.010", "+0.040"]


def test_the_grid_says_every_score_and_frames_the_best():
    scores = {(1, 2): 0.5, (1, 8): 0.9, (3, 2): 0.7, (3, 8): 0.6}
    figure = knob_grid(scores, "title")
    FigureCanvasAgg(figure).draw()
    (axis,) = figure.axes
    assert [text.get_text() for text in axis.texts] == ["0.500", "0.900", "0.700", "0.600"]
    assert axis.patches[0].get_xy() == (0.5, -0.5)  # column of 8, row of 1
    np.testing.assert_array_equal(axis.images[0].get_array(), [[0.5, 0.9], [0.7, 0.6]])
    assert knob_grid(scores, "title", best=(3, 2)).axes[0].patches[0].get_xy() == (-0.5, 0.5)
