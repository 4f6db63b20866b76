import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.translation_error import translation_error

truth = np.random.default_rng(0).uniform(0.3, 0.7, (3, 4, 5, 2))
inside = np.zeros((3, 4, 5), bool)
inside[0, 1] = inside[2, :, 2] = True  # 9 of 60 pixels


def test_by_hand():
    made = truth + np.where(inside, 0.2, -0.1)[..., None]
    expected = {"error": (9 * 0.2 + 51 * 0.1) / 60, "inside": 0.2, "around": 0.1}
    assert translation_error(made, truth, inside) == pytest.approx(expected)
    assert translation_error(made, truth) == pytest.approx({"error": expected["error"]})
    assert translation_error(truth, truth, inside) == {"error": 0, "inside": 0, "around": 0}


def test_eight_bits_do_not_wrap_around():
    dark, light = np.full((1, 2, 2, 1), 10, "uint8"), np.full((1, 2, 2, 1), 250, "uint8")
    assert translation_error(dark, light) == {"error": 240}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((truth, truth[:1]), r"of one shape, got \(3, 4, 5, 2\) and \(1"),
        ((truth[0], truth[0]), r"\(N, H, W, C\)"),
        ((truth, truth, inside[:1]), r"inside must be \(3, 4, 5\)"),
        ((truth, truth, np.ones_like(inside)), "false for some"),
    ],
)
def test_what_does_not_belong_together_is_refused(arguments, said):
    with pytest.raises(InputError, match=said):
        translation_error(*arguments)
