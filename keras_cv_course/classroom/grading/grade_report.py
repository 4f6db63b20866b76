"""Grades as CSV, as JSON, and as one HTML page that needs no network."""

from pathlib import Path

import jinja2

from keras_cv_course.classroom.checking import ERROR, NOT_ATTEMPTED, NOT_JUDGED, PASSED, WRONG
from keras_cv_course.classroom.printable import table
from keras_cv_course.lesson.publish import write_json, write_text

OUTCOMES = (PASSED, WRONG, ERROR, NOT_ATTEMPTED)


def write_reports(output, results, lessons, about):
    """Write grades.csv, grades.json and index.html.

    Args:
        output: the folder.
        results: {student: result of `Grading.one`}.
        lessons: {lesson: its `Exercises`}.
        about: facts on the grading, for the page: folder, sandbox, graded, seconds.
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
    handed_in = [result["lessons"][lesson] for result in results.values() if lesson in result["lessons"]]
    found = {}
    for exercise in exercises:
        verdicts = [graded["exercises"][exercise.name] for graded in handed_in]
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
    """One line a student: points of every exercise, points of every lesson, the total, and what to look at.

    Cells of a lesson that a student has not handed in, and of what could not be judged, are empty. What the grader
    says of a file, what the code said as it broke, and where the grader itself failed are three columns.
    """
    columns = [(name, exercise.name) for name, exercises in lessons.items() for exercise in exercises]
    rows = [
        [
            "student",
            *(f"{lesson} {exercise}" for lesson, exercise in columns),
            *lessons,
            "points",
            "of",
            "remarks",
            "errors of the code",
            "failures of the grader",
        ]
    ]
    for student, result in results.items():
        graded = result["lessons"]
        rows.append(
            [
                student,
                *(
                    points_of(graded[lesson]["exercises"][exercise]) if lesson in graded else ""
                    for lesson, exercise in columns
                ),
                *(graded[lesson]["points"] if lesson in graded else "" for lesson in lessons),
                result["points"],
                result["of"],
                *(
                    "; ".join(text for lesson in graded.values() for text in lesson[kind])
                    for kind in ("remarks", "errors", "failures")
                ),
            ]
        )
    return table(rows)


def points_of(verdict):
    return "" if verdict["outcome"] == NOT_JUDGED else verdict["points"]


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
    most = max(result["of"] for result in results.values())
    return page.render(
        results=results,
        lessons=lessons,
        classes=classes,
        about=about,
        outcomes=OUTCOMES,
        mean=sum(points) / len(points),
        median=(points[(len(points) - 1) // 2] + points[len(points) // 2]) / 2,
        of=most,
        histogram=histogram(points, most),
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
