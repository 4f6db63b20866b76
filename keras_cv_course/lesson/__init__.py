"""Running a lesson: from one function its command line, its test, its notebook and its results."""

from keras_cv_course.lesson.decorator import Lesson, lesson
from keras_cv_course.lesson.targets import at_least, at_most

__all__ = ["Lesson", "at_least", "at_most", "lesson"]
