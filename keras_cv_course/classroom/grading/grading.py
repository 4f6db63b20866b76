"""Grade a folder of submissions: each in a sandbox of its own, resumable, with one report for all."""

import base64
import contextlib
import hashlib
import inspect
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from keras_cv_course.classroom.checking import ERROR, FILE, NOT_ATTEMPTED, PASSED, WRONG, Verdict, judge
from keras_cv_course.classroom.example_images import image_of
from keras_cv_course.classroom.exercise import exercises_beside
from keras_cv_course.classroom.grading.grade_report import write_reports
from keras_cv_course.classroom.grading.grading_key import open_key, seal, seed_of
from keras_cv_course.classroom.grading.remarks import remarks_on
from keras_cv_course.classroom.grading.sandbox import WEAKER, Limits, Sandbox, bubblewrap
from keras_cv_course.classroom.grading.submissions import collect
from keras_cv_course.classroom.printable import printable, printable_lines
from keras_cv_course.classroom.remote import Worker
from keras_cv_course.classroom.skeleton import reference, slow_imports
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.console import console as new_console
from keras_cv_course.lesson.publish import locked, write_json

NOTES = "grading.json"
SLOWER = 10  # times slower than the reference a student's code may be, and some seconds


def grade(
    course,
    folder,
    output,
    jobs=2,
    lesson=None,
    lessons=None,
    seed=None,
    limits=None,
    console=None,
    sandbox=True,
):
    """Grade every submission and write the reports; what was graded before is not graded again.

    Args:
        course: the course's folder.
        folder: one file, folder or archive a student.
        output: where grades.csv, grades.json, index.html and one JSON a student go; not inside `folder`.
        jobs: submissions at once.
        lesson: the lesson that all files belong to; None tells it from their names.
        lessons: names of the lessons that everybody is to hand in; None: each lesson that a student has handed in
            counts for that student.
        seed: makes the hidden inputs repeatable; None draws a key that nobody knows.
        limits: the `Limits` of one submission; None: short ones, from what the reference takes here.
        console: a `rich.console.Console`.
        sandbox: use bubblewrap; without it submissions see the installed package and more, see `WEAKER`.

    Returns:
        {student: result}, as in the JSON files.

    Raises:
        InputError: the folder cannot be used, bubblewrap is missing, another grading is running, or `output` holds
            the grading of another folder.
    """
    console = console or new_console()
    output, folder = Path(output), Path(folder)
    if jobs < 1:
        raise InputError(f"jobs must be at least 1, got {jobs}")
    known = exercises_of_course(course)
    wanted = wanted_lessons(course, known, lesson, lessons)
    if folder.is_dir() and output.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{output} lies in {folder}, where a student could have put it; name another output")
    submissions = collect(folder, list(known), lesson)
    program = bubblewrap() if sandbox else None
    if sandbox and program is None:
        raise InputError(
            "bubblewrap (bwrap) is not installed or does not start here, so strangers' code would run with your "
            "rights: apt install bubblewrap, or add --no-sandbox and read what that means in docs/instructors.md"
        )
    if program is None:
        console.print(f"[yellow]weaker isolation:[/] {WEAKER}")
    seen = {name for one in submissions for name in (*one.texts, *one.refused) if name in known}
    names = [name for name in known if name in (wanted or seen)]
    if not seen:
        raise InputError(f"no file in {folder} belongs to a lesson; name it with --lesson")
    with locked(output / ".lock", f"a grading is going on in {output}; wait for it, or use another --output"):
        grading = Grading(
            {name: known[name] for name in names},
            set().union(*(exercises.sources for exercises in known.values())),
            output,
            open_key(output, seed),
            open_notes(output, folder, lesson),
            limits,
            program,
            everybody=wanted is not None,
        )
        return grading.run(submissions, folder, jobs, console)


def exercises_of_course(course):
    """{lesson: its `Exercises`} of all lessons that have some."""
    known = {entry.name: exercises_beside(entry.path) for entry in catalogue.lessons(course)}
    return {name: exercises for name, exercises in known.items() if exercises is not None}


def wanted_lessons(course, known, lesson, lessons):
    """The names that `lesson` and `lessons` ask for, or None.

    Raises:
        InputError: one of them does not exist or has no exercises.
    """
    asked = ([lesson] if lesson else []) + list(lessons or ())
    for name in asked:
        if catalogue.find(course, name).name not in known:
            raise InputError(f"{name} has no exercises yet")
    return set(asked) or None


def open_notes(output, folder, lesson):
    """What a grading remembers from one call to the next: whose it is, and how long the reference takes."""
    path = output / NOTES
    about = {"folder": str(Path(folder).resolve()), "lesson": lesson}
    if not path.exists():
        return {**about, "reference": {}}
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
        same = {key: notes[key] for key in about} == about and isinstance(notes["reference"], dict)
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path} is damaged; grade into another folder") from None
    if not same:
        raise InputError(f"{output} holds the grades of {notes['folder']}; grade into another folder")
    return notes


class Grading:
    """One call of `grade`.

    Args:
        lessons: {lesson: its `Exercises`}, of the reports' columns.
        solutions: modules that are the solution of any exercise of the course.
        output: the folder of the grades.
        key: of `grading_key`.
        notes: of `open_notes`.
        limits: the `Limits`, or None to take them from the reference.
        program: bubblewrap's path, or None.
        everybody: whether every lesson counts for every student, handed in or not.
    """

    def __init__(self, lessons, solutions, output, key, notes, limits, program, everybody):
        self.lessons, self.solutions, self.output = lessons, solutions, Path(output)
        self.key, self.notes, self.limits, self.program = key, notes, limits, program
        self.everybody = everybody
        self.rooms = {}

    def run(self, submissions, folder, jobs, console):
        """Grade, write the reports, and give back {student: result}."""
        began = time.monotonic()
        write_json(self.output / NOTES, self.notes)
        digest = self.digest()
        done = {one.student: self.before(one, digest) for one in submissions}
        done = {student: result for student, result in done.items() if result is not None}
        if done:
            console.print(f"{len(done)} of {len(submissions)} were graded before and are kept")
        todo = [one for one in submissions if one.student not in done]
        with contextlib.ExitStack() as stack:
            if todo:
                self.prepare(stack, console)
            for one, result in self.all(todo, jobs, console, len(submissions), len(done), digest, stack):
                write_json(self.place(one), result)
                done[one.student] = result
        results = {one.student: done[one.student] for one in submissions}
        about = {
            "folder": printable(folder),
            "sandbox": f"bubblewrap ({self.program})" if self.program else WEAKER,
            "sandboxed": self.program is not None,
            "graded": time.strftime("%Y-%m-%d %H:%M:%S"),
            "seconds": round(time.monotonic() - began, 1),
        }
        write_reports(self.output, results, self.lessons, about)
        return results

    def prepare(self, stack, console):
        """Make the sandboxes and the process of the references, and measure what the references take."""
        for name, exercises in self.lessons.items():
            room = Sandbox(exercises, self.limits or Limits(), self.program, self.solutions)
            stack.callback(room.close)
            self.rooms[name] = room
        next(iter(self.rooms.values())).try_out()
        self.references = stack.enter_context(References(self.lessons))
        if self.limits is None:
            for name, exercises in self.lessons.items():
                if name not in self.notes["reference"]:
                    with console.status(f"how long does the reference of {name} take here?"):
                        self.notes["reference"][name] = self.references.seconds(exercises)
            write_json(self.output / NOTES, self.notes)

    def limits_of(self, lesson, exercise):
        """Seconds of one request and of one exercise."""
        if self.limits is not None:
            return self.limits.request, self.limits.exercise
        most, taken = Limits(), self.notes["reference"][lesson][exercise.name]
        return min(most.request, 3 + SLOWER * taken), min(most.exercise, 6 + SLOWER * taken)

    def all(self, todo, jobs, console, total, done, digest, stack):
        """Yield (submission, result) as they come, with a progress bar."""
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
            task = bar.add_task("", total=total, completed=done)
            running = {pool.submit(self.one, submission, digest): submission for submission in todo}
            try:
                for future in as_completed(running):
                    submission = running[future]
                    yield submission, future.result()
                    bar.update(task, advance=1, description=escape(submission.student))
            except BaseException:
                for future in running:
                    future.cancel()
                for room in self.rooms.values():
                    room.stop_all()
                raise

    def one(self, submission, digest):
        """The result of one student: {"lessons": {lesson: {"points", "exercises", "remarks", ...}}, ...}."""
        began, graded = time.monotonic(), {}
        for name in self.lessons:
            if (
                self.everybody
                or name in submission.texts
                or name in submission.refused
                or self.alone(submission)
            ):
                graded[name] = self.lesson(submission, name)
        result = {
            "student": submission.student,
            "key": submission.key,
            "fingerprint": submission.fingerprint(),
            "course": digest,
            "lessons": graded,
            "points": sum(lesson["points"] for lesson in graded.values()),
            "of": sum(lesson["of"] for lesson in graded.values()),
            "seconds": round(time.monotonic() - began, 1),
        }
        return {**result, "seal": seal(self.key, result)}

    def alone(self, submission):
        """Whether nothing of a submission belongs to a lesson: then it is named under every lesson."""
        return not any(name in self.lessons for name in (*submission.texts, *submission.refused))

    def lesson(self, submission, name):
        """One student's result for one lesson."""
        exercises, text = self.lessons[name], submission.texts.get(name)
        remarks, failures, images = list(submission.remarks.get(name, [])), [], {}
        if text is None:
            why = submission.refused.get(name) or submission.refused.get("")
            outcome = NOT_ATTEMPTED if why is None else ERROR
            why = why or "no file for this lesson"
            verdicts = {one.name: Verdict(outcome, "the file", received=why) for one in exercises}
            remarks += [why] if outcome == ERROR else []
        else:
            verdicts = {}
            remarks += remarks_on(text, exercises)
            try:
                self.verdicts(submission, name, text, verdicts, images)
            except Exception as error:  # ours, not the student's: the class is graded all the same
                failures.append(f"{type(error).__name__}: {printable(error, 300)}")
                for one in exercises:
                    verdicts.setdefault(one.name, Verdict(ERROR, "not judged: the grader failed"))
        points = {one.name: verdicts[one.name].points for one in exercises}
        return {
            "points": sum(points.values()),
            "of": exercises.points,
            "exercises": {
                one.name: {**verdicts[one.name].as_dict(), "points": points[one.name], "of": one.points}
                for one in exercises
            },
            "images": images,
            "file": submission.names.get(name, ""),
            "code": printable_lines(text or ""),
            "remarks": [printable(remark, 300) for remark in remarks],
            "errors": errors_of(verdicts),
            "failures": failures,
        }

    def verdicts(self, submission, lesson, text, verdicts, images):
        """Fill in verdict and image of every exercise, earlier ones first: later ones may hold their solutions."""
        exercises, filename = self.lessons[lesson], submission.names[lesson]
        seed, broken = seed_of(self.key, submission), None
        with self.rooms[lesson].worker() as worker:
            for exercise in exercises:
                if broken is not None:  # a file that does not load does so for no exercise
                    verdicts[exercise.name] = broken
                    continue
                worker.until = None
                with contextlib.suppress(Exception):
                    # Python and Keras start on the house's time, not on the student's.
                    worker.ready(seconds=120)
                request, whole = self.limits_of(lesson, exercise)
                worker.until = time.monotonic() + whole
                verdict = judge(
                    exercises,
                    exercise,
                    worker,
                    text,
                    filename,
                    reference_module=lambda: self.references.module(lesson),
                    seed=seed,
                    seconds=request,
                )
                verdicts[exercise.name] = verdict
                if verdict.outcome == ERROR and verdict.check == FILE:
                    broken = verdict
                if verdict.outcome in (PASSED, WRONG) and exercise.image is not None:
                    image = image_of(exercises, exercise, worker, text, filename)
                    if image is not None:
                        images[exercise.name] = base64.b64encode(image).decode()

    def place(self, submission):
        return self.output / "students" / f"{submission.key}.json"

    def digest(self):
        """A hash of what a result depends on besides the submission: exercises, their sources, limits, sandbox."""
        said = hashlib.sha256(repr((self.limits, self.program is not None, list(self.lessons))).encode())
        for exercises in self.lessons.values():
            said.update(reference(exercises).encode())
            for exercise in exercises:
                said.update(repr((exercise.name, exercise.points, exercise.check_points)).encode())
                for check in exercise.checks:
                    said.update(inspect.getsource(check).encode())
        return said.hexdigest()[:16]

    def before(self, submission, digest):
        """The result of an earlier, interrupted call, if it is of the same work and really the grader's own."""
        try:
            result = json.loads(self.place(submission).read_text(encoding="utf-8"))
            known = (result["student"], result["fingerprint"], result["course"], result["seal"])
            same = known == (submission.student, submission.fingerprint(), digest, seal(self.key, result))
            return result if same else None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None


def errors_of(verdicts):
    """What a student's code said as it broke, by exercise: the student's words, not the grader's."""
    found = {}
    for name, verdict in verdicts.items():
        if verdict.outcome == ERROR or "an object of class" in verdict.received:
            found.setdefault(verdict.received, []).append(name)
    return [f"{', '.join(names)}: {received}" for received, names in found.items() if received]


class References:
    """One trusted process that holds the reference of every lesson, for the checks that compare with it."""

    def __init__(self, lessons):
        self.lessons, self.modules, self.lock = lessons, {}, threading.Lock()
        imports = {module for exercises in lessons.values() for module in slow_imports(exercises)}
        self.worker = Worker(imports=sorted(imports), started=Worker.trusted.add)

    def __enter__(self):
        self.worker.start()
        return self

    def __exit__(self, *_):
        Worker.trusted.discard(self.worker.process)
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

    def seconds(self, exercises):
        """{exercise: seconds that the reference takes for its checks}, in a process like a student's.

        Raises:
            InputError: the reference does not pass its own checks here.
        """
        found = {}
        with Worker(imports=slow_imports(exercises), started=Worker.trusted.add) as worker:
            for exercise in exercises:
                worker.ready()
                began = time.monotonic()
                verdict = judge(
                    exercises,
                    exercise,
                    worker,
                    reference(exercises),
                    "reference.py",
                    reference_module=lambda: self.module(exercises.lesson),
                )
                if not verdict.passed:
                    raise InputError(
                        f"the reference of {exercises.lesson} does not pass {exercise.name} here "
                        f"({verdict.check}: {verdict.received}), so nothing was graded"
                    )
                found[exercise.name] = round(time.monotonic() - began, 2)
        return found
