import numpy as np
import pytest

from keras_cv_course.classroom import close_to, equal_to, expect, refuses, shape_is, within
from keras_cv_course.classroom.expectations import Wrong, in_words
from keras_cv_course.classroom.remote import StudentError


def wrong(function, *arguments, **named):
    with pytest.raises(Wrong) as raised:
        function(*arguments, **named)
    return raised.value


def test_every_message_says_expected_received_and_try():
    said = wrong(close_to, np.array([1.0, 2.5]), [1.0, 2.0], 0.1, "sums", "add them")
    assert said.expected == "sums: 2 at [1], to 0.1" and said.received == "2.5" and said.attempt == "add them"
    assert str(said) == "expected sums: 2 at [1], to 0.1; received 2.5; try: add them"


@pytest.mark.parametrize("value", [np.nan, [1.0, 2.0], None, "1", 1.2])
def test_close_to_refuses(value):
    wrong(close_to, value, 1.0, 0.1, "x", "y")


def test_close_to_takes_the_tolerance_itself_and_equal_infinities():
    close_to(np.float32(1.0), 1.0, 0, "x", "y")
    close_to([1.0, np.inf], [1.1, np.inf], 0.1 + 1e-12, "x", "y")
    wrong(close_to, -np.inf, np.inf, 1, "x", "y")
    wrong(close_to, [1.0, np.nan], [1.0, np.nan], 1, "x", "y")


def test_within():
    within(np.array([0.0, 1.0]), 0, 1, "x", "y")
    for values in ([0, 1.01], [-0.01, 1], [np.nan, 0.5], [], None):
        wrong(within, np.array(values, "float64") if values is not None else None, 0, 1, "x", "y")


def test_shapes_and_equality():
    shape_is(np.zeros((2, 3)), (2, 3), "x", "y")
    wrong(shape_is, np.zeros((3, 2)), (2, 3), "x", "y")
    equal_to([1, 2], [1, 2], "x", "y")
    wrong(equal_to, 1.0, 1, "x", "y")
    wrong(equal_to, np.array([1, 2]), [1, 2], "x", "y")
    expect(True, "a", "b", "c")
    assert wrong(expect, False, "a", None, "c").received == "None (is a return missing?)"


def test_the_expected_value_is_shown_whatever_its_kind():
    said = wrong(equal_to, [4, 16], [0, 0], "pixels cropped with padding", "y")
    assert (said.expected, said.received) == ("pixels cropped with padding: [0, 0]", "[4, 16]")
    assert wrong(equal_to, {"a": 2}, {"a": 1}, "x", "y").expected == "x: {'a': 1}"
    # The same numbers of another kind: the kind is seen, too.
    said = wrong(equal_to, np.array([1, 2]), [1, 2], "x", "y")
    assert (said.expected, said.received) == ("x: [1, 2]", "[1, 2] (int64)")


def test_refuses():
    def raising(kinds, message="no"):
        def call(value):
            raise StudentError(message, kinds)

        return call

    refuses(raising(["InputError", "ValueError"]), 1, what="1", attempt="y")
    assert "TypeError: no" in wrong(refuses, raising(["TypeError"]), 1, what="1", attempt="y").received
    said = wrong(refuses, lambda value: value, 7, what="7", attempt="y")
    assert (said.expected, said.received) == ("InputError for 7", "no error, but 7")
    # Nothing is missing where a function such as `build` returns nothing.
    assert wrong(refuses, lambda value: None, 7, what="7", attempt="y").received == "no error"
    assert wrong(refuses, abs, 7, what="7", attempt="y", kind="TypeError").expected == "TypeError for 7"
    with pytest.raises(StudentError):  # a blank is no refusal
        refuses(raising(["NotImplementedError"], "day3.denoise.1: x"), 1, what="1", attempt="y")


def test_long_values_are_cut():
    assert len(in_words("x" * 1000)) < 120
    assert in_words(np.zeros((4, 5))) == "an array of shape (4, 5), float64"
