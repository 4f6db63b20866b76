"""What students ask for: start, check, hint, solution, progress. Each function is a command's work."""

import contextlib
from pathlib import Path

from rich.markup import escape
from rich.syntax import Syntax

from keras_cv_course.classroom.checking import NOT_ATTEMPTED, Verdict, judge
from keras_cv_course.classroom.exercise import exercises_beside
from keras_cv_course.classroom.skeleton import definition, reference, slow_imports
from keras_cv_course.classroom.student import screen, student_file
from keras_cv_course.classroom.student.progress import Progress, now
from keras_cv_course.classroom.worker_process import Worker
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.console import console as new_console

FOLDER = Path("exercises")
SECONDS = 30  # the longest that one call of a student's function may take


def exercises_of(course, name):
    """The `Exercises` of a lesson and the lesson's point.

    Raises:
        InputError: there is no such lesson, or it has no exercises.
    """
    entry = catalogue.find(course, name)
    exercises = exercises_beside(entry.path)
    if exercises is None:
        raise InputError(f"{name} has no exercises yet")
    return exercises, entry.one_liner


def worker_for(exercises):
    """A `Worker` for a student's file on the student's own machine: the reference is closed, prints are kept."""
    closed = [*exercises.sources, exercises.course, "keras_cv_course.classroom"]
    return Worker(closed=closed, imports=slow_imports(exercises), prints=True)


def start(course, name, into=FOLDER, force=False):
    """Write the student's file and say what to do with it."""
    exercises, point = exercises_of(course, name)
    path, copy = student_file.start(exercises, point, into, force)
    if copy:
        print(f"your work until now: {copy}")
    print(f"wrote {path}: {len(exercises)} exercises, {exercises.points} points.")
    print(f"Open it in your editor; then: {exercises.command} watch {name}   (or: check {name})")


@contextlib.contextmanager
def sandboxed_worker_for(exercises):
    """The `Worker` of the grading's sandbox, for a file of somebody else's.

    Raises:
        InputError: bubblewrap is not installed or does not start here.
    """
    from keras_cv_course.classroom.sandbox.bubblewrap import bubblewrap
    from keras_cv_course.classroom.sandbox.limits import Limits
    from keras_cv_course.classroom.sandbox.sandbox import Sandbox

    program = bubblewrap()
    if program is None:
        raise InputError(
            "--sandbox needs bubblewrap, which is not here or does not start: apt install bubblewrap"
        )
    room = Sandbox(exercises, Limits(), program, exercises.sources)
    try:
        with room.worker() as worker:
            yield worker
    finally:
        room.close()


def check(course, name, file=None, exercise=None, sandbox=False, console=None):
    """Judge a student's file; whether everything that was asked for is passed.

    The file runs as whoever types this, with all their rights; with `sandbox`, as a submission does in `grade`.
    """
    console = console or new_console()
    exercises, _ = exercises_of(course, name)
    path = Path(file) if file else FOLDER / exercises.filename
    text = student_file.read(path, f"{exercises.command} start {name}")
    tree = student_file.parsed(text, path)
    wanted = [exercises.called(exercise)] if exercise else list(exercises)
    progress = Progress(path.parent)
    before = {one.name for one in exercises if progress.passed(exercises, one, text)}
    blank = student_file.open_exercises(exercises, tree)
    found = {one.name: Verdict(NOT_ATTEMPTED, attempt=one.task) for one in wanted if one in blank}
    if len(found) < len(wanted):
        process = sandboxed_worker_for if sandbox else worker_for
        with process(exercises) as worker, console.status("starting Python and Keras ...") as status:
            for one in wanted:
                status.update(f"checking {one.name} ...")
                found[one.name] = judge(exercises, one, worker, text, path.name, seconds=SECONDS)
                with contextlib.suppress(OSError):
                    progress.record(exercises, one, found[one.name], text)
    screen.verdicts(console, exercises, path, found, before)
    return all(verdict.passed for verdict in found.values())


def hint(course, name, exercise=None, folder=FOLDER, console=None):
    """Open one more hint on an exercise, by default the first that is not passed."""
    console = console or new_console()
    exercises, _ = exercises_of(course, name)
    progress = Progress(folder)
    todo = [one for one in exercises if not progress.passed(exercises, one)]
    one = exercises.called(exercise) if exercise else (todo or list(exercises))[0]
    opened = min(progress.of(exercises, one).get("hints", 0) + 1, len(one.hints))
    console.print(f"[bold]{exercises.number(one)} {one.name}[/]: {escape(one.task)}")
    show_hints(console, one, opened, again="The same command again opens the next one.")
    progress.note(exercises, one, hints=opened)


def show_hints(console, exercise, opened, again):
    """The first `opened` hints."""
    for number, words in enumerate(exercise.hints[:opened], 1):
        console.print(f"  {number} of {len(exercise.hints)}: {escape(words)}")
    if opened < len(exercise.hints):
        console.print(f"[dim]{again}[/]")


def solution(course, name, exercise=None, give_up=False, folder=FOLDER, console=None):
    """Show the reference's definitions of exercises that are passed, or that the student gives up."""
    console = console or new_console()
    exercises, _ = exercises_of(course, name)
    progress = Progress(folder)
    wanted = [exercises.called(exercise)] if exercise else list(exercises)
    closed = [one for one in wanted if not progress.passed(exercises, one)]
    if closed and not give_up:
        number = exercises.number(closed[0])
        raise InputError(
            f"{closed[0].name} is not passed yet: check it, or take a hint ({exercises.command} hint {name} "
            f"{number}); --give-up opens the solution, and is noted"
        )
    for one in closed:
        if "gave_up" not in progress.of(exercises, one):
            progress.note(exercises, one, gave_up=now())
    text = reference(exercises)
    for one in wanted:
        if console.is_terminal:
            console.print(f"\n[bold]{exercises.number(one)} {one.name}[/]: {escape(one.task)}")
        else:
            console.print(f"# {exercises.number(one)} {one.name}: {one.task}", markup=False, soft_wrap=True)
        for part in one.definitions:
            code = definition(text, part)
            if console.is_terminal:
                console.print(Syntax(code, "python", background_color="default", word_wrap=True))
            else:  # into a file: Python, whatever its lines are long
                console.file.write(f"{code}\n")
    if closed:
        mark = "" if console.is_terminal else "# "  # in a file, a comment
        console.print(f"[dim]{mark}Noted as given up in progress.json.[/]")


def progress(course, folder=FOLDER, console=None):
    """What is done, by day."""
    console = console or new_console()
    notes = Progress(folder)
    for day, entries in catalogue.days(course).items():
        console.print(f"\n[bold]{escape(day)}[/]")
        for entry in entries:
            exercises = exercises_beside(entry.path)
            if exercises is None:
                continue
            done = [one for one in exercises if notes.passed(exercises, one)]
            points = sum(one.points for one in done)
            line = f"  {entry.name:<18} {screen.bar(len(done), len(exercises), 20)}"
            console.print(f"{line}  {points} of {exercises.points} points")
            for one in exercises:
                known = notes.of(exercises, one)
                words = [f"{known['hints']} of {len(one.hints)} hints"] if known.get("hints") else []
                words += [f"given up {known['gave_up'][:10]}"] if "gave_up" in known else []
                words += (
                    [f"last check: {known['outcome']}"] if known.get("outcome", "passed") != "passed" else []
                )
                if words:
                    console.print(f"      {one.name}: {', '.join(words)}")
    console.print(f"\n[dim]kept in {notes.path}; copy the folder to go on elsewhere[/]")
