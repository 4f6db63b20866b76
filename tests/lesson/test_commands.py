from importlib import metadata

import pytest

from keras_cv_course.classroom.doctor import doctor
from sprints.commands import main


def test_doctor_names_what_is_here(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    main(["doctor"])
    said = capsys.readouterr().out
    for words in (
        "tensorflow",
        "backend",
        "CPU cores",
        "data: digits",
        "built in",
        "writable",
        "All is well.",
    ):
        assert words in said


@pytest.mark.parametrize(
    "backend, says",
    [
        ("tensorflow", "tensorflow is missing: pip install"),
        ("jax", "not installed (only for KERAS_BACKEND=tensorflow"),
    ],
)
def test_doctor_wants_tensorflow_only_where_keras_runs_on_it(backend, says, capsys, monkeypatch):
    def version(package):
        if package == "tensorflow":
            raise metadata.PackageNotFoundError(package)
        return "1.0"

    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("KERAS_BACKEND", backend)
    monkeypatch.setattr("keras_cv_course.classroom.doctor.metadata.version", version)
    monkeypatch.setattr("keras_cv_course.classroom.doctor._backend", lambda table, wrong: None)
    wrong = doctor([])
    assert says in capsys.readouterr().out
    assert any("tensorflow" in line for line in wrong) == (backend == "tensorflow")


def test_doctor_says_what_to_do(capsys, monkeypatch, tmp_path):
    (tmp_path / "runs").write_text("a file in the way")
    with pytest.raises(SystemExit) as stop:
        main(["doctor"])
    assert stop.value.code == 1
    said = capsys.readouterr().out
    assert "runs is not writable" in said and "--output" in said


@pytest.mark.parametrize(
    "program, says",
    [
        (None, "not installed; `grade` needs it, or --no-sandbox. Debian and Ubuntu: apt install bubblewrap"),
        ("#!/bin/sh\nexit 1\n", "does not start here"),
        ("#!/bin/sh\nexit 0\n", "here, for the sandbox"),
    ],
)
def test_doctor_says_whether_grading_has_a_sandbox(program, says, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    if program:
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "bwrap").write_text(program)
        (tmp_path / "bin" / "bwrap").chmod(0o755)
    main(["doctor"])
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "bubblewrap" in line)
    assert says in line


def test_list(capsys):
    main(["list"])
    assert "day3.denoise" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["lst"], ["notebook", "day3.nothing", "-o", "n.ipynb"], ["notebook"]])
def test_bad_words(words, capsys):
    with pytest.raises(SystemExit) as stop:
        main(words)
    said = capsys.readouterr().err
    assert stop.value.code == 2 and said.count("\n") == 1 and said.startswith("sprints: "), said
