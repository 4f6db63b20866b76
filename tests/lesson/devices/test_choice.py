import keras
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.lesson.devices import choice


def test_on_one_device_nothing_is_done():
    assert choice.replicas(None) is None and choice.replicas(1) is None


@pytest.mark.parametrize(
    "count, said", [(0, "must be 1 or more, got 0"), (3, r"tensorflow sees 1 here \(cpu:0\)")]
)
def test_devices_that_are_not_there(count, said):
    with pytest.raises(InputError, match=said):
        choice.replicas(count)


def test_torch_says_what_it_cannot(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(InputError, match="one device on PyTorch; set KERAS_BACKEND to jax or tensorflow"):
        choice.replicas(2)
    assert choice.replicas(None) is None and choice.replicas(1) is None


def test_several_processes_use_all_their_devices(monkeypatch):
    monkeypatch.setattr(choice, "device_names", lambda: ["cpu:0", "cpu:1", "cpu:2", "cpu:3"])
    monkeypatch.setattr(choice, "process_count", lambda: 2)
    with pytest.raises(InputError, match="2 processes train together on all of their 4 devices"):
        choice.replicas(2)
