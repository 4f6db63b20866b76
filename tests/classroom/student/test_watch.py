import io
import json
import os
import sys
from pathlib import Path

import pytest
from rich.console import Console

from keras_cv_course.classroom.checking import PASSED, Verdict
from keras_cv_course.classroom.skeleton import definition, reference, skeleton
from keras_cv_course.classroom.student.progress import Progress
from keras_cv_course.classroom.student.watch import Watch

pexpect = pytest.importorskip("pexpect", reason="pexpect is not installed: pip install pexpect")
popen_spawn = pytest.importorskip("pexpect.popen_spawn")

FILE = Path("exercises/day3_denoise.py")
SMALL = Path("exercises/day1_small.py")
PATIENCE = 120  # seconds; the longest that a loaded machine may take


def body_of(exercises, name):
    """A definition of the reference without its signature and docstring."""
    text = definition(reference(exercises), name)
    return "\n".join(line.removeprefix("    ") for line in text.split('"""\n', 1)[1].splitlines())


def at_a_terminal():
    """The environment of a terminal that says itself how wide it is."""
    return {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES")} | {
        "TERM": "xterm"
    }


@pytest.mark.skipif(not hasattr(pexpect, "spawn"), reason="there are no pseudo-terminals here")
def test_a_student_at_a_terminal(denoise, fill):
    """start → wrong → hint → right → next → a crash → reset → list → quit."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "sprints", "watch", "day3.denoise"],
        dimensions=(30, 90),
        env=at_a_terminal(),
        encoding="utf-8",
        timeout=PATIENCE,
    )
    screen_of = "q quit"
    child.expect("wrote exercises/day3_denoise.py")
    child.expect("0 of 4.*1 psnr.*write: psnr")
    child.expect(screen_of)
    blank = FILE.read_text()

    FILE.write_text(fill(blank, "psnr", "return 10 * np.log10(1 / np.mean((truth - estimate) ** 2))"))
    child.expect("wrong.*1 psnr.*expected.*decibels.*received.*try")
    child.expect(screen_of)
    child.send("hh")  # faster than the screen is drawn
    child.expect("1 of 3.*h opens the next one.*1 of 3.*2 of 3")
    child.expect(screen_of)

    FILE.write_text(fill(FILE.read_text(), "psnr", body_of(denoise, "psnr")))
    child.expect("1 of 4.*psnr.*passed in.*n goes on")
    child.expect(screen_of)
    child.send("n")
    child.expect("2 noise.*write: add_noise")
    child.expect(screen_of)

    FILE.write_text(fill(FILE.read_text(), "add_noise", "import os\nos._exit(3)"))
    child.expect(r"error.*the code ended its own\s+process \(exit code 3\)")
    child.expect(screen_of)
    child.send("x")
    child.expect("x again puts the blanks of noise back")
    child.send("x")
    child.expect("write: add_noise.*your file until now")
    FILE.write_text(fill(FILE.read_text(), "add_noise", body_of(denoise, "add_noise")))
    child.expect("noise.*passed in")  # by the process that took the dead one's place
    child.expect(screen_of)

    child.send("l")
    child.expect("4 of 12 points")
    child.expect(screen_of)
    child.setwinsize(30, 70)  # drawn again without a key
    child.expect("2 of 4.*passed in")
    child.expect(screen_of)
    FILE.write_text("x = (\n")
    child.expect("day3_denoise.py, line 1, is not Python")
    child.expect(screen_of)
    child.send("q")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    notes = json.loads(Path("exercises/progress.json").read_text())["exercises"]
    assert notes["day3.denoise psnr"]["hints"] == 2 and notes["day3.denoise noise"]["outcome"] == "passed"
    assert len(list(Path("exercises").glob("day3_denoise.2*.py"))) == 1  # what x has kept


SCRIPT = """
import sys
from keras_cv_course.classroom.student.progress import Progress
from keras_cv_course.classroom.student.watch import Watch
Watch(sys.argv[1], '', 'exercises').run()
"""


def small_watch(small_course, spawn, **named):
    folder, environment = small_course
    command = [sys.executable, "-c", SCRIPT, str(folder)]
    words = [command[0], command[1:]] if spawn is pexpect.spawn else [command]
    return spawn(*words, env={**os.environ, **environment}, encoding="utf-8", timeout=PATIENCE, **named)


def test_without_a_terminal_it_goes_on_by_itself(small_course, small):
    child = small_watch(small_course, popen_spawn.PopenSpawn)
    child.logfile_read = io.StringIO()
    child.expect("write: double")
    blank = SMALL.read_text()
    half_done = skeleton(small, only=[small.called("half")])
    assert "raise NotImplementedError" in blank and half_done != blank
    SMALL.write_text(half_done)
    child.expect("double passed.*write: half")
    SMALL.write_text(skeleton(small, only=[]))
    child.expect("half passed.*All exercises are passed")
    child.expect(pexpect.EOF)
    assert child.wait() == 0
    child.proc.stdin.close()
    child.proc.stdout.close()
    said = child.logfile_read.getvalue()
    assert "\x1b" not in said and "q quit" not in said


@pytest.mark.skipif(not hasattr(pexpect, "spawn"), reason="there are no pseudo-terminals here")
def test_ctrl_c_ends_it_quietly_and_gives_the_terminal_back(small_course):
    child = small_watch(small_course, pexpect.spawn, dimensions=(24, 90))
    child.expect("q quit")
    assert not child.getecho()
    child.sendintr()
    child.expect(pexpect.EOF)
    assert "Traceback" not in child.before and "Error" not in child.before
    assert child.getecho()
    child.close()
    assert child.exitstatus == 0


# Without a process: what the keys do.


@pytest.fixture
def watch(small_course, monkeypatch):
    monkeypatch.syspath_prepend(small_course[1]["PYTHONPATH"])
    made = []

    def make():
        made.append(Watch(small_course[0], "", "exercises", Console(width=100, highlight=False)))
        return made[-1]

    yield make
    for one in made:
        if one.worker is not None:
            one.worker.close()


def test_all_is_passed_already(watch, small, capsys):
    Path("exercises").mkdir()
    solved = skeleton(small, only=[])
    SMALL.write_text(solved)
    progress = Progress("exercises")
    for one in small:
        progress.record(small, one, Verdict(PASSED), solved)
    watch().run()
    assert capsys.readouterr().out == "All exercises are passed.\n"
    SMALL.write_text(solved.replace("values / 2", "values / 3"))  # passed once, but not with this code
    assert watch().exercise.name == "half"


def test_what_is_saved_during_the_first_check_is_noticed(watch, small):
    watching = watch()
    SMALL.write_text(skeleton(small, only=[]))
    assert watching.look.changed()


def test_n_leaves_an_exercise_for_later(watch):
    watching = watch()
    assert watching.exercise.name == "double"
    assert watching.press("n") and watching.exercise.name == "half"
    assert watching.press("n") and watching.exercise.name == "double"  # from the beginning again
    assert watching.press("p") and watching.exercise.name == "half"
    assert watching.press("?") and not watching.press("q")


def test_x_needs_a_second_x_and_a_file_that_is_python(watch, small, capsys):
    watching = watch()
    solved = skeleton(small, only=[])
    SMALL.write_text(solved)
    watching.press("x")
    watching.press("l")
    watching.press("x")
    assert SMALL.read_text() == solved
    watching.press("x")
    assert SMALL.read_text() == skeleton(small, only=[small.called("double")])
    SMALL.write_text("x = (\n")
    capsys.readouterr()
    watching.press("x")
    assert watching.press("x")
    assert "is not Python" in capsys.readouterr().out and SMALL.read_text() == "x = (\n"


def test_a_file_that_cannot_be_read_is_no_end(watch, small, capsys):
    watching = watch()
    SMALL.write_bytes(b"\xff")
    watching.judge()
    assert "is not UTF-8" in capsys.readouterr().out
    SMALL.unlink()
    watching.judge()
    assert "there is no file" in capsys.readouterr().out
    SMALL.write_text(skeleton(small, only=[]))
    assert watching.look.changed()
    watching.judge(every=True)
    watching.press("l")
    said = capsys.readouterr().out
    assert said.count("] 2 of 2  ") >= 2  # in the header and in the list


@pytest.mark.parametrize("how", ["a key", "the file is saved", "the file is gone"])
def test_an_endless_loop_is_ended_by_a_key_or_a_save(watch, small, how):
    watching, solved = watch(), skeleton(small, only=[])
    endless = solved.replace("return values + values", "while True:\n        values = values")
    SMALL.write_text(endless)
    watching.look.changed()
    calls = []

    def key(wait):
        """What the student does once the check is under way."""
        calls.append(wait)
        if len(calls) == 2 and how == "the file is saved":
            SMALL.write_text(solved)
        if len(calls) == 2 and how == "the file is gone":
            SMALL.unlink()
        return "h" if how == "a key" and len(calls) == 2 else ""

    watching.key = key
    watching.judge()
    assert "double" not in watching.lesson.found
    assert watching.waiting == ("h" if how == "a key" else "")
    if how != "a key":
        assert watching.look.changed()  # the loop of `run` sees the change that ended the check
    SMALL.write_text(solved)
    watching.key = None
    watching.judge()
    assert watching.lesson.found["double"].passed
