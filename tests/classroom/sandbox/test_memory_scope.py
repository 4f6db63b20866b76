"""A control group for a submission's memory, with programs that stand in for systemd-run: here is no systemd."""

import io
import json
import os
from pathlib import Path

import pytest
from rich.console import Console

from keras_cv_course.classroom.grading.grading import grade
from keras_cv_course.classroom.process_ending import ending
from keras_cv_course.classroom.sandbox.bubblewrap import bubblewrap
from keras_cv_course.classroom.sandbox.memory_scope import environment_for, memory_scope, words_of
from tests.classroom.grading.hostile_class import SHORT, of

MOST = SHORT.memory
# Does what systemd-run does with what follows its own words, and answers as the kernel would.
RUNS = f"""#!/bin/sh
echo "$@" >> {{log}}
while [ "$1" != "--" ]; do shift; done
shift
case "$*" in *memory.max*) echo {MOST};; *) exec "$@";; esac
"""
STAND_INS = {
    "runs": RUNS,
    "fails": "#!/bin/sh\necho 'Failed to connect to bus' >&2\nexit 1\n",
    "limits nothing": RUNS.replace(f"echo {MOST}", "echo max"),
    "runs the trial alone": RUNS.replace('exec "$@"', "exit 1"),
}


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A function (name): puts a program on the path in place of systemd-run; the file that it notes its words in."""

    def put(name):
        folder, log = tmp_path / "programs", tmp_path / "words"
        folder.mkdir()
        (folder / "systemd-run").write_text(STAND_INS[name].replace("{log}", str(log)))
        (folder / "systemd-run").chmod(0o755)
        monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
        return log

    return put


def test_words_before_a_command():
    limit = ["-p", "MemoryMax=4096", "-p", "MemorySwapMax=0", "--"]
    start = ["/usr/bin/systemd-run", "--scope", "--quiet", "--collect"]
    assert words_of("/usr/bin/systemd-run", 4096, root=True) == [*start, *limit]
    hidden = ["env", "-u", "XDG_RUNTIME_DIR", "-u", "DBUS_SESSION_BUS_ADDRESS"]
    assert words_of("/usr/bin/systemd-run", 4096, root=False) == [*start, "--user", *limit, *hidden]


def test_a_user_reaches_the_users_own_systemd_by_two_variables_alone():
    given = {
        "XDG_RUNTIME_DIR": "/run/user/1",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/bus",
        "SECRET": "x",
    }
    assert environment_for(root=False, environment=given) == {
        name: text for name, text in given.items() if name != "SECRET"
    }
    assert environment_for(root=True, environment=given) == environment_for(root=False, environment={}) == {}


@pytest.mark.parametrize("name, starts", [("runs", True), ("fails", False), ("limits nothing", False)])
def test_it_is_used_where_the_kernel_says_that_the_limit_is_in_force(name, starts, stand_in):
    log = stand_in(name)
    assert bool(memory_scope(MOST)) == starts
    if starts:
        assert f"MemoryMax={MOST}" in memory_scope(MOST)
        assert memory_scope(MOST + 4096) == ()  # the answer of another limit
        assert log.read_text().startswith("--scope")


def test_without_the_program(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert memory_scope(MOST) == ()


@pytest.mark.skipif(bubblewrap() is None, reason="bubblewrap is not installed or does not start here")
@pytest.mark.parametrize(
    "name, says",
    [
        ("runs", "limited by the kernel"),
        ("fails", "counted by the grader"),
        ("runs the trial alone", "counted by the grader"),
    ],
)
def test_grading_with_and_without_it(name, says, stand_in, psnr_course, honest, throw_away, tmp_path):
    log = stand_in(name)
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "honest.py").write_text(honest)
    options = dict(lesson="day3.denoise", limits=SHORT, console=Console(file=io.StringIO()))
    assert of(grade(psnr_course, "class", "grades", **options)) == {"honest": 2}
    about = json.loads(Path("grades/grades.json").read_text(encoding="utf-8"))["about"]
    assert about["memory"].startswith(says)
    assert f"Memory: {says}" in Path("grades/index.html").read_text(encoding="utf-8")
    started = [line for line in log.read_text().splitlines() if "bwrap" in line] if log.exists() else []
    assert bool(started) == (name != "fails")
    assert all(f"MemoryMax={MOST}" in line for line in started)


@pytest.mark.parametrize(
    "code, says",
    [
        (None, "for no known reason"),
        (0, "exit code 0"),
        (3, "exit code 3"),
        (-9, "killed by SIGKILL"),
        (137, "killed by SIGKILL"),
        (255, "exit code 255"),
    ],
)
def test_endings_in_words(code, says):
    assert ending(code) == says
