import pytest

from keras_cv_course.lesson.results.report import readable


@pytest.mark.parametrize(
    "value, text",
    [
        (31_030_658, "31,030,658"),  # the parameters of U-Net, a point of its lesson
        (31_030_658.0, "31,030,658"),
        (0, "0"),
        (-4, "-4"),
        (0.91823, "0.9182"),
        (10.528, "10.53"),
        (2.576e-14, "2.576e-14"),
        (1e15, "1e+15"),
    ],
)
def test_counts_are_whole_and_other_numbers_have_four_digits(value, text):
    assert readable(value) == text
