"""Grade a folder of submissions: each in a sandbox of its own, resumable, with one report for all."""

from pathlib import Path

from keras_cv_course.classroom.exercise import exercises_beside
from keras_cv_course.classroom.grading.class_grading import ClassGrading
from keras_cv_course.classroom.grading.grading_key import open_key
from keras_cv_course.classroom.grading.kept_results import open_notes
from keras_cv_course.classroom.grading.submissions import collect
from keras_cv_course.classroom.sandbox.bubblewrap import bubblewrap
from keras_cv_course.classroom.sandbox.sandbox import WEAKER
from keras_cv_course.errors import InputError
from keras_cv_course.file_lock import locked
from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.console import console as new_console


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
    shard=None,
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
        shard: grade this `Shard` of the submissions alone, and leave the reports to `merge`; None: all of them.

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
    lessons = lessons_of_class(submissions, known, wanted)
    if not lessons:
        raise InputError(f"no file in {folder} belongs to a lesson; name it with --lesson")
    lock, words = ".lock", "a grading"
    if shard is not None:
        submissions, lock, words = shard.part(submissions), f".lock-{shard.file_name}", f"shard {shard}"
    with locked(output / lock, f"{words} is going on in {output}; wait for it, or use another --output"):
        notes = open_notes(output, folder, lesson, shard)
        options = {"wanted": sorted(wanted) if wanted else None, "sandboxed": program is not None}
        grading = ClassGrading(
            lessons,
            set().union(*(exercises.sources for exercises in known.values())),
            output,
            open_key(output, seed),
            notes | options,
            limits,
            program,
            everybody=wanted is not None,
        )
        return grading.run(submissions, folder, jobs, console, report=shard is None)


def exercises_of_course(course):
    """{lesson: its `Exercises`} of all lessons that have some."""
    known = {entry.name: exercises_beside(entry.path) for entry in catalogue.lessons(course)}
    return {name: exercises for name, exercises in known.items() if exercises is not None}


def lessons_of_class(submissions, known, wanted):
    """{lesson: its `Exercises`}, the reports' columns: the lessons asked for, else those that anybody has handed in.
    Empty where nobody has handed in any lesson.

    Args:
        submissions: of the whole class.
        known: {lesson: its `Exercises`} of the course.
        wanted: names, or None.
    """
    seen = {name for one in submissions for name in (*one.texts, *one.refused) if name in known}
    return {name: known[name] for name in known if name in (wanted or seen)} if seen else {}


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
