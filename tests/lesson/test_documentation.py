import math

import pytest

from keras_cv_course.lesson.documentation import KnobRange, range_of


@pytest.mark.parametrize(
    "said, inside, outside, words",
    [
        ("a share; in [0, 1).", (0, 0.999), (1, -0.001), "a number in [0, 1)"),
        ("a share; in (0, 1].", (0.001, 1), (0, 1.001), "a number in (0, 1]"),
        ("an angle; in [-1.5, 0.5].", (-1.5, 0.5), (-1.6, 0.6), "a number in [-1.5, 0.5]"),
        ("a rate; above 0.", (1e-9, 1e9), (0, -1), "a finite number above 0"),
        ("a weight; 0 leaves it out.", (0, 1e9), (-1e-9,), "a finite number of 0 or more"),
        (
            "what is in [0, 1) or above 0; as in [3, 4] of the paper",
            (0, 7),
            (-1,),
            "a finite number of 0 or more",
        ),
    ],
)
def test_a_range_is_what_the_last_words_state(said, inside, outside, words):
    allowed = range_of(said)
    assert all(number in allowed for number in inside)
    assert not any(number in allowed for number in (*outside, math.nan, math.inf, -math.inf))
    assert allowed.words == words


def test_nothing_said_is_zero_or_more():
    assert range_of("") == KnobRange()
