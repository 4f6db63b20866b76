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


@pytest.fixture
def no_network(monkeypatch):
    """Every connection is refused."""

    def refused(*arguments, **named):
        raise OSError("Network is unreachable")

    monkeypatch.setattr("socket.create_connection", refused)
    monkeypatch.setattr("socket.getaddrinfo", refused)


@pytest.fixture
def tfds_folder(no_network, tmp_path, monkeypatch):
    """A TFDS_DATA_DIR with nothing in it, and no network."""
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
    return tmp_path / "tfds"


@pytest.fixture
def keras_home(no_network, tmp_path, monkeypatch):
    """A KERAS_HOME with nothing in it, and no network."""
    folder = tmp_path / "keras"
    folder.mkdir()
    monkeypatch.setenv("KERAS_HOME", str(folder))
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(folder))
    return folder
