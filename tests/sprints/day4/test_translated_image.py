import keras
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from keras_cv_course.errors import InputError
from keras_cv_course.generate.cyclegan import CycleGAN
from keras_cv_course.generate.pix2pix import Pix2Pix
from sprints.day4.figures.translated_image import fitted, translated_image

photograph = np.random.default_rng(0).random((37, 50, 3), dtype="float32")


@pytest.mark.parametrize(
    ("model", "size", "headings"),
    [
        (
            CycleGAN(filters=3, blocks=1, patch_filters=(4, 6), pool_size=0),
            (36, 48),
            ["your image", "translated", "translated back"],
        ),
        (
            Pix2Pix(filters=(4, 4, 4), patch_filters=(4, 6), dropout_levels=0),
            (32, 48),
            ["your image", "translated"],
        ),
    ],
)
def test_the_panels_are_the_image_and_its_translations(model, size, headings):
    model.build((None, 32, 32, 3))
    figure = translated_image(model, photograph)
    FigureCanvasAgg(figure).draw()
    assert [axis.get_title() for axis in figure.axes] == headings
    panels = [np.asarray(axis.images[0].get_array()) for axis in figure.axes]
    cut = photograph[: size[0], : size[1]]
    np.testing.assert_array_equal(panels[0], cut)
    translation = keras.ops.convert_to_numpy(model(cut[None]))
    np.testing.assert_allclose(panels[1], translation[0], atol=1e-6)
    if len(panels) == 3:
        np.testing.assert_allclose(panels[2], model.to_a(translation)[0], atol=1e-6)


def test_large_images_shrink_as_a_whole_and_lose_an_edge_only():
    large = np.linspace(0, 1, 1000)[None, :, None] * np.ones((603, 1, 3))
    small = fitted(large, 4, longest=100)
    assert small.shape == (60, 100, 3) and small.dtype == np.float32
    np.testing.assert_allclose(small[30, :, 0], np.linspace(0.0045, 0.9955, 100), atol=1e-3)
    np.testing.assert_array_equal(fitted(photograph, 4), photograph[:36, :48])


def test_a_strip_is_refused():
    with pytest.raises(InputError, match="8 pixels or more .* got 400x9"):
        fitted(np.zeros((9, 400, 3)), 4)
