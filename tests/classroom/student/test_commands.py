import ast
import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from keras_cv_course.classroom.sandbox.bubblewrap import bubblewrap
from keras_cv_course.classroom.skeleton import definition, reference, skeleton, slow_imports
from keras_cv_course.classroom.student import commands as student
from keras_cv_course.classroom.student.student_file import open_exercises, reset
from sprints.commands import COURSE, main

FILE = Path("exercises/day3_denoise.py")
PROGRESS = Path("exercises/progress.json")


def refused(arguments, capsys):
    """The one line on standard error of a command that ends with exit code 2."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    out, said = capsys.readouterr()
    assert stop.value.code == 2 and said.count("\n") == 1 and said.startswith("sprints: "), said
    assert out == ""
    return said


def notes():
    return json.loads(PROGRESS.read_text(encoding="utf-8"))["exercises"]


# Starting.


def test_start_writes_the_blanks_and_says_what_to_do(capsys, denoise):
    main(["start", "day3.denoise"])
    said = capsys.readouterr().out
    assert "4 exercises, 12 points" in said and "python -m sprints watch day3.denoise" in said
    assert open_exercises(denoise, ast.parse(FILE.read_text())) == list(denoise)


def test_start_never_overwrites(capsys):
    main(["start", "day3.denoise", "--into", "mine"])
    work = Path("mine/day3_denoise.py")
    work.write_bytes(b"# my caf\xe9\n")  # not even UTF-8 is lost
    assert "is there already" in refused(["start", "day3.denoise", "--into", "mine"], capsys)
    assert work.read_bytes() == b"# my caf\xe9\n"
    main(["start", "day3.denoise", "--into", "mine", "--force"])
    (copy,) = (path for path in Path("mine").iterdir() if path != work)
    assert copy.read_bytes() == b"# my caf\xe9\n" and str(copy) in capsys.readouterr().out
    assert re.fullmatch(r"day3_denoise\.\d{4}(-\d\d){5}\.py", copy.name)
    assert "raise NotImplementedError" in work.read_text()
    main(["start", "day3.denoise", "--into", "mine", "--force"])  # within the same second, too
    assert len(list(Path("mine").iterdir())) == 3


def test_reset_puts_one_blank_back_and_keeps_a_copy(denoise, fill):
    FILE.parent.mkdir()
    line = "def psnr(truth, estimate): return 3  # all on one line \u2028 or so\n"
    before = skeleton(denoise, only=[denoise.called("noise")])
    before = before.replace(definition(before, "psnr"), line)
    FILE.write_text(fill(before, "drop_pixels", "return 4"))
    copy = reset(denoise, denoise.called("psnr"), FILE)
    assert line in copy.read_text(encoding="utf-8")
    after, blanked = FILE.read_text(), skeleton(denoise)
    assert definition(after, "psnr") == definition(blanked, "psnr")
    assert "return 4" in definition(after, "drop_pixels")
    reset(denoise, denoise.called("autoencoder"), FILE)
    names = [one.name for one in open_exercises(denoise, ast.parse(FILE.read_text()))]
    assert names == ["psnr", "noise", "autoencoder"]


# Checking.


@pytest.fixture(scope="module")
def checked(tmp_path_factory, denoise, fill):
    """One check of a file with one exercise of each outcome: the file, what was said, whether all passed."""
    path = tmp_path_factory.mktemp("work") / "day3_denoise.py"
    text = skeleton(denoise, only=list(denoise)[1:])
    text = fill(text, "add_noise", "return images + noise * rng.standard_normal(images.shape)")
    path.write_text(fill(text, "drop_pixels", "keep = rate\nreturn images * kept"))
    console = Console(file=io.StringIO(), width=100)
    good = student.check(COURSE, "day3.denoise", path, console=console)
    return path, console.file.getvalue(), good


def test_four_outcomes_are_kept_apart(checked):
    _, said, good = checked
    assert not good and "2 of 12 points" in said
    for number, (name, outcome, points) in enumerate(
        [("psnr", "passed", 2), ("noise", "wrong", 0), ("dropout", "error", 0)], 1
    ):
        assert re.search(rf"{number} +{name} +{outcome} +{points} of 2 points", said), said
    assert re.search(r"4 +autoencoder +not attempted +0 of 6 points", said)


def test_wrong_says_expected_received_and_try(checked):
    said = checked[1]
    message = said[said.index("2 noise: ") : said.index("3 dropout: ")]
    assert re.search(r"expected +dtype of the noisy images: 'float32'", message)
    assert re.search(r"received +'float64'", message)
    assert re.search(r"try +cast back to the dtype of the images", message)


def test_an_error_names_the_students_line(checked):
    path, said, _ = checked
    number = path.read_text().splitlines().index("    return images * kept") + 1
    said = " ".join(said.split())
    assert f"line {number} of day3_denoise.py: return images * kept" in said
    assert "NameError: name 'kept' is not defined" in said


def test_one_screen_and_the_next_step(checked):
    said = checked[1]
    assert said.count("\n") <= 24
    assert "Next: 2 noise" in said and "python -m sprints hint day3.denoise 2" in said


def test_the_outcomes_are_noted(checked):
    known = json.loads((checked[0].parent / "progress.json").read_text())["exercises"]
    outcomes = {name: note["outcome"] for name, note in known.items()}
    assert outcomes == {
        "day3.denoise psnr": "passed",
        "day3.denoise noise": "wrong",
        "day3.denoise dropout": "error",
        "day3.denoise autoencoder": "not attempted",
    }
    assert [name for name, note in known.items() if "passed" in note] == ["day3.denoise psnr"]


def test_somebody_elses_file_is_checked_in_the_sandbox(denoise, fill, capsys, monkeypatch, tmp_path):
    """It passes, and what it writes outside its folder is nowhere afterwards."""
    if bubblewrap() is None:
        pytest.skip("bubblewrap is not installed or does not start here: apt install bubblewrap")
    marks = f"from pathlib import Path\ntry:\n    Path({str(tmp_path / 'mark')!r}).touch()\nexcept OSError:\n    pass\n"
    Path("theirs.py").write_text(f"{reference(denoise)}\n{marks}")
    main(["check", "day3.denoise", "--file", "theirs.py", "--exercise", "psnr", "--sandbox"])
    assert "psnr" in capsys.readouterr().out and not (tmp_path / "mark").exists()
    monkeypatch.setenv("PATH", str(tmp_path))
    said = refused(
        ["check", "day3.denoise", "--file", "theirs.py", "--exercise", "psnr", "--sandbox"], capsys
    )
    assert "--sandbox needs bubblewrap" in said


def test_progress_goes_on_where_the_folder_is_copied(checked, capsys):
    FILE.parent.mkdir()
    PROGRESS.write_bytes((checked[0].parent / "progress.json").read_bytes())
    main(["progress"])
    said = capsys.readouterr().out
    assert "Day 3" in said and re.search(r"day3\.denoise +\[#{5}-{15}\] 1 of 4  2 of 12 points", said)
    assert "noise: last check: wrong" in said
    main(["hint", "day3.denoise"])
    assert "2 noise" in capsys.readouterr().out  # the first that is not passed


def test_blanks_alone_are_not_attempted_and_exit_code_1(capsys):
    main(["start", "day3.denoise"])
    with pytest.raises(SystemExit) as stop:
        main(["check", "day3.denoise"])
    assert stop.value.code == 1
    assert capsys.readouterr().out.count("not attempted") == 4
    assert not PROGRESS.exists()


def test_keras_is_started_for_exercises_that_need_it(denoise, small):
    assert slow_imports(denoise) == ["keras_cv_course.gradient_order"] and slow_imports(small) == []


def checking(path, width=100, exercise=None):
    """What `check` says, without a terminal's colours."""
    console = Console(file=io.StringIO(), width=width)
    student.check(COURSE, "day3.denoise", path, exercise, console=console)
    return console.file.getvalue()


def test_what_the_code_prints_is_shown_and_an_endless_loop_is_named(denoise, fill, monkeypatch):
    path = Path("day3_denoise.py")
    text = skeleton(denoise, only=list(denoise)[2:])
    text = fill(text, "psnr", "print('the errors', truth.shape)\nreturn 3.0")
    path.write_text(fill(text, "add_noise", "while True:\n    images = images + 0"))
    monkeypatch.setattr("keras_cv_course.classroom.student.commands.SECONDS", 3)
    said = checking(path)
    assert re.search(r"printed +the errors \(", said)
    line = path.read_text().splitlines().index("    while True:") + 1
    assert re.search(rf"no answer within 3 s.*stood at line ({line}|{line + 1})", " ".join(said.split()))


def test_what_was_passed_is_shown_when_one_exercise_is_checked(denoise, fill):
    path = Path("day3_denoise.py")
    path.write_text(skeleton(denoise, only=[denoise.called("noise")]))
    checking(path, exercise="psnr")
    said = checking(path, exercise="noise")
    assert re.search(r"psnr +passed +2 of 2", said) and re.search(r"noise +not attempted +0 of 2", said)
    path.write_text(fill(path.read_text(), "psnr", "return 3"))
    assert re.search(r"psnr +not checked +0 of 2", checking(path, exercise="noise"))


@pytest.mark.parametrize("width", ["0", "20", "nonsense", "10000"])
def test_any_width_of_a_terminal_will_do(width, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", width)
    main(["start", "day3.denoise"])
    main(["hint", "day3.denoise", "noise"])
    main(["progress"])
    assert "noise" in capsys.readouterr().out


# Hints and solutions.


def test_hints_open_one_by_one(capsys, denoise):
    hints = denoise.called("noise").hints
    for call, opened in enumerate([1, 2, 3, 3], 1):
        main(["hint", "day3.denoise", "noise"])
        said = " ".join(capsys.readouterr().out.split())
        for number, hint in enumerate(hints, 1):
            assert (f"{number} of 3: {hint}" in said) == (number <= opened), (call, number)
        assert notes()["day3.denoise noise"]["hints"] == opened
    main(["progress"])
    assert "noise: 3 of 3 hints" in capsys.readouterr().out


def test_a_solution_is_closed_until_it_is_passed(capsys, denoise):
    FILE.parent.mkdir()
    date = {"outcome": "passed", "date": "2026-01-01 10:00:00", "passed": "2026-01-01 10:00:00"}
    PROGRESS.write_text(json.dumps({"exercises": {"day3.denoise psnr": date}}))
    main(["solution", "day3.denoise", "psnr"])
    shown = "".join(capsys.readouterr().out.split())
    assert "".join(definition(reference(denoise), "psnr").split()) in shown  # nothing is cut at 80 columns
    said = refused(["solution", "day3.denoise", "noise"], capsys)
    assert "noise is not passed yet" in said and "--give-up" in said
    assert "psnr" not in refused(["solution", "day3.denoise"], capsys)  # all of them: noise is the first
    assert notes() == {"day3.denoise psnr": date}


def test_a_solution_in_a_file_is_python(capsys, denoise):
    main(["solution", "day3.denoise", "--give-up"])
    said = capsys.readouterr().out
    ast.parse(said)
    text = reference(denoise)
    assert all(definition(text, name).strip() in said for one in denoise for name in one.definitions)


def test_giving_up_opens_it_and_is_noted(capsys):
    main(["solution", "day3.denoise", "noise", "--give-up"])
    said = capsys.readouterr().out
    assert "rng.standard_normal" in said and "Noted as given up" in said
    first = notes()["day3.denoise noise"]["gave_up"]
    assert "passed" not in notes()["day3.denoise noise"]
    main(["solution", "day3.denoise", "noise", "--give-up"])
    assert notes()["day3.denoise noise"]["gave_up"] == first
    main(["progress"])
    assert f"noise: given up {first[:10]}" in capsys.readouterr().out


# The notes.

WRITER = """
import os, signal, sys
from keras_cv_course.classroom.student.progress import Progress
from keras_cv_course.lesson import publish

class Lesson:
    lesson = "day3.x"

class One:
    name = "one"

progress = Progress("exercises")
progress.note(Lesson, One, hints=1)
if sys.argv[1] == "in the middle":
    # All of the new text is written, and not yet in its place.
    publish.os.fsync = lambda number: os.kill(os.getpid(), signal.SIGKILL)
    progress.note(Lesson, One, hints=2)
for number in range(10**9):
    progress.note(Lesson, One, hints=number, gave_up="x" * (number % 1000))
"""


def writer(how):
    return subprocess.Popen([sys.executable, "-c", WRITER, how], start_new_session=True)


def test_a_kill_in_the_middle_of_a_write_leaves_the_notes_as_they_were():
    process = writer("in the middle")
    assert process.wait() == -signal.SIGKILL
    assert notes() == {"day3.x one": {"hints": 1}}


def test_the_notes_are_whole_at_any_moment():
    process = writer("without end")
    try:
        seen = set()
        while len(seen) < 20:
            assert process.poll() is None
            if PROGRESS.exists():
                seen.add(notes()["day3.x one"]["hints"])
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert isinstance(notes()["day3.x one"]["hints"], int)


def test_two_commands_at_once_keep_each_others_notes(denoise):
    one, other = student.Progress("exercises"), student.Progress("exercises")
    one.note(denoise, denoise.called("psnr"), gave_up="2026-01-01 10:00:00")
    other.note(denoise, denoise.called("psnr"), hints=2)
    assert notes() == {"day3.denoise psnr": {"gave_up": "2026-01-01 10:00:00", "hints": 2}}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"exercises": {"day3.denoise ps',
        b"[]",
        b'{"exercises": []}',
        b'{"exercises": {"day3.denoise noise": 3}}',
        b'{"exercises": {"day3.denoise noise": {"hints": "three"}}}',
        b"\xff\xfe",
    ],
)
@pytest.mark.parametrize("command", ["hint", "solution", "check", "watch", "progress"])
def test_damaged_notes_are_named_and_left_alone(command, content, capsys):
    main(["start", "day3.denoise"])
    PROGRESS.write_bytes(content)
    said = refused([command, *(["day3.denoise"] if command != "progress" else [])], capsys)
    assert f"{PROGRESS} is damaged" in said
    assert PROGRESS.read_bytes() == content


# Bad input.


@pytest.mark.parametrize(
    "arguments, says",
    [
        ("check day3.nothing", "there is no lesson or day 'day3.nothing'; did you mean"),
        ("start day3.nothing", "there is no lesson or day 'day3.nothing'"),
        ("check day3.denoise", "there is no file exercises/day3_denoise.py; make it with"),
        ("check day3.denoise --file nowhere.py", "there is no file nowhere.py"),
        ("check day3.denoise --file folder", "folder is not a file"),
        ("check day3.denoise --file latin.py", "latin.py is not UTF-8 text (byte 6)"),
        ("check day3.denoise --file nul.py", "nul.py holds NUL bytes"),
        ("check day3.denoise --file large.py", "large.py has 600,000 bytes; 500,000 are the most"),
        ("check day3.denoise --file broken.py", "broken.py, line 2, is not Python: '(' was never closed"),
        ("check day3.denoise --file deep.py", "deep.py"),
        ("check day3.denoise --file empty.py --exercise nine", "has no exercise 'nine'; it has 1 psnr, 2"),
        ("hint day3.denoise 9", "has no exercise '9'"),
        ("solution day3.denoise nine", "has no exercise 'nine'"),
        ("watch day9", "there is no lesson or day 'day9'"),
        ("gate day9", "there is no lesson or day 'day9'"),
        ("notebook day3.denoise -o n.ipynb --student --teacher", "choose one of the two"),
        ("grade nowhere", "nowhere is not a folder"),
        ("grade folder", "folder is empty"),
        ("grade . --jobs 0", "jobs must be at least 1, got 0"),
        ("grade . --lesson day3.nothing", "there is no lesson or day 'day3.nothing'"),
        ("similar nowhere", "nowhere is not a folder"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, says, capsys):
    Path("folder").mkdir()
    Path("latin.py").write_bytes(b"# caf\xe9"[:5] + b"f\xe9\n")
    Path("nul.py").write_bytes(b"x = 1\0\n")
    Path("large.py").write_bytes(b"#" * 600_000)
    Path("broken.py").write_text("x = 1\ny = (\n")
    Path("deep.py").write_text("(" * 50_000)
    Path("empty.py").write_text("")
    before = sorted(Path().rglob("*"))
    assert says in refused(arguments.split(), capsys)
    assert sorted(Path().rglob("*")) == before
