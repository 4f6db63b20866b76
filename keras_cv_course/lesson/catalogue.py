"""What lessons there are, in teaching order: read from their files without importing them."""

import ast
import difflib
import json
from dataclasses import dataclass
from pathlib import Path

from keras_cv_course.errors import InputError


@dataclass(frozen=True)
class Entry:
    """A lesson in the list.

    Args:
        name: such as day3.denoise.
        course: the package that the lesson belongs to, such as sprints.
        one_liner: the first line of its file.
        path: its file.
    """

    name: str
    course: str
    one_liner: str
    path: Path

    @property
    def command(self):
        """How the lesson is run: "python -m sprints.day3.denoise"."""
        return f"python -m {self.course}.{self.name}"


def days(course):
    """{day's title: lessons of that day} of a course folder, in teaching order.

    Args:
        course: folder with one folder a day (`day3/`). Its `__init__.py` starts with the day's title and says
            in `LESSONS` which files are its lessons, in which order; each lesson's first line is its point.
    """
    found = {}
    for folder in sorted(Path(course).glob("day*/"), key=lambda path: int(path.name.removeprefix("day"))):
        title, names = _day(folder / "__init__.py")
        lessons = [
            Entry(f"{folder.name}.{name}", Path(course).name, _first_line(path), path)
            for name in names
            for path in [folder / f"{name}.py"]
        ]
        if lessons:
            found[title] = lessons
    return found


def lessons(course, only=None):
    """The lessons of a course, a day or one lesson, in teaching order.

    Args:
        course: the course's folder.
        only: a day (day3), a lesson (day3.denoise), or None for all.

    Raises:
        InputError: there is no such day or lesson; the nearest name is suggested.
    """
    known = [entry for entries in days(course).values() for entry in entries]
    if only is None:
        return known
    found = [entry for entry in known if only in (entry.name, entry.name.split(".")[0])]
    if not found:
        names = [entry.name for entry in known]
        names += dict.fromkeys(name.split(".")[0] for name in names)
        near = difflib.get_close_matches(only, names, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"`python -m {Path(course).name}` lists them"
        raise InputError(f"there is no lesson or day {only!r}; {hint}")
    return found


def find(course, name):
    """The `Entry` of one lesson.

    Raises:
        InputError: there is no such lesson.
    """
    found = lessons(course, name)
    if found[0].name != name:
        names = ", ".join(entry.name for entry in found)
        raise InputError(f"{name!r} is a day; name one of its lessons: {names}")
    return found[0]


def listing(course, output, only=None):
    """The lessons by day, each with its point and the last result below `output`, as text."""
    shown = {entry.name for entry in lessons(course, only)}
    lines, course = [], Path(course)
    for day, entries in days(course).items():
        entries = [entry for entry in entries if entry.name in shown]
        lines += ["", day] if entries else []
        for entry in entries:
            lines.append(f"  {entry.name:<18} {entry.one_liner}")
            result = last_result(output, entry.name)
            if result:
                lines.append(f"  {'':<18} your last run: {result}")
    lines += ["", f"Run a lesson:  python -m {course.name}.day3.denoise  (--help shows its options)"]
    lines += [f"Everything else:  python -m {course.name} --help"]
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
    if not result.get("reached"):
        return f"ran ({result['preset']}, {result['date'][:10]})"
    words = []
    for metric, reached in result["reached"].items():
        mark = "✓" if reached else "✗"
        words.append(f"{metric} {result['metrics'][metric]:.4g} {result['targets'][metric]} {mark}")
    return ", ".join(words)


def _day(path):
    """A day's title and the names in its `LESSONS`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "LESSONS"
    ]
    title = (ast.get_docstring(tree) or path.parent.name).splitlines()[0].rstrip(".")
    return title, names[0] if names else ()


def _first_line(path):
    documentation = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return documentation.splitlines()[0] if documentation else ""
