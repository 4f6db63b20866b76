"""What the figures about masks show: the numbers that they were given."""

import numpy as np

from keras_cv_course.data.part import Part
from keras_cv_course.plot.mask_panels import mask_panels
from sprints.day2.figures.deeplab import before_and_after, footprints, mean_field_steps
from sprints.day2.figures.fcn import upsampled_ramp
from sprints.day2.figures.unet import first_and_lowest


def test_mask_panels_draw_images_masks_and_maps_with_the_true_outline():
    truth = np.zeros((2, 8, 8), int)
    truth[:, 2:6, 2:6], truth[:, 0] = 2, 255
    images, maps = np.random.default_rng(0).random((2, 8, 8, 3)), np.full((2, 8, 8), 0.25)
    columns = {"image": images, "truth": truth, "probability": maps}
    figure = mask_panels(columns, ("background", "disc", "cross"), "title", truth, "probability")
    grid = np.array(figure.axes[:6], object).reshape(2, 3)
    assert [axis.get_title() for axis in grid[0]] == ["image", "truth", "probability"]
    assert np.array_equal(grid[1, 1].images[0].get_array(), truth[1])
    # Only the map has an outline drawn over it: the truth's own is seen.
    assert [len(axis.collections) > 0 for axis in grid[0]] == [False, False, True]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["background", "cross"]


def test_footprints_say_how_many_weights_span_how_many_pixels():
    pixels = np.zeros((9, 9), bool)
    pixels[1:8:3, 1:8:3] = True
    (axis,) = footprints({"rate 3": pixels}).axes
    assert axis.get_xlabel() == "9 weights span\n7 x 7 pixels"
    assert axis.patches[0].get_xy() == (1, 1)


def test_upsampled_ramp_puts_output_pixels_between_input_pixels():
    weights = np.array([0.25, 0.75, 0.75, 0.25])
    axis = upsampled_ramp(np.arange(3.0), np.arange(6.0), weights).axes[0]
    lines = {line.get_label(): line for line in axis.lines}
    fine = lines["output pixels: the sum of the kernels"]
    np.testing.assert_allclose(fine.get_xdata(), [-0.25, 0.25, 0.75, 1.25, 1.75, 2.25])
    # The kernel of input pixel 0 reaches from -1 to 1.
    np.testing.assert_allclose(axis.lines[0].get_xdata(), [-0.75, -0.25, 0.25, 0.75])


def test_two_test_images_are_enough_for_the_sheet():
    part = Part(images=np.zeros((2, 8, 8, 3)), masks=np.zeros((2, 8, 8), int))
    part.masks[:, 4:] = 1
    predicted = part.masks.copy()
    predicted[1] = 0
    figure = first_and_lowest(part, predicted, ("background", "disc"))
    titles = [axis.get_title() for axis in figure.axes[:4]]
    assert titles == ["1.00", "0.25", "lowest: 0.25", "lowest: 1.00"]


def test_the_images_that_change_most_come_first():
    part = Part(images=np.zeros((3, 8, 8, 3)), masks=np.zeros((3, 8, 8), int))
    before, after = np.zeros((3, 8, 8), int), np.zeros((3, 8, 8), int)
    after[1, :2], after[2, :5] = 1, 1
    figure = before_and_after(part, before, after, ("background", "disc"), count=2)
    refined = np.array(figure.axes[:8], object).reshape(2, 4)[:, 3]
    assert [np.sum(axis.images[0].get_array()) for axis in refined] == [40, 16]
    lines = mean_field_steps([0.5, 0.7], {"network and CRF": 0.7, "network": 0.5}).axes[0].lines
    assert {line.get_label(): list(line.get_ydata()) for line in lines} == {
        "network and CRF": [0.5, 0.7],
        "network": [0.5, 0.5],
    }
