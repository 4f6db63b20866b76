"""Losses that two or more models share."""

import keras_cv_course.gradient_order  # noqa: F401
