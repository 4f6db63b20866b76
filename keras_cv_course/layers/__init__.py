"""Layers that two or more models share, or that stand for a paper of their own."""

import keras_cv_course.gradient_order  # noqa: F401
