"""Box formats against Keras' own conversion and their inverses."""

import keras
import numpy as np
import pytest

from keras_cv_course.boxes.formats import FORMATS, convert
from keras_cv_course.errors import InputError

NAMES = [*FORMATS, *(f"rel_{name}" for name in FORMATS)]


def boxes():
    rng = np.random.default_rng(0)
    low = rng.uniform(0, 40, (3, 5, 2))
    return np.concatenate([low, low + rng.uniform(1, 30, (3, 5, 2))], axis=-1).astype("float32")


@pytest.mark.parametrize("name", NAMES)
def test_equals_keras(name):
    size = dict(height=50, width=80)
    theirs = keras.utils.bounding_boxes.convert_format(boxes(), "xyxy", name, **size)
    np.testing.assert_allclose(convert(boxes(), "xyxy", name, (50, 80)), theirs, atol=1e-5)


@pytest.mark.parametrize("source", NAMES)
@pytest.mark.parametrize("target", NAMES)
def test_every_way_and_back(source, target):
    there = convert(boxes(), source, target, (50, 80))
    np.testing.assert_allclose(convert(there, target, source, (50, 80)), boxes(), rtol=1e-5, atol=1e-4)


def test_a_box_by_hand():
    # 10 to 30 across, 20 to 80 down, in an image 100 high and 200 wide.
    box = np.array([10.0, 20.0, 30.0, 80.0], "float32")
    assert np.array(convert(box, "xyxy", "center_xywh")).tolist() == [20, 50, 20, 60]
    assert np.array(convert(box, "xyxy", "yxyx")).tolist() == [20, 10, 80, 30]
    relative = np.array(convert(box, "xyxy", "rel_xywh", (100, 200)))
    np.testing.assert_allclose(relative, [0.05, 0.2, 0.1, 0.6], rtol=1e-6)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((np.zeros((2, 4)), "xyxy", "corners"), "got 'corners'"),
        ((np.zeros((2, 5)), "xyxy", "xywh"), r"\(2, 5\)"),
        ((np.zeros((2, 4)), "xyxy", "rel_xyxy"), "image_size"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(InputError, match=message):
        convert(*arguments)
