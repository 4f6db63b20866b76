"""Submissions that are honest, and submissions that are not."""

import base64
import csv
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from keras_cv_course.classroom.grading.grading import grade
from keras_cv_course.classroom.grading.sandbox import (
    FIRST_USER,
    Limits,
    bubblewrap,
    can_run_python,
    python_folders,
)
from keras_cv_course.classroom.skeleton import composition, definition, reference, skeleton
from keras_cv_course.classroom.student.commands import exercises_of
from keras_cv_course.errors import InputError
from sprints.commands import COURSE

HOSTILE = Path(__file__).parents[1] / "hostile"
PORT = 47113  # the one that hostile/loopback_socket.py asks
MARK = "HOSTILE_WAS_HERE"
SHORT = Limits(request=5, exercise=12, memory=2**30)

needs_walls = pytest.mark.skipif(
    bubblewrap() is None, reason="bubblewrap is not installed or does not start here: apt install bubblewrap"
)


def everybody_can_read_python():
    """Words before a command that let every user read this Python; None where there are none.

    Without walls root grades as another user, but root's Python often lies where only root may enter.
    """
    if os.getuid() != 0 or can_run_python(FIRST_USER):
        return []
    if bubblewrap() is None:
        return None
    words, folders = [bubblewrap(), "--bind", "/", "/", "--dev-bind", "/dev", "/dev"], python_folders()
    parents = sorted({str(parent) for folder in folders for parent in Path(folder).parents})
    closed = [parent for parent in parents if not Path(parent).stat().st_mode & 0o001]
    for parent in parents:
        if parent in closed and not any(parent.startswith(f"{other}/") for other in closed):
            words += ["--perms", "0755", "--tmpfs", parent]
        elif any(parent.startswith(f"{other}/") for other in closed):
            words += ["--perms", "0755", "--dir", parent]
    return words + [word for folder in folders for word in ("--ro-bind", folder, folder)]


def quiet():
    return Console(file=io.StringIO(), width=100)


@pytest.fixture(scope="module")
def psnr_course(tmp_path_factory):
    """day3.denoise with its first exercise alone: without Keras a submission takes a second, not ten."""
    folder = tmp_path_factory.mktemp("course") / "day3"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Day 3."""\n\nLESSONS = ("denoise",)\n')
    (folder / "denoise.py").write_text('"""One measure."""\n')
    (folder / "exercises").mkdir()
    (folder / "exercises" / "denoise.py").write_text(
        "from keras_cv_course.classroom import Exercises\n"
        "from sprints.day3.exercises.denoise import psnr\n\n"
        'EXERCISES = Exercises("day3.denoise", ("keras_cv_course.metrics.psnr",), (psnr,))\n'
    )
    return folder.parent


@pytest.fixture(scope="module")
def psnr_exercises(psnr_course):
    return exercises_of(psnr_course, "day3.denoise")[0]


@pytest.fixture(scope="module")
def honest(psnr_exercises):
    return skeleton(psnr_exercises, only=[])


@pytest.fixture
def throw_away(monkeypatch):
    """Where the grader keeps its own temporary files: every user may pass, as in /tmp."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def of(results):
    return {student: result["points"] for student, result in results.items()}


def remarks(result):
    return [remark for lesson in result["lessons"].values() for remark in lesson["remarks"]]


def without_times(results):
    """Results without what differs from run to run."""
    return {student: {**result, "seconds": None} for student, result in results.items()}


class Page(HTMLParser):
    """The tags and the visible text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.said = set(), ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        assert not any(name.startswith("on") for name, _ in attributes)

    def handle_data(self, data):
        self.said += data


# Hostile submissions.


@pytest.fixture
def listener():
    """A server on the loopback that would tell the answer; nobody may ask it."""
    with socket.create_server(("127.0.0.1", PORT)) as server:
        server.setblocking(False)
        yield server
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.fixture
def no_mark():
    places = ["/", "/etc", "/usr", "/tmp", "/var/tmp", "/root", "/home", "/sandbox", "/dev/shm", Path.home()]
    places = [Path(place) / MARK for place in (*places, ".", "..", "../..")]
    assert not [place for place in places if place.exists()]
    yield
    assert not [place for place in places if place.exists()]


def hand_in_more(folder, honest):
    """Submissions that are no good to keep in a repository. Returns {student: what its remark says}."""
    (folder / "link.py").symlink_to(folder / "honest.py")
    with open(folder / "large.py", "wb") as file:
        file.write(honest.encode())
        file.truncate(50 * 2**20)
    (folder / "latin.py").write_bytes(honest.encode() + "# é\n".encode("latin-1"))
    (folder / "nul.py").write_bytes(honest.encode() + b"# \0\n")
    (folder / "deep.py").write_text(honest + "\nx = " + "(" * 100_000 + ")" * 100_000 + "\n")
    (folder / "deep_minus.py").write_text(honest + "\nx = " + "-" * 100_000 + "1\n")
    (folder / "empty_lines.py").write_text("\n" * 450_000)  # a careless search in it takes hours
    (folder / "nothing").mkdir()
    os.mkfifo(folder / "pipe.py")
    linked = folder / "linked_folder"
    linked.mkdir()
    (linked / "day3_denoise.py").symlink_to(folder / "honest.py")
    return {
        "link": "a symbolic link, not a file",
        "large": "50.0 MB of source",
        "latin": "not UTF-8 text",
        "nul": "NUL bytes in the source",
        "deep": "too many nested parentheses",
        "deep_minus": "",
        "empty_lines": "psnr is not in the file",
        "nothing": "no Python file in the folder",
        "pipe": "not an ordinary file",
        "linked_folder": "a symbolic link, not a file",
    }


@needs_walls
def test_hostile_submissions_score_nothing_harm_nothing_and_are_named(
    psnr_course, honest, throw_away, listener, no_mark, tmp_path
):
    folder = tmp_path / "class"
    shutil.copytree(HOSTILE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    hostile = {path.stem for path in folder.iterdir()}
    (folder / "honest.py").write_text(honest)
    said = hand_in_more(folder, honest)
    results = grade(
        psnr_course, folder, "grades", lesson="day3.denoise", limits=SHORT, jobs=1, console=quiet()
    )
    assert of(results) == {**dict.fromkeys([*hostile, *said], 0), "honest": 2}
    # Whoever lies in words alone is simply wrong; everybody else is named.
    wrong = {"writes_outside": "which the exercise does not need"}
    for student in (*hostile, *said):
        assert remarks(results[student]), student
        assert any(
            said.get(student, wrong.get(student, "")) in remark for remark in remarks(results[student])
        )
    assert remarks(results["honest"]) == []
    assert (folder / "honest.py").read_text() == honest
    assert list(throw_away.iterdir()) == []
    page = Page(Path("grades/index.html").read_text(encoding="utf-8"))
    assert "script" not in page.tags and "<script>alert(1)</script>" in page.said
    for student in results:
        assert student in page.said


# Without bubblewrap the limits hold, and nothing fakes a point; what it could read and write is not tried.
WITHOUT_WALLS = [
    "always_equal",
    "endless_loop",
    "forged_result",
    "large_file",
    "lying_array",
    "memory_bomb",
    "odd_values",
    "os_exit",
    "patched_testing",
    "pickle",
    "sys_exit_on_import",
]


GRADE = """
import sys
from pathlib import Path
from rich.console import Console
from keras_cv_course.classroom.grading.grading import grade
from keras_cv_course.classroom.grading.sandbox import Limits

course, walls = sys.argv[1:]
grade(
    Path(course), "class", "grades", jobs=1, lesson="day3.denoise", seed=3, walls=walls == "walls",
    limits=Limits(request=5, exercise=12, memory=2**30), console=Console(width=100),
)
"""


def grading(course, walls, throw_away):
    """A command that grades ./class into ./grades, and its environment."""
    command = [sys.executable, "-c", GRADE, str(course), "walls" if walls else "none"]
    return command, {**os.environ, "TMPDIR": str(throw_away)}


def test_without_bubblewrap(psnr_course, honest, throw_away, no_mark, tmp_path):
    before = everybody_can_read_python()
    if before is None:
        pytest.skip(f"root grades without walls only where other users can read {sys.prefix}")
    (tmp_path / "class").mkdir()
    for name in WITHOUT_WALLS:
        shutil.copy(HOSTILE / f"{name}.py", tmp_path / "class")
    (tmp_path / "class" / "honest.py").write_text(honest)
    command, environment = grading(psnr_course, False, throw_away)
    done = subprocess.run([*before, *command], env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    results = json.loads(Path("grades/grades.json").read_text(encoding="utf-8"))["students"]
    assert of(results) == {**dict.fromkeys(WITHOUT_WALLS, 0), "honest": 2}
    assert all(remarks(results[student]) for student in WITHOUT_WALLS)
    assert list(throw_away.iterdir()) == []
    for said in (done.stdout, Page(Path("grades/index.html").read_text(encoding="utf-8")).said):
        assert "eaker walls" in said and "apt install bubblewrap" in said


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become another user")
def test_root_never_runs_a_submission_as_root(psnr_course, honest, monkeypatch, tmp_path):
    monkeypatch.setattr("keras_cv_course.classroom.grading.sandbox.can_run_python", lambda user: False)
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "honest.py").write_text(honest)
    with pytest.raises(InputError, match="would run as root.*apt install bubblewrap"):
        grade(psnr_course, "class", "grades", lesson="day3.denoise", console=quiet(), walls=False)


# Reports.


@needs_walls
def test_a_whole_lesson_in_csv_json_and_html(denoise, fill, throw_away, tmp_path):
    folder = tmp_path / "class"
    (folder / "ada").mkdir(parents=True)
    text = skeleton(denoise, only=[])
    (folder / "ada" / "day3_denoise.py").write_text(text)
    text = fill(skeleton(denoise, only=list(denoise)[1:]), "add_noise", "return {(1, 2): images}")
    text = fill(text, "drop_pixels", 'raise ValueError("\\ud800 <b>no</b> [/]")')
    (folder / "=day3_denoise <i>.py").write_text(text)
    results = grade(COURSE, folder, "grades", jobs=2, seed=5, console=quiet())
    other = "=day3_denoise <i>"
    assert of(results) == {"ada": 12, other: 2}
    outcomes = {
        student: [verdict["outcome"] for verdict in result["lessons"]["day3.denoise"]["exercises"].values()]
        for student, result in results.items()
    }
    assert outcomes == {"ada": ["passed"] * 4, other: ["passed", "wrong", "error", "not attempted"]}
    assert remarks(results["ada"]) == [] and "<b>no</b>" in remarks(results[other])[0]
    images = results["ada"]["lessons"]["day3.denoise"]["images"]
    assert set(images) == {exercise.name for exercise in denoise if exercise.image}
    assert all(base64.b64decode(image).startswith(b"\x89PNG") for image in images.values())

    kept = json.loads(Path("grades/grades.json").read_text(encoding="utf-8"))
    assert kept["students"] == results and kept["about"]["seed"] == 5
    of_class = kept["class"]["day3.denoise"]
    for number, exercise in enumerate(denoise):
        counted = [row[number] for row in outcomes.values()]
        told = of_class[exercise.name]["outcomes"]
        assert told == {outcome: counted.count(outcome) for outcome in told}
        assert [count for _, count in of_class[exercise.name]["failed"]] == [1] * (number in (1, 2))

    with open("grades/grades.csv", newline="", encoding="utf-8") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"ada", f"'{other}"}  # no spreadsheet takes it for a formula
    for student, result in results.items():
        row = rows[student if student == "ada" else f"'{student}"]
        for exercise in denoise:
            points = result["lessons"]["day3.denoise"]["exercises"][exercise.name]["points"]
            assert row[f"day3.denoise {exercise.name}"] == str(points)
        assert (row["day3.denoise"], row["points"], row["of"]) == (*[str(result["points"])] * 2, "12")

    page = Page(Path("grades/index.html").read_text(encoding="utf-8"))
    assert "<b>no</b>" in page.said and other in page.said
    assert "12 of 12" in page.said and "2 of 12" in page.said and "mean 7.0" in page.said
    assert definition(reference(denoise), "psnr") not in page.said


# Interruptions.


@pytest.fixture
def handed_in(honest, psnr_exercises, fill, tmp_path):
    """Eight students' files: right, wrong, blank and broken."""
    folder = tmp_path / "class"
    folder.mkdir()
    blank = skeleton(psnr_exercises)
    texts = [honest, blank, fill(blank, "psnr", "return 20.0"), fill(blank, "psnr", "return 1 / 0")]
    for number in range(8):
        (folder / f"student_{number}.py").write_text(texts[number % 4])
    return folder


@pytest.fixture
def walls():
    """Whatever walls there are here."""
    if bubblewrap() is None and os.getuid() == 0 and not can_run_python(FIRST_USER):
        pytest.skip("there are no walls here, and root grades without them only as another user")
    return bubblewrap() is not None


def graded(folder="grades"):
    return {path.name: path.stat().st_mtime_ns for path in Path(folder, "students").glob("student_*.json")}


def test_a_killed_grading_goes_on_where_it_was(psnr_course, handed_in, walls, throw_away):
    command, environment = grading(psnr_course, walls, throw_away)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        while len(graded()) < 3:
            assert process.poll() is None
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    before = graded()
    assert 3 <= len(before) < 8 and not Path("grades/grades.csv").exists()
    options = dict(lesson="day3.denoise", seed=3, jobs=1, walls=walls)
    results = grade(psnr_course, "class", "grades", console=quiet(), **options)
    after = graded()
    assert len(after) == 8 and all(after[name] == time for name, time in before.items())
    at_once = grade(psnr_course, "class", "at once", console=quiet(), **options)
    assert without_times(results) == without_times(at_once)
    assert list(of(results).values()) == [2, 0, 0, 0] * 2
    assert Path("grades/grades.csv").read_bytes() == Path("at once/grades.csv").read_bytes()

    # Only what was handed in again is graded again; the seed that was drawn stays.
    shutil.copy("class/student_0.py", "class/student_1.py")
    Path("grades/students/student_2.json").write_text('{"half": ')
    again = grade(psnr_course, "class", "grades", console=quiet(), **{**options, "seed": None})
    changed = {name for name, time in graded().items() if time != after[name]}
    assert changed == {"student_1.json", "student_2.json"} and again["student_1"]["points"] == 2

    with pytest.raises(InputError, match="holds the grades of .*class; grade into another folder"):
        grade(psnr_course, psnr_course, "grades", console=quiet(), **options)
    with pytest.raises(InputError, match="grade into another folder"):
        grade(psnr_course, "class", "grades", console=quiet(), **{**options, "seed": 4})
    Path("grades/grading.json").write_text("{")
    with pytest.raises(InputError, match=r"grading\.json is damaged"):
        grade(psnr_course, "class", "grades", console=quiet(), **options)


def test_names_of_every_kind(psnr_course, honest, walls, throw_away, tmp_path):
    """Twice the same name, a name that is no UTF-8, one that looks like markup; the grades lie in between."""
    folder = tmp_path / "class"
    (folder / "ada").mkdir(parents=True)
    (folder / "ada" / "psnr.py").write_text(honest)
    for name in ("ada.py", "[bold]bob.py"):
        (folder / name).write_text("x = 1\n")
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.py")).write_text(honest)
    for _ in range(2):  # the second time, the folder of grades is there
        results = grade(
            psnr_course, folder, folder / "grades", lesson="day3.denoise", console=quiet(), walls=walls
        )
        assert of(results) == {"ada": 2, "ada.py": 0, "[bold]bob": 0, "caf\\udce9": 2}


class Litter:
    """Something that takes Python a while to throw away, in the middle of whatever it is doing."""

    def __init__(self):
        self.me = self

    def __del__(self):
        sum(range(2000))
        for _ in range(200):
            pass


def test_several_jobs_read_the_exercises_at_once(denoise):
    """Where that is not prevented, about every third fails in Python 3.11."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def work(_):
        for _ in range(30):
            Litter()
        return composition(denoise, denoise.called("autoencoder"))

    try:
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(work, range(40)))
    finally:
        sys.setswitchinterval(before)
    assert all(one == made[0] for one in made)
