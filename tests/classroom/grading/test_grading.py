"""Submissions that are honest, and submissions that are not."""

import base64
import csv
import importlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from keras_cv_course.classroom.grading.grading import grade
from keras_cv_course.classroom.grading.grading_key import seed_of
from keras_cv_course.classroom.grading.submissions import collect
from keras_cv_course.classroom.sandbox.bubblewrap import bubblewrap
from keras_cv_course.classroom.sandbox.own_user import FIRST_USER, can_run_python
from keras_cv_course.classroom.skeleton import composition, definition, reference, skeleton
from keras_cv_course.errors import InputError
from keras_cv_course.file_lock import locked
from sprints.commands import COURSE
from tests.classroom.grading.hostile_class import (
    HOSTILE,
    SHORT,
    everybody_can_read_python,
    grading,
    listening,
    no_marks,
    of,
    remarks,
)

needs_sandbox = pytest.mark.skipif(
    bubblewrap() is None, reason="bubblewrap is not installed or does not start here: apt install bubblewrap"
)


def quiet():
    return Console(file=io.StringIO(), width=100)


def without_times(results):
    """Results without what differs from run to run."""
    return {student: {**result, "seconds": None, "seal": None} for student, result in results.items()}


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


def broken_archive(text):
    """A zip archive whose one member cannot be unpacked."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("day3_denoise.py", text)
    start = file.getvalue().index(b"day3_denoise.py") + len("day3_denoise.py")
    return file.getvalue()[:start] + b"\xff" * 20 + file.getvalue()[start + 20 :]


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
    (folder / "long_import.py").write_text(honest + "\nimport a" + ".a" * 240_000 + "\n")  # asks for 60 GB
    (folder / "broken.zip").write_bytes(broken_archive(honest))
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
        "long_import": "MemoryError",
        "broken": "no zip archive that can be read: Error -3 while decompressing data",
        "nothing": "no Python file in the folder",
        "pipe": "not an ordinary file",
        "linked_folder": "a symbolic link, not a file",
    }


# What merely computes wrongly or with a library is not hostile: it gets what it deserves, and a remark.
LAWFUL = {"dynamic_imports": 2, "knows_two_answers": 0}


@pytest.fixture(scope="module")
def hostile(psnr_course, honest, tmp_path_factory):
    """All hostile submissions, graded once in the sandbox beside an honest one."""
    if bubblewrap() is None:
        pytest.skip("bubblewrap is not installed or does not start here: apt install bubblewrap")
    root = tmp_path_factory.mktemp("hostile")
    folder = root / "class"
    folder.mkdir()
    for path in HOSTILE.values():
        shutil.copy(path, folder)
    names = set(HOSTILE) - set(LAWFUL)
    (folder / "honest.py").write_text(honest)
    said = hand_in_more(folder, honest)
    with (
        tempfile.TemporaryDirectory() as temporary,
        pytest.MonkeyPatch.context() as patch,
        listening(),
        no_marks(),
    ):
        os.chmod(temporary, 0o755)  # where the grader keeps its own temporary files: every user may pass
        patch.setattr(tempfile, "tempdir", temporary)
        results = grade(
            psnr_course, folder, root / "grades", lesson="day3.denoise", limits=SHORT, jobs=2, console=quiet()
        )
        left = list(Path(temporary).iterdir())
    return Hostile(root, names, said, results, left)


@dataclass
class Hostile:
    root: Path
    names: set
    said: dict
    results: dict
    left: list


def test_hostile_submissions_score_nothing_harm_nothing_and_are_named(hostile, honest):
    results, said = hostile.results, hostile.said
    assert of(results) == {**dict.fromkeys([*hostile.names, *said], 0), **LAWFUL, "honest": 2}
    # Whoever lies in words alone is simply wrong; everybody else is named.
    wrong = {"writes_outside": "which the exercise does not need"}
    for student in (*hostile.names, *said):
        assert remarks(results[student]), student
        assert any(said.get(student, wrong.get(student, "")) in text for text in remarks(results[student])), (
            student
        )
    assert remarks(results["honest"]) == []
    assert not [student for student in results if remarks(results[student], ["failures"])]
    assert any("uses __import__" in text for text in remarks(results["dynamic_imports"]))
    assert (hostile.root / "class" / "honest.py").read_text() == honest
    assert hostile.left == []


def test_hostile_submissions_leave_the_reports_whole(hostile):
    grades = hostile.root / "grades"
    page = Page((grades / "index.html").read_text(encoding="utf-8"))
    assert "script" not in page.tags and "<script>alert(1)</script>" in page.said
    for student in hostile.results:
        assert student in page.said
    for name in ("grades.csv", "grades.json", "index.html"):
        text = (grades / name).read_text(encoding="utf-8")
        assert "\x1b" not in text and len(text) < 2_000_000


def test_hostile_submissions_leave_nothing_in_the_kernel(hostile):
    if Path("/proc/keys").exists():
        assert "hostile" not in Path("/proc/keys").read_text()
    assert not [line for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:] if " 6100" in line]


@pytest.mark.parametrize(
    "name, says",
    [
        ("memory_files", "PermissionError: [Errno 1] Operation not permitted"),
        ("system_v", "no System V segment to be had"),
        ("kernel_keys", "key -1: Operation not permitted"),
        ("own_namespace", "no namespace: Operation not permitted"),
        ("locks_a_shared_file", "PermissionError: [Errno 1] Operation not permitted"),
        ("many_files", "more than 20,000 files"),
        ("grandchild_holds_the_pipe", "ended its own process"),
        ("giant_json", "a message of 48,"),
        ("giant_name", "KKKKK: x"),
        ("closed_folders", "more than 20,000 files"),
        ("fills_the_disk", "more than 0.5 GB of memory"),
        ("hides_from_the_count", "more than 0.5 GB of memory"),
        ("drips", "no answer within"),
        ("stops_everybody", "no answer within"),
        ("parents_memory", "ptrace -1: Operation not permitted"),
        ("changes_the_clock", "0 Operation not permitted; 1 Invalid argument"),
        ("deep_tree", "3,000 folders deep"),
        (
            "forges_the_graders_failure",
            "the grader failed (OSError: no space left); grade this one by hand\\x1b[2J",
        ),
    ],
)
def test_what_is_shut(name, says, hostile):
    """Each of these was open once; what the code says of it shows that it is shut, not that it was never tried."""
    assert any(says in text for text in remarks(hostile.results[name])), remarks(hostile.results[name])
    assert hostile.results[name]["seconds"] < 15  # the deadline of an exercise, and what it takes to end it


# Of those that tier 2 grades without a sandbox: what holds there in another way than in a sandbox.
TYPICAL = [
    "closed_folders",
    "deep_tree",
    "fills_the_disk",
    "forged_result",
    "grandchild_holds_the_pipe",
    "hides_from_the_count",
    "kernel_keys",
    "surviving_daemon",
    "system_v",
]


def test_without_bubblewrap(psnr_course, honest, throw_away, tmp_path):
    before = everybody_can_read_python()
    if before is None:
        pytest.skip(f"root grades without a sandbox only where other users can read {sys.prefix}")
    (tmp_path / "class").mkdir()
    for name in TYPICAL:
        shutil.copy(HOSTILE[name], tmp_path / "class")
    (tmp_path / "class" / "honest.py").write_text(honest)
    command, environment = grading(psnr_course, False, throw_away)
    with no_marks():
        done = subprocess.run([*before, *command], env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    results = json.loads(Path("grades/grades.json").read_text(encoding="utf-8"))["students"]
    assert of(results) == {**dict.fromkeys(TYPICAL, 0), "honest": 2}
    assert all(remarks(results[student]) for student in TYPICAL)
    assert list(throw_away.iterdir()) == []
    for said in (done.stdout, Page(Path("grades/index.html").read_text(encoding="utf-8")).said):
        assert "eaker isolation" in said and "apt install bubblewrap" in " ".join(said.split())


def test_without_bubblewrap_nothing_is_graded_unless_that_is_asked_for(
    psnr_course, honest, monkeypatch, tmp_path
):
    monkeypatch.setattr("keras_cv_course.classroom.grading.grading.bubblewrap", lambda: None)
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "honest.py").write_text(honest)
    with pytest.raises(InputError, match="bubblewrap .* is not installed .* add --no-sandbox and read"):
        grade(psnr_course, "class", "grades", lesson="day3.denoise", console=quiet())
    assert not Path("grades").exists()


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become another user")
def test_root_never_runs_a_submission_as_root(psnr_course, honest, monkeypatch, tmp_path):
    monkeypatch.setattr("keras_cv_course.classroom.sandbox.sandbox.can_run_python", lambda user: False)
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "honest.py").write_text(honest)
    with pytest.raises(InputError, match="would run as root.*apt install bubblewrap"):
        grade(psnr_course, "class", "grades", lesson="day3.denoise", console=quiet(), sandbox=False)


# Reports.


@needs_sandbox
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
    assert outcomes == {"ada": ["passed"] * 4, other: ["passed", "wrong", "error", "not attempted"]}, remarks(
        results[other]
    )
    assert remarks(results["ada"]) == [] and "<b>no</b>" in remarks(results[other])[0]
    assert "\\ud800" in remarks(results[other])[0]
    images = results["ada"]["lessons"]["day3.denoise"]["images"]
    assert set(images) == {exercise.name for exercise in denoise if exercise.image}
    assert all(base64.b64decode(image).startswith(b"\x89PNG") for image in images.values())

    kept = json.loads(Path("grades/grades.json").read_text(encoding="utf-8"))
    assert kept["students"] == results and "seed" not in str(kept["about"])
    of_class = kept["class"]["day3.denoise"]
    for number, exercise in enumerate(denoise):
        counted = [row[number] for row in outcomes.values()]
        told = of_class[exercise.name]["outcomes"]
        assert told == {outcome: counted.count(outcome) for outcome in told}
        assert [count for _, count in of_class[exercise.name]["failed"]] == [1] * (number in (1, 2))

    with open("grades/grades.csv", newline="", encoding="utf-8") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"ada", f"'{other}"}  # no spreadsheet takes it for a formula
    assert all(
        line.startswith('"') for line in Path("grades/grades.csv").read_text(encoding="utf-8").splitlines()
    )
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
def sandbox():
    """Whether there is a sandbox here."""
    if bubblewrap() is None and os.getuid() == 0 and not can_run_python(FIRST_USER):
        pytest.skip("there is no sandbox here, and root grades without one only as another user")
    return bubblewrap() is not None


def graded(folder="grades"):
    return {path.name: path.stat().st_mtime_ns for path in Path(folder, "students").glob("student_*.json")}


def test_a_killed_grading_goes_on_where_it_was(psnr_course, handed_in, sandbox, throw_away):
    command, environment = grading(psnr_course, sandbox, throw_away)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        while len(graded()) < 3:
            assert process.poll() is None
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    before = graded()
    assert list(throw_away.iterdir())  # nobody has cleaned up after the one that was killed
    assert 3 <= len(before) < 8 and not Path("grades/grades.csv").exists()
    options = dict(lesson="day3.denoise", seed=3, jobs=1, sandbox=sandbox, limits=SHORT)
    results = grade(psnr_course, "class", "grades", console=quiet(), **options)
    assert list(throw_away.iterdir()) == []
    after = graded()
    assert len(after) == 8 and all(after[name] == time for name, time in before.items())
    at_once = grade(psnr_course, "class", "at once", console=quiet(), **options)
    assert without_times(results) == without_times(at_once)
    assert list(of(results).values()) == [2, 0, 0, 0] * 2
    assert Path("grades/grades.csv").read_bytes() == Path("at once/grades.csv").read_bytes()

    # Only what was handed in again is graded again; the seed that was drawn stays.
    shutil.copy("class/student_0.py", "class/student_1.py")
    next(Path("grades/students").glob("student_2-*.json")).write_text('{"half": ')
    again = grade(psnr_course, "class", "grades", console=quiet(), **{**options, "seed": None})
    changed = {name for name, time in graded().items() if time != after[name]}
    assert {name[:9] for name in changed} == {"student_1", "student_2"} and again["student_1"]["points"] == 2

    # A result that somebody else has written is not believed.
    forged = next(Path("grades/students").glob("student_2-*.json"))
    forged.write_text(forged.read_text().replace('"points": 0', '"points": 2000'))
    again = grade(psnr_course, "class", "grades", console=quiet(), **{**options, "seed": None})
    assert again["student_2"]["points"] == 0

    with pytest.raises(InputError, match="holds the grades of .*class; grade into another folder"):
        grade(psnr_course, psnr_course, "grades", console=quiet(), **options)
    with pytest.raises(InputError, match="with another seed; grade into another folder"):
        grade(psnr_course, "class", "grades", console=quiet(), **{**options, "seed": 4})
    Path("grades/grading.json").write_text("{")
    with pytest.raises(InputError, match=r"grading\.json is damaged"):
        grade(psnr_course, "class", "grades", console=quiet(), **options)


def test_the_output_is_nobodys_work(psnr_course, honest, sandbox, tmp_path):
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "ada.py").write_text(honest)
    for output in (tmp_path / "class" / "grades", tmp_path / "class"):
        with pytest.raises(InputError, match="lies in .*class, where a student could have put it"):
            grade(psnr_course, tmp_path / "class", output, console=quiet(), sandbox=sandbox)


def test_two_gradings_at_once(psnr_course, honest, sandbox, tmp_path):
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "ada.py").write_text(honest)
    options = dict(lesson="day3.denoise", console=quiet(), sandbox=sandbox, limits=SHORT)
    with locked(tmp_path / "grades" / ".lock", "busy"):
        with pytest.raises(
            InputError, match="a grading is going on in .*grades; wait for it, or use another"
        ):
            grade(psnr_course, "class", tmp_path / "grades", **options)
    assert of(grade(psnr_course, "class", tmp_path / "grades", **options)) == {"ada": 2}


def test_hidden_inputs_are_each_submissions_own(psnr_course, honest, sandbox, tmp_path):
    """Nothing that a student gets to see tells the inputs, and a file that is handed in again gets others."""
    (tmp_path / "class").mkdir()
    for name in ("ada", "bob"):
        (tmp_path / "class" / f"{name}.py").write_text(honest)
    options = dict(lesson="day3.denoise", console=quiet(), sandbox=sandbox, limits=SHORT)
    grade(psnr_course, "class", "grades", **options)
    key = Path("grades/grading.key")
    assert key.stat().st_mode & 0o777 == 0o600 and len(key.read_bytes()) == 32
    first, second = collect(Path("class"), ["day3.denoise"], "day3.denoise")
    seeds = {seed_of(key.read_bytes(), one) for one in (first, second)}
    first.texts["day3.denoise"] += "\n"
    seeds.add(seed_of(key.read_bytes(), first))
    assert len(seeds) == 3
    said = "".join(
        path.read_text() for path in Path("grades").rglob("*") if path.suffix in (".json", ".csv", ".html")
    )
    assert not [seed for seed in seeds if str(seed) in said] and key.read_bytes().hex() not in said


def test_a_check_that_was_added_is_asked_of_those_who_were_graded(psnr_course, honest, sandbox, tmp_path):
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "ada.py").write_text(honest)
    course = shutil.copytree(psnr_course, tmp_path / psnr_course.name)
    options = dict(lesson="day3.denoise", console=quiet(), sandbox=sandbox, limits=SHORT)
    assert of(grade(course, "class", "grades", **options)) == {"ada": 2}
    with open(course / "day3" / "exercises" / "denoise.py", "a") as file:
        file.write('\n\n@psnr.check\ndef check_more(mine):\n    """More."""\n    raise ValueError\n')
    try:
        assert of(grade(course, "class", "grades", **options)) == {"ada": 0}
    finally:
        exercises = importlib.import_module("sprints.day3.exercises.denoise")
        exercises.psnr.checks[:] = [one for one in exercises.psnr.checks if one.__name__ != "check_more"]


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
