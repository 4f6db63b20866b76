"""Grade a folder of submissions: each behind walls of its own, resumable, with one report for all."""

import base64
import contextlib
import json
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from keras_cv_course.classroom.checking import ERROR, NOT_ATTEMPTED, PASSED, WRONG, Verdict, judge
from keras_cv_course.classroom.exercise import exercises_beside
from keras_cv_course.classroom.grading.example_images import image_of
from keras_cv_course.classroom.grading.grade_report import write_reports
from keras_cv_course.classroom.grading.sandbox import WEAKER, Limits, Sandbox, bubblewrap
from keras_cv_course.classroom.grading.submissions import collect, remarks_on
from keras_cv_course.classroom.remote import Worker
from keras_cv_course.classroom.skeleton import reference, slow_imports
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.publish import write_json

NOTES = "grading.json"


def grade(course, folder, output, jobs=2, lesson=None, seed=None, limits=None, console=None, walls=True):
    """Grade every submission and write the reports; what was graded before is not graded again.

    Args:
        course: the course's folder.
        folder: one file or folder a student.
        output: where grades.csv, grades.json, index.html and one JSON a student go.
        jobs: submissions at once.
        lesson: the lesson that all files belong to; None tells it from their names.
        seed: seed of the checks' inputs; None draws one, which students cannot know.
        limits: the `Limits` of one submission.
        console: a `rich.console.Console`.
        walls: use bubblewrap where it is.

    Returns:
        {student: result}, as in the JSON files.

    Raises:
        InputError: the folder cannot be used, or `output` holds the grading of another folder.
    """
    console = console or Console(highlight=False)
    limits, output = limits or Limits(), Path(output)
    if jobs < 1:
        raise InputError(f"jobs must be at least 1, got {jobs}")
    known = {}
    for entry in catalogue.lessons(course):
        exercises = exercises_beside(entry.path)
        if exercises is not None:
            known[entry.name] = exercises
    if lesson is not None:
        known = {catalogue.find(course, lesson).name: known.get(lesson)}
        if known[lesson] is None:
            raise InputError(f"{lesson} has no exercises yet")
    submissions = collect(folder, list(known), lesson, output)
    notes = open_notes(output, folder, lesson, seed)
    program = bubblewrap() if walls else None
    if program is None:
        console.print(f"[yellow]weaker walls:[/] {WEAKER}")
    wanted = sorted({name for one in submissions for name in (*one.texts, *one.refused) if name in known})
    if not wanted:
        raise InputError(f"no file in {folder} belongs to a lesson; name it with --lesson")
    lessons = {name: known[name] for name in wanted}
    began = time.monotonic()
    done = {one.student: _before(output, one, notes, lessons) for one in submissions}
    done = {student: result for student, result in done.items() if result is not None}
    if done:
        console.print(f"{len(done)} of {len(submissions)} were graded before and are kept")
    todo = [one for one in submissions if one.student not in done]
    with contextlib.ExitStack() as stack:
        rooms = {}
        for name, exercises in lessons.items():
            sandbox = Sandbox(exercises, limits, program)
            stack.callback(sandbox.close)
            rooms[name] = sandbox
        if todo:
            next(iter(rooms.values())).try_out()
        references = stack.enter_context(References(lessons)) if todo else None
        free = list(range(jobs))

        def work(submission):
            job = free.pop()
            try:
                return grade_one(submission, lessons, rooms, references, notes["seed"], limits, job)
            finally:
                free.append(job)

        bar = Progress(
            TextColumn("grading"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
            console=console,
        )
        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        with bar:
            task = bar.add_task("", total=len(submissions), completed=len(done))
            running = {pool.submit(work, one): one for one in todo}
            try:
                for future in as_completed(running):
                    one = running[future]
                    result = future.result()
                    done[one.student] = result
                    write_json(output / "students" / f"{safe(one.student)}.json", result)
                    bar.update(task, advance=1, description=escape(one.student))
            except BaseException:
                for future in running:
                    future.cancel()
                for exercises in rooms.values():
                    exercises.stop_all()
                raise
    results = {one.student: done[one.student] for one in submissions}
    about = {
        "folder": str(folder),
        "walls": f"bubblewrap ({program})" if program else WEAKER,
        "seed": notes["seed"],
        "graded": time.strftime("%Y-%m-%d %H:%M:%S"),
        "seconds": round(time.monotonic() - began, 1),
    }
    write_reports(output, results, lessons, about)
    return results


def open_notes(output, folder, lesson, seed):
    """What a grading remembers from one call to the next: whose it is, and its secret seed."""
    path = output / NOTES
    about = {"folder": str(Path(folder).resolve()), "lesson": lesson}
    if path.exists():
        try:
            notes = json.loads(path.read_text(encoding="utf-8"))
            same = {key: notes[key] for key in about} == about and isinstance(notes["seed"], int)
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{path} is damaged; grade into another folder") from None
        if not same or (seed is not None and seed != notes["seed"]):
            raise InputError(f"{output} holds the grades of {notes['folder']}; grade into another folder")
        return notes
    notes = {**about, "seed": secrets.randbits(32) if seed is None else seed}
    write_json(path, notes)
    return notes


def grade_one(submission, lessons, rooms, references, seed, limits, job):
    """The result of one student: {"lessons": {lesson: {"points", "exercises", "remarks", ...}}, ...}."""
    began, graded = time.monotonic(), {}
    for name, exercises in lessons.items():
        text = submission.texts.get(name)
        if text is None:
            why = submission.refused.get(name) or submission.refused.get("") or "no file for this lesson"
            refused = name in submission.refused or "" in submission.refused
            verdicts = {
                one.name: Verdict(ERROR if refused else NOT_ATTEMPTED, "the file", received=why)
                for one in exercises
            }
            remarks, images = [why] if refused else [], {}
        else:
            verdicts, images = _verdicts(
                exercises, text, submission.names[name], rooms[name], references, seed, limits, job
            )
            remarks = remarks_on(text, exercises)
        remarks += remarks_of(verdicts, remarks)
        graded[name] = {
            "points": sum(one.points for one in exercises if verdicts[one.name].passed),
            "of": exercises.points,
            "exercises": {
                one.name: {"points": one.points if verdicts[one.name].passed else 0, "of": one.points}
                | verdicts[one.name].as_dict()
                for one in exercises
            },
            "images": images,
            "remarks": remarks,
        }
    return {
        "student": submission.student,
        "fingerprint": submission.fingerprint(),
        "seed": seed,
        "lessons": graded,
        "points": sum(lesson["points"] for lesson in graded.values()),
        "of": sum(lesson["of"] for lesson in graded.values()),
        "seconds": round(time.monotonic() - began, 1),
    }


def remarks_of(verdicts, known=()):
    """What an instructor should see of the verdicts: errors, and objects in place of arrays."""
    found = {}
    for name, verdict in verdicts.items():
        strange = verdict.outcome == ERROR or "an object of class" in verdict.received
        if strange and verdict.received not in known:
            found.setdefault(verdict.received, []).append(name)
    return [f"{', '.join(names)}: {received}" for received, names in found.items()]


def _verdicts(exercises, text, filename, sandbox, references, seed, limits, job):
    """Verdict and image of every exercise, earlier ones first, as later ones may hold their solutions."""
    verdicts, images = {}, {}
    with sandbox.worker(job) as worker:
        for exercise in exercises:
            worker.until = None
            with contextlib.suppress(Exception):
                # Python and Keras start on the house's time, not on the student's.
                worker.ready(seconds=120)
            worker.until = time.monotonic() + limits.exercise
            try:
                verdicts[exercise.name] = judge(
                    exercises,
                    exercise,
                    worker,
                    text,
                    filename,
                    reference_module=lambda: references.module(exercises.lesson),
                    seed=seed,
                    seconds=limits.request,
                )
            except Exception as error:  # ours, not the student's: the class is graded all the same
                why = f"the grader failed ({type(error).__name__}: {error}); grade this one by hand"
                verdicts[exercise.name] = Verdict(ERROR, "the grader", received=why)
            if verdicts[exercise.name].outcome in (PASSED, WRONG) and exercise.image is not None:
                image = image_of(exercises, exercise, worker, text, filename)
                if image is not None:
                    images[exercise.name] = base64.b64encode(image).decode()
    return verdicts, images


class References:
    """One trusted process that holds the reference of every lesson, for the checks that compare with it."""

    def __init__(self, lessons):
        self.lessons, self.modules, self.lock = lessons, {}, threading.Lock()
        imports = {module for exercises in lessons.values() for module in slow_imports(exercises)}
        self.worker = Worker(imports=sorted(imports))

    def __enter__(self):
        self.worker.start()
        return self

    def __exit__(self, *_):
        self.worker.stop()

    def module(self, lesson):
        with self.lock:
            if not self.worker.entered:
                self.worker.enter()
                self.modules.clear()
            if lesson not in self.modules:
                text = reference(self.lessons[lesson])
                self.modules[lesson] = self.worker.load(text, "the reference")
            return self.modules[lesson]


def safe(name):
    """A student's name as a file's name."""
    return "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in name)[:120]


def _before(output, submission, notes, lessons):
    """The result of an earlier, interrupted call, if it is of the same work."""
    try:
        text = (output / "students" / f"{safe(submission.student)}.json").read_text(encoding="utf-8")
        result = json.loads(text)
        known = (result["student"], result["fingerprint"], result["seed"], list(result["lessons"]))
        same = known == (submission.student, submission.fingerprint(), notes["seed"], list(lessons))
        return result if same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
