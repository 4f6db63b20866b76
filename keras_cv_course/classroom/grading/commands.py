"""What instructors ask for: grade, similar, gate. Each function is a command's work."""

from pathlib import Path

from rich.markup import escape
from rich.table import Table

from keras_cv_course.classroom.exercise import exercises_beside
from keras_cv_course.classroom.grading.shard import Shard
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.console import console as new_console
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


def grade(course, folder, output, console=None, shard=None, **options):
    """Grade a folder, or a shard of it such as "3/8", and say where the report is."""
    from keras_cv_course.classroom.grading.grading import grade as run

    console = console or new_console()
    share = None if shard is None else Shard.parse(shard)
    results = run(course, folder, output, console=console, shard=share, **options)
    _say(results, output, console, share)


def merge(course, output, others=(), console=None):
    """Put the shards of a grading together and say where the report is."""
    from keras_cv_course.classroom.grading.merging import merge as run

    _say(run(course, output, others), output, console or new_console())


def _say(results, output, console, shard=None):
    best = sum(result["points"] == result["of"] for result in results.values())
    noted, failed = (
        sum(any(lesson[kind] for lesson in result["lessons"].values()) for result in results.values())
        for kind in ("remarks", "failures")
    )
    console.print(f"{len(results)} students, {best} with all points, {noted} with remarks")
    if failed:
        console.print(
            f"[red]the grader itself failed on {failed} of them[/]: the same command tries these again; else judge "
            "them by hand, see the report"
        )
    said = f"report: {output}/index.html, {output}/grades.csv, {output}/grades.json"
    if shard is not None:
        said = f"shard {shard} is done; when all are: python -m sprints grade merge {output}"
    console.print(said, soft_wrap=True)


def similar(course, folder, lesson=None, least=0.5, output=None, console=None):
    """List groups of submissions that are similar; write the pairs as a table or, side by side, as a page."""
    from keras_cv_course.classroom.grading.similar import as_csv, as_html, clusters
    from keras_cv_course.classroom.grading.similar import similar as compare
    from keras_cv_course.classroom.grading.submissions import collect

    console = console or new_console()
    if output and Path(output).suffix not in (".csv", ".html"):
        raise InputError(f"the table's name ends in .csv, the page's in .html, got {output}")
    lessons = lessons_of(course, lesson)
    pairs = compare(collect(folder, list(lessons), lesson), lessons, least)
    shown = Table(title="Similarity without the starter code", title_justify="left")
    for column in ("lesson", "students", "highest similarity"):
        shown.add_column(column)
    for name, members in clusters(pairs):
        own = [pair.similarity for pair in pairs if pair.lesson == name and pair.first in members]
        shown.add_row(name, escape(", ".join(members)), f"{max(own):.0%}")
    console.print(shown if pairs else f"no two are similar by {least:.0%} or more")
    console.print("Similar is no proof: short exercises have few right answers. Read both before you judge.")
    if output:
        write_text(Path(output), as_csv(pairs) if Path(output).suffix == ".csv" else as_html(pairs))
        console.print(f"wrote {output}")


def gate(course, lesson=None, console=None):
    """Run the author's gate; whether there is nothing to mend."""
    from keras_cv_course.classroom.gate import gate as examine
    from keras_cv_course.classroom.notebooks.exercise_notebook import exercise_notebook

    console = console or new_console()
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
