"""What instructors ask for: grade, similar, gate. Each function is a command's work."""

import csv
import io
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from keras_cv_course.classroom.exercise import exercises_beside
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.publish import write_text


def lessons_of(course, only=None):
    """{lesson: its `Exercises`} of the course, or of one lesson or day."""
    found = {}
    for entry in catalogue.lessons(course, only):
        exercises = exercises_beside(entry.path)
        if exercises is not None:
            found[entry.name] = exercises
    if not found:
        raise InputError(f"{only} has no exercises yet")
    return found


def grade(course, folder, output, console=None, **options):
    """Grade a folder and say where the report is."""
    from keras_cv_course.classroom.grading.grading import grade as run

    console = console or Console(highlight=False)
    results = run(course, folder, output, console=console, **options)
    best = sum(result["points"] == result["of"] for result in results.values())
    noted = [
        (student, remark)
        for student, result in results.items()
        for lesson in result["lessons"].values()
        for remark in lesson["remarks"][:1]
    ]
    console.print(f"{len(results)} students, {best} with all points, {len(noted)} with remarks")
    console.print(f"report: {output}/index.html, {output}/grades.csv, {output}/grades.json", soft_wrap=True)


def similar(course, folder, lesson=None, least=0.5, output=None, console=None):
    """List pairs of submissions that are alike."""
    from keras_cv_course.classroom.grading.similar import similar as compare
    from keras_cv_course.classroom.grading.submissions import collect

    console = console or Console(highlight=False)
    lessons = lessons_of(course, lesson)
    pairs = compare(collect(folder, list(lessons), lesson), lessons, least)
    table = Table(title="Alike, once what all were given is taken away", title_justify="left")
    for column in ("likeness", "lesson", "students", ""):
        table.add_column(column)
    for pair in pairs[:40]:
        table.add_row(f"{pair.likeness:.0%}", pair.lesson, escape(pair.first), escape(pair.second))
    console.print(table if pairs else f"no two are alike by {least:.0%} or more")
    if len(pairs) > 40:
        console.print(f"and {len(pairs) - 40} pairs more")
    console.print("Alike is no proof: short exercises have few right answers. Read both before you judge.")
    if output:
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["likeness", "lesson", "first", "second", "shared"])
        writer.writerows(
            [f"{pair.likeness:.3f}", pair.lesson, pair.first, pair.second, pair.shared] for pair in pairs
        )
        write_text(Path(output), file.getvalue())
        console.print(f"wrote {output}")


def gate(course, lesson=None, console=None):
    """Run the author's gate; whether there is nothing to mend."""
    from keras_cv_course.classroom.gate import gate as examine
    from keras_cv_course.classroom.notebooks.exercise_notebook import exercise_notebook

    console = console or Console(highlight=False)
    good = True
    for name, exercises in lessons_of(course, lesson).items():
        entry = catalogue.find(course, name)
        student = exercise_notebook(entry)
        shown = "\n".join(cell["source"] for cell in student.cells)
        console.print(f"[bold]{name}[/] · {len(exercises)} exercises, {exercises.points} points")
        for found in examine(exercises, artefacts=(shown,)):
            mark = "[red]✗[/]" if found.problems else "[green]✓[/]"
            console.print(
                f" {mark} {found.name:<14} {found.checks} checks, {len(found.killed)} mutants killed"
            )
            for problem in found.problems:
                good = False
                console.print(f"     {escape(problem)}")
    return good
