"""Running a lesson: from one function its command line, its test, its notebook and its results."""

from keras_cv_course.lesson.definition import Lesson, at_least, at_most, lesson

__all__ = ["Lesson", "at_least", "at_most", "lesson"]
