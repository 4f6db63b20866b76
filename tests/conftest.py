"""Tests see one Keras, quietly loaded, and folders of their own."""

import keras
import pytest

import keras_cv_course.gradient_order  # noqa: F401


@pytest.fixture(autouse=True)
def _fresh(tmp_path, monkeypatch):
    """Every test starts in an empty folder and leaves the precision policy as it was."""
    monkeypatch.chdir(tmp_path)
    policy = keras.config.dtype_policy()
    yield
    assert keras.config.dtype_policy() == policy
    keras.backend.clear_session(free_memory=False)
