"""What lessons there are: read from their files without importing them, so that a list takes no time."""

import ast
import json
from dataclasses import dataclass
from pathlib import Path

from keras_cv_course.errors import InputError


@dataclass(frozen=True)
class Entry:
    """A lesson in the list.

    Args:
        name: such as day3.denoise.
        one_liner: the first line of its file.
        path: its file.
    """

    name: str
    one_liner: str
    path: Path


def days(course):
    """{day's title: lessons of that day} of a course folder, in order.

    Args:
        course: folder with one folder a day (`day3/`), whose `__init__.py` starts with the day's title,
            and one file a lesson, whose first line is its point.
    """
    found = {}
    for folder in sorted(Path(course).glob("day*/"), key=lambda path: int(path.name.removeprefix("day"))):
        lessons = [
            Entry(f"{folder.name}.{path.stem}", _first_line(path), path)
            for path in sorted(folder.glob("*.py"))
            if not path.name.startswith("__")
        ]
        if lessons:
            found[_first_line(folder / "__init__.py").rstrip(".")] = lessons
    return found


def find(course, name):
    """The `Entry` of one lesson.

    Raises:
        InputError: there is no such lesson.
    """
    lessons = {entry.name: entry for entries in days(course).values() for entry in entries}
    if name not in lessons:
        raise InputError(f"unknown lesson {name!r}; choose one of: {', '.join(lessons)}")
    return lessons[name]


def listing(course, output):
    """The lessons by day, each with its point and the last result below `output`, as text."""
    lines = []
    for day, lessons in days(course).items():
        lines += ["", day]
        for entry in lessons:
            lines.append(f"  {entry.name:<18} {entry.one_liner}")
            result = last_result(output, entry.name)
            if result:
                lines.append(f"  {'':<18} your last run: {result}")
    lines += ["", "Run a lesson:  python -m sprints.day3.denoise  (--help shows its knobs)"]
    lines += ["Everything else:  python -m sprints --help"]
    return "\n".join(lines)


def results_of(output, name):
    """The last result of a lesson from `<output>/<name>/metrics.json`, or None where there is none."""
    try:
        return json.loads((Path(output) / name / "metrics.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def last_result(output, name):
    """The last result in a few words: "gain_db 8.31 ≥ 6 ✓", or an empty string."""
    result = results_of(output, name)
    if result is None:
        return ""
    if not result["reached"]:
        return f"ran ({result['preset']}, {result['date'][:10]})"
    words = []
    for metric, reached in result["reached"].items():
        mark = "✓" if reached else "✗"
        words.append(f"{metric} {result['metrics'][metric]:.4g} {result['expected'][metric]} {mark}")
    return ", ".join(words)


def _first_line(path):
    documentation = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return documentation.splitlines()[0] if documentation else ""
