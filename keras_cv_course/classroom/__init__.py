"""The classroom: exercises made from the library's own files; checks, hints, grades. Knows no model."""

from keras_cv_course.classroom.exercise import Exercise, Exercises
from keras_cv_course.classroom.expectations import (
    close_to,
    equal_to,
    expect,
    refuses,
    shape_is,
    within,
)

__all__ = ["Exercise", "Exercises", "close_to", "equal_to", "expect", "refuses", "shape_is", "within"]
