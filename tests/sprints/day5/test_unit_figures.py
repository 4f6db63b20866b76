"""`--image` of day5.filters: any image that a person has, and a line for one that will not do."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image

from keras_cv_course.classify.efficientnet_lite import EfficientNetLite
from keras_cv_course.errors import InputError
from keras_cv_course.lesson.own_image import apply_to_image
from sprints.day5.figures.filters import spread_out, units_of_image


@pytest.fixture(scope="module")
def network():
    model = EfficientNetLite.small()
    model.build((None, 40, 40, 3))
    return model


@pytest.mark.parametrize("kind", ["grey", "alpha", "sixteen bits", "palette"])
def test_images_of_any_kind(kind, network, tmp_path):
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (40, 48), dtype="uint8"))
    if kind == "alpha":
        image = Image.fromarray(rng.integers(0, 256, (40, 48, 4), dtype="uint8"))
    if kind == "sixteen bits":
        image = Image.fromarray(rng.integers(0, 65536, (40, 48), dtype="uint16"))
    if kind == "palette":
        image = image.convert("P")
    image.save(tmp_path / "mine.png")
    lesson = SimpleNamespace(
        name="day5.filters",
        command="",
        image_figure=lambda model, image: units_of_image(model, image, most=2, count=2),
        image_model=lambda: network,
    )
    path = apply_to_image(lesson, tmp_path / "mine.png", tmp_path / "runs")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_one_pixel_and_a_network_without_convolution_are_refused(network):
    with pytest.raises(InputError, match="32 pixels or more on either side.*received 1x1"):
        units_of_image(network, np.zeros((1, 1, 3), "float32"))
    layers = keras.layers
    dense = keras.Sequential([keras.Input((40, 40, 3)), layers.Flatten(), layers.Dense(2)])
    with pytest.raises(InputError, match="the model has no convolution"):
        units_of_image(dense, np.zeros((40, 40, 3), "float32"))


def test_labels_are_moved_apart_and_keep_their_order():
    moved = spread_out(np.array([0.5, 0.9, 0.51, 0.505]), 0.1)
    assert np.diff(np.sort(moved)).min() >= 0.1 - 1e-12
    np.testing.assert_array_equal(np.argsort(moved), [0, 3, 2, 1])
