"""What a student sees: the exercises of a lesson on one screen."""

from rich.markup import escape
from rich.table import Table

from keras_cv_course.classroom.checking import ERROR, NOT_ATTEMPTED, PASSED, WRONG

MARKS = {PASSED: "[green]✓[/]", WRONG: "[red]✗[/]", ERROR: "[red]![/]", NOT_ATTEMPTED: "[dim]·[/]"}
IN_FULL = 2  # exercises whose messages are shown at once: more do not fit a screen


def verdicts(console, exercises, path, found, before=()):
    """The outcomes of a lesson's exercises, the messages of the first that are not passed, and the next step.

    Args:
        console: a `rich.console.Console`.
        exercises: the lesson's `Exercises`.
        path: the student's file.
        found: {exercise's name: Verdict}, of all exercises that were judged.
        before: names of exercises that were passed earlier with the code that stands there now.
    """
    console.print(f"[bold]{exercises.lesson}[/] · {escape(str(path))}")
    table = Table(box=None, show_header=False, padding=(0, 1))
    for exercise in exercises:
        verdict = found.get(exercise.name)
        outcome = verdict.outcome if verdict else PASSED if exercise.name in before else "not checked"
        reached = verdict.points if verdict else exercise.points if exercise.name in before else 0
        points = f"{reached} of {exercise.points} points"
        mark = MARKS.get(outcome, " ")
        table.add_row(mark, str(exercises.number(exercise)), exercise.name, outcome, f"[dim]{points}[/]")
    console.print(table)
    failed = [
        exercise
        for exercise in exercises
        if exercise.name in found and found[exercise.name].outcome in (WRONG, ERROR)
    ]
    for exercise in failed[:IN_FULL]:
        one_verdict(console, exercises, exercise, found[exercise.name])
    if len(failed) > IN_FULL:
        names = ", ".join(exercise.name for exercise in failed[IN_FULL:])
        console.print(f"also: {names} ({exercises.command} check {exercises.lesson} --exercise NAME)")
    footer(console, exercises, found, before)


def one_verdict(console, exercises, exercise, verdict):
    """One exercise's message: what was checked, expected, received, and what to try."""
    console.print(f"\n[bold]{exercises.number(exercise)} {exercise.name}[/]: {escape(verdict.check)}")
    rows = {"expected": verdict.expected, "received": verdict.received, "try": verdict.attempt}
    rows["printed"] = "\n".join(verdict.printed)
    table = Table(box=None, show_header=False, padding=(0, 1))
    for name, words in rows.items():
        if words:
            table.add_row("", f"[dim]{name}[/]", escape(words))
    console.print(table)


def footer(console, exercises, found, before=()):
    """A progress bar and the next step."""
    passed = [
        exercise
        for exercise in exercises
        if (found[exercise.name].passed if exercise.name in found else exercise.name in before)
    ]
    partly = sum(found[exercise.name].points for exercise in exercises if exercise.name in found)
    points = partly + sum(exercise.points for exercise in passed if exercise.name not in found)
    console.print(f"\n{bar(len(passed), len(exercises))}  {points} of {exercises.points} points")
    todo = [exercise for exercise in exercises if exercise not in passed]
    if not todo:
        console.print(f"All done. Now with your own code: {exercises.command}.{exercises.lesson} --mine FILE")
    else:
        number = exercises.number(todo[0])
        console.print(
            f"Next: {number} {todo[0].name}: {escape(todo[0].task)}\n"
            f"[dim]A hint: {exercises.command} hint {exercises.lesson} {number}[/]"
        )


def bar(done, whole, width=30):
    """A bar of text: [#####-----] 2 of 4."""
    filled = round(width * done / whole) if whole else 0
    return f"\\[[green]{'#' * filled}[/]{'-' * (width - filled)}] {done} of {whole}"
