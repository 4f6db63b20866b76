"""The figures of day 1 show the numbers that they were given."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.plot.mistakes import mistakes
from sprints.day1.figures.cnn import feature_maps, kernels_and_maps
from sprints.day1.figures.convolution import kernel_responses, window_grid

rng = np.random.default_rng(0)


def test_the_most_confident_mistakes_come_first_and_have_the_right_names():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7]])
    figure = mistakes(
        rng.random((4, 5, 5, 1)), np.array([1, 1, 1, 0]), probabilities, ("cat", "dog"), "title"
    )
    FigureCanvasAgg(figure).draw()
    shown = [axis.get_title() for axis in figure.axes if axis.images]
    assert shown == ["dog\npredicted cat\n90%", "cat\npredicted dog\n70%", "dog\npredicted cat\n60%"]


def test_a_title_says_that_there_is_no_mistake():
    figure = mistakes(rng.random((1, 5, 5, 3)), np.array([0]), np.array([[1.0, 0]]), ("cat", "dog"), "title")
    assert figure.get_suptitle() == "title: none" and not any(axis.images for axis in figure.axes)


def test_maps_of_a_row_share_one_scale():
    maps = rng.random((3, 4, 4))
    kernels = rng.normal(0, 1, (20, 3, 3))
    figure = feature_maps(rng.random((8, 8, 1)), {"kernels": kernels, "maps": maps}, "title", columns=5)
    FigureCanvasAgg(figure).draw()
    _, *panels = figure.axes
    assert len(panels) == 5 + 3
    assert panels[0].images[0].get_clim() == (-np.abs(kernels[:5]).max(), np.abs(kernels[:5]).max())
    assert all(panel.images[0].get_clim() == (maps.min(), maps.max()) for panel in panels[5:])


def test_rows_are_the_kernels_and_the_maps_of_every_stage():
    model = ConvolutionalClassifier((3, 5), units=(), classes=2)
    images = rng.random((2, 8, 8, 2), dtype="float32")
    model.build(images.shape)
    rows = kernels_and_maps(model, images[1])
    assert list(rows) == ["first kernels", "conv1", "pool1", "conv2", "pool2"]
    np.testing.assert_allclose(
        rows["first kernels"][1], np.asarray(model.convolutions[0].kernel)[..., 1].mean(2)
    )
    second = np.asarray(model.endpoints(images)["conv2"])[1]
    np.testing.assert_allclose(rows["conv2"][4], second[..., 4], rtol=1e-5)


def test_kernels_are_written_out_and_maps_centred_on_zero():
    kernel = np.array([[1.0, -2], [0, 0.5]])
    maps = rng.normal(0, 1, (2, 5, 5))
    figure = kernel_responses(rng.random((2, 6, 6)), {"one": kernel}, {"one": maps}, "title")
    FigureCanvasAgg(figure).draw()
    axes = figure.axes
    assert [text.get_text() for text in axes[3].texts] == ["1", "-2", "0", "0.5"]
    low, high = axes[4].images[0].get_clim()
    assert low == -high == -np.abs(maps).max()


def test_as_many_windows_as_the_formula_says():
    figure = window_grid([dict(size=6, kernel=3, stride=2, padding="same")], "title")
    FigureCanvasAgg(figure).draw()
    (axis,) = figure.axes
    pixels, windows, output = (6 + 1) ** 2, 3, 3 * 3  # "same" adds one pixel, after the image
    assert len(axis.patches) == pixels + windows + output
    assert axis.get_title().endswith("→  3") and "p = 0 and 1" in axis.get_title()
