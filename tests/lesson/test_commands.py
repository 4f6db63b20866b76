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
    wants = {line.split("│")[1].split()[1] for line in said.splitlines() if "needs --file" in line}
    assert wants == {"folder", "side_by_side", "unpaired", "camvid", "bccd", "voc_folder"}


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


@pytest.mark.parametrize(
    "words, says",
    [
        ("lst", "there is no command 'lst'; did you mean 'list'?"),
        ("foo", "there is no command 'foo'; the commands are: list, start, check, watch"),
        ("day3", "'day3' is no command; did you mean: python -m sprints list day3?"),
        ("day3.denoise --epochs 3", "'day3.denoise' is no command; did you mean: python -m sprints.day3.denoise?"),
        ("notebook day3.nothing -o n.ipynb", "there is no lesson or day 'day3.nothing'"),
        ("notebook day3.denoise", "-o PATH, --output PATH the .ipynb file to write. All options: python -m sprints no"),
        ("hint", "LESSON the lesson, such as day3.denoise. All options: python -m sprints hint --help"),
        ("list day3 day4", "Unrecognized options: day4. All options: python -m sprints list --help"),
        ("check day3.denoise --exercis 2", "--exercis, 2; Perhaps you meant: --exercise STR check this one alone"),
        ("grade . --jobs x", "invalid literal for int() with base 10: 'x'; Argument helptext: --jobs INT"),
        ("--bogus", "Unrecognized options: --bogus; Available subcommands: list, start"),
    ],
)  # fmt: skip
def test_bad_words(words, says, capsys):
    with pytest.raises(SystemExit) as stop:
        main(words.split())
    said = capsys.readouterr().err
    assert stop.value.code == 2 and said.count("\n") == 1 and said.startswith("sprints: ") and says in said, (
        said
    )


@pytest.mark.parametrize(
    "words, says",
    [
        ("grade merge", "to grade the folder that is called merge: python -m sprints grade ./merge"),
        ("grade merge --jobs 3", "to grade the folder that is called merge: python -m sprints grade ./merge"),
        ("grade merge nothing", "no shard has graded into nothing"),
        ("grade ./merge", "merge is empty; it should hold one file or folder a student"),
    ],
)
def test_a_folder_of_submissions_may_be_called_merge(words, says, capsys, tmp_path):
    (tmp_path / "merge").mkdir()
    with pytest.raises(SystemExit) as stop:
        main(words.split())
    said = capsys.readouterr().err
    assert stop.value.code == 2 and said.count("\n") == 1 and says in said


def test_a_students_notebook_is_told_the_name_that_grade_reads(capsys):
    main(["notebook", "day3.denoise", "--student", "-o", "mine.ipynb"])
    assert "its name must hold the lesson's: day3_denoise.ipynb" in capsys.readouterr().out
    main(["notebook", "day3.denoise", "--student", "-o", "kim_day3_denoise.ipynb"])
    assert "its name" not in capsys.readouterr().out
