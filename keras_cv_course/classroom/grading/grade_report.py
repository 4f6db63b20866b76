"""Grades as CSV, as JSON, and as one HTML page that needs no network."""

import csv
import io
from pathlib import Path

import jinja2

from keras_cv_course.classroom.checking import ERROR, NOT_ATTEMPTED, PASSED, WRONG
from keras_cv_course.lesson.publish import write_json, write_text

OUTCOMES = (PASSED, WRONG, ERROR, NOT_ATTEMPTED)


def write_reports(output, results, lessons, about):
    """Write grades.csv, grades.json and index.html.

    Args:
        output: the folder.
        results: {student: result of `grade_one`}.
        lessons: {lesson: its `Exercises`}.
        about: facts on the grading, for the page: folder, walls, seed, graded, seconds.
    """
    output = Path(output)
    classes = {name: summary(results, name, exercises) for name, exercises in lessons.items()}
    write_text(output / "grades.csv", as_csv(results, lessons))
    write_json(output / "grades.json", {"about": about, "class": classes, "students": results})
    write_text(output / "index.html", as_html(results, lessons, classes, about))


def summary(results, lesson, exercises):
    """For the class: how often each exercise came out how, and which of its checks failed most.

    Returns:
        {exercise: {"outcomes": {outcome: students}, "failed": [(check, students), ...], most first}}.
    """
    found = {}
    for exercise in exercises:
        verdicts = [result["lessons"][lesson]["exercises"][exercise.name] for result in results.values()]
        failed = {}
        for verdict in verdicts:
            if verdict["outcome"] in (WRONG, ERROR):
                failed[verdict["check"]] = failed.get(verdict["check"], 0) + 1
        found[exercise.name] = {
            "outcomes": {
                outcome: sum(verdict["outcome"] == outcome for verdict in verdicts) for outcome in OUTCOMES
            },
            "failed": sorted(failed.items(), key=lambda pair: -pair[1]),
        }
    return found


def as_csv(results, lessons):
    """One line a student: points of every exercise, points of every lesson, the total, and remarks."""
    columns = [(name, exercise.name) for name, exercises in lessons.items() for exercise in exercises]
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(
        [
            "student",
            *(f"{lesson} {exercise}" for lesson, exercise in columns),
            *lessons,
            "points",
            "of",
            "remarks",
        ]
    )
    for student, result in results.items():
        graded = result["lessons"]
        remarks = "; ".join(remark for lesson in graded.values() for remark in lesson["remarks"])
        table.writerow(
            [
                _cell(student),
                *(graded[lesson]["exercises"][exercise]["points"] for lesson, exercise in columns),
                *(graded[lesson]["points"] for lesson in lessons),
                result["points"],
                result["of"],
                _cell(" ".join(remarks.split())),
            ]
        )
    return file.getvalue()


def as_html(results, lessons, classes, about):
    """The page. Everything that a student wrote is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("grade_report.html")
    points = sorted(result["points"] for result in results.values())
    return page.render(
        results=results,
        lessons=lessons,
        classes=classes,
        about=about,
        outcomes=OUTCOMES,
        mean=sum(points) / len(points),
        median=(points[(len(points) - 1) // 2] + points[len(points) // 2]) / 2,
        of=max(result["of"] for result in results.values()),
        histogram=histogram(points, max(result["of"] for result in results.values())),
    )


def histogram(points, of, bins=10):
    """How many students reached how much: [(from, to, students, share of the largest bin), ...]."""
    width = max(of, 1) / bins
    counts = [0] * bins
    for value in points:
        counts[min(int(value / width), bins - 1)] += 1
    return [
        (round(number * width, 1), round((number + 1) * width, 1), count, count / max(counts))
        for number, count in enumerate(counts)
    ]


def _cell(text):
    """A text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
