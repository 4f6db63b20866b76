from pathlib import Path

import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.lesson.devices import processes


@pytest.fixture(autouse=True)
def no_launcher(monkeypatch):
    for name in processes.LAUNCHERS:
        monkeypatch.delenv(name, raising=False)


def test_without_a_launcher_nothing_is_done():
    processes.join()
    assert processes.process_count() == 1 and processes.process_number() == 0
    with processes.own_folders(Path("runs"), Path("models"), "day3.denoise", False) as folders:
        assert folders == (Path("runs"), Path("models"))
    assert processes.lost_process(RuntimeError("Gloo: connection closed by peer")) is None


@pytest.mark.parametrize("name", processes.LAUNCHERS)
def test_several_processes_need_jax(name, monkeypatch):
    monkeypatch.setenv(name, "4")
    with pytest.raises(InputError, match="4 processes were started together: that needs KERAS_BACKEND=jax"):
        processes.join()


def test_what_the_launcher_says_must_be_complete(monkeypatch):
    monkeypatch.setenv("JAX_NUM_PROCESSES", "two")
    with pytest.raises(InputError, match="must be the number of processes, received 'two'"):
        processes.join()
    monkeypatch.setenv("JAX_NUM_PROCESSES", "2")
    monkeypatch.setattr(processes.keras.backend, "backend", lambda: "jax")
    with pytest.raises(InputError, match="set JAX_COORDINATOR_ADDRESS and JAX_PROCESS_ID, too"):
        processes.join()


def test_only_a_lost_connection_is_a_lost_process(monkeypatch):
    class JaxRuntimeError(RuntimeError):
        pass

    monkeypatch.setattr(processes, "process_count", lambda: 2)
    said = processes.lost_process(
        JaxRuntimeError("UNKNOWN: Gloo all-reduce failed: Connection closed by peer")
    )
    assert said.startswith("another process of this run has ended") and "--resume" in said
    assert processes.lost_process(JaxRuntimeError("RESOURCE_EXHAUSTED: out of memory")) is None
    assert processes.lost_process(ValueError("expected (N, H, W, C), received (N, H)")) is None
    lost = ValueError(
        "UNKNOWN: Gloo AllGather failed: Read error [127.0.0.1]:43913: Connection reset by peer"
    )
    assert "(UNKNOWN: Gloo AllGather failed" in processes.lost_process(lost)
