"""The exercises of a lesson as a notebook: for students with blanks, for teachers with solutions.

The cells carry the metadata of nbgrader (format 3); the teacher's version has the marks between which
nbgrader, or Otter Assign, cuts the solutions out.
"""

import ast
import base64
import importlib.metadata
import json
import textwrap
from pathlib import Path

import nbformat

from keras_cv_course.classroom.exercise import exercises_beside
from keras_cv_course.classroom.notebooks.cells import parts
from keras_cv_course.classroom.skeleton import reference, skeleton
from keras_cv_course.classroom.worker.definitions import find, kept
from keras_cv_course.errors import InputError
from keras_cv_course.lesson.notebook import steps
from keras_cv_course.lesson.outline import lesson_source, outline

MARKS = {
    "nbgrader": ("### BEGIN SOLUTION", "### END SOLUTION"),
    "otter": ("# BEGIN SOLUTION", "# END SOLUTION"),
}
QUIET = "from keras_cv_course.lesson.start import load_keras_quietly\n\nload_keras_quietly()"
PACKAGE = "keras-cv-course"


def exercise_notebook(entry, solved=False, markers="nbgrader", install=None, runs=None, images=True):
    """A validated `nbformat` notebook of a lesson's exercises.

    What every other cell may need stands first; then an exercise a section: task, hints, blank, check; last, the
    lesson run with the notebook's own definitions.

    Args:
        entry: the lesson's `Entry` in the catalogue.
        solved: with solutions, for a teacher.
        markers: "nbgrader" or "otter": between whose marks the solutions stand.
        install: what `pip install` gets in the first cell (a wheel, an address, a requirement), for Colab and the
            like; Otter's environment gets it too. None: there is no such cell.
        runs: the folder of results; the figures of the lesson's last run there are shown. None: no figures.
        images: draw what the reference gives, the image to reach, below the last hint. It needs Keras.

    Raises:
        InputError: the lesson has no exercises.
    """
    exercises = exercises_beside(entry.path)
    if exercises is None:
        raise InputError(f"{entry.name} has no exercises yet")
    text = marked(exercises, MARKS[markers]) if solved else skeleton(exercises, entry.one_liner)
    otter = solved and markers == "otter"
    cells = [_raw(_otter_configuration(entry.name, install))] if otter else []
    cells += [_install_cell(install)] if install else []
    cells += _lesson_cells(entry, runs)
    given, exercise_cells = parts(exercises, text)
    cells.append(nbformat.v4.new_markdown_cell("## Given\n\nRun these cells first; they need no change."))
    cells.append(_code(QUIET, _nbgrader("given-start", locked=True)))
    for number, (heading, source) in enumerate(given):
        cells += [nbformat.v4.new_markdown_cell(heading)] if heading else []
        cells += [_code(source, _nbgrader(f"given-{number}", locked=True))] if source else []
    begun = []
    for number, (source, owner, last) in enumerate(exercise_cells):
        if owner is None:
            cells.append(_code(source, _nbgrader(f"given-later-{number}", locked=True)))
            continue
        cell = _code(source, _nbgrader(f"exercise-{owner.name}-{number}", solution=True))
        task = _task_cell(exercises, owner, owner.name in begun, images)
        begun.append(owner.name)
        check = _check_cell(entry.name, owner)
        if otter:
            cells += [task, *_otter_question(owner, begun.count(owner.name), cell, check if last else None)]
        else:
            cells += [task, cell, *([check] if last else [])]
    cells += _closing_cells(entry.name)
    made = nbformat.v4.new_notebook(
        cells=cells,
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"
    nbformat.validate(made)
    return made


def marked(exercises, marks):
    """The reference with the solutions between marks; what a skeleton keeps stands above them."""
    text = reference(exercises)
    for exercise in exercises:
        for name in exercise.definitions:
            node, lines = find(ast.parse(text), name), text.splitlines()
            indent = " " * node.body[0].col_offset
            above = node.body[kept(node) - 1].end_lineno if kept(node) else node.body[0].lineno - 1
            body = lines[above : node.end_lineno]
            lines[above : node.end_lineno] = [f"{indent}{marks[0]}", *body, f"{indent}{marks[1]}"]
            text = "\n".join(lines) + "\n"
    return text


def _install_cell(install):
    return _code(f"%pip install --quiet {install}", _nbgrader("install", locked=True))


def _lesson_cells(entry, runs):
    """The lesson in words: its docstring, the text of its steps, the figures of its last run."""
    said = outline(entry.path).documentation
    cells = [
        nbformat.v4.new_markdown_cell(
            f"# {entry.name}: exercises\n\n{said.one_liner}\n\n{said.text}\n\n"
            "First the lesson in words, then the exercises: write the bodies that raise `NotImplementedError`; run "
            "the cell, then the check below it."
        )
    ]
    for heading, text, _ in steps(lesson_source(entry.path)):
        if heading and text:
            cells.append(nbformat.v4.new_markdown_cell(f"## {heading}\n\n{text}"))
    for path, alt in _figures(entry.name, runs):
        cells.append(
            _image_cell(f"What a run of the lesson gives: {path.stem}", alt, path.name, path.read_bytes())
        )
    return cells


def _figures(lesson, runs):
    """Figures of the lesson's last run: [(file, alternative text)]."""
    folder = Path(runs) / lesson if runs else None
    if folder is None or not (folder / "metrics.json").exists():
        return []
    try:
        figures = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["figures"]
        return [(folder / name, alt) for name, alt in figures.items() if (folder / name).suffix == ".png"]
    except (ValueError, KeyError, AttributeError):
        raise InputError(f"{folder / 'metrics.json'} is damaged; run the lesson again") from None


def _task_cell(exercises, exercise, continued, images):
    """What to write, for how many points, and the hints, folded."""
    number = exercises.number(exercise)
    if continued:
        return nbformat.v4.new_markdown_cell(f"{number} · {exercise.name}, continued.")
    points = f"{exercise.points} point{'s' if exercise.points > 1 else ''}"
    task = f"## {number} · {exercise.name} ({points})\n\n{exercise.task[0].upper()}{exercise.task[1:]}."
    count = len(exercise.hints)
    folded = [_folded(f"Hint {place} of {count}", hint) for place, hint in enumerate(exercise.hints, 1)]
    if images and exercise.image is not None:
        alt = (exercise.image.__doc__ or exercise.task).strip().splitlines()[0]
        name = f"{exercise.name}.png"
        folded.append(_folded("The image to reach", f"{alt}\n\n![{alt}](attachment:{name})"))
        return _with_image("\n\n".join([task, *folded]), name, _reference_image(exercises, exercise))
    return nbformat.v4.new_markdown_cell("\n\n".join([task, *folded]))


def _reference_image(exercises, exercise):
    """PNG of what the reference gives."""
    from keras_cv_course.classroom.checking import Known
    from keras_cv_course.classroom.example_images import png_of
    from keras_cv_course.classroom.notebooks.here import Here

    return png_of(exercise, Known(exercises, Here(), None).load())


def _folded(summary, text):
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def _image_cell(title, alt, name, content):
    return _with_image(f"{title}\n\n![{alt}](attachment:{name})", name, content)


def _with_image(text, name, content):
    cell = nbformat.v4.new_markdown_cell(text)
    cell["attachments"] = {name: {"image/png": base64.b64encode(content).decode()}}
    return cell


def _check_cell(lesson, exercise):
    source = textwrap.dedent(
        f"""\
        from keras_cv_course.classroom.notebooks.notebook_check import check

        check("{lesson}", "{exercise.name}", globals())"""
    )
    return _code(source, _nbgrader(f"check-{exercise.name}", grade=True, points=exercise.points, locked=True))


def _closing_cells(lesson):
    """The lesson with the student's own code."""
    source = textwrap.dedent(
        f"""\
        from keras_cv_course.classroom.notebooks.own_run import run_with_own

        RUN = False  # True runs the lesson with what you have written; blanks are taken from the library
        if RUN:
            run_with_own("{lesson}", globals(), preset="quick")"""
    )
    return [
        nbformat.v4.new_markdown_cell(
            "## The lesson, with your own code\n\nSet `RUN` to `True`. The preset `quick` takes seconds; `default`, "
            "which makes the lesson's point, minutes."
        ),
        _code(source, _nbgrader("own-run", locked=False)),
    ]


def _otter_configuration(lesson, install):
    """Otter Assign's first cell; the requirements are what its autograder installs."""
    pinned = [f"{name}=={importlib.metadata.version(name)}" for name in ("tensorflow", "keras", PACKAGE)]
    requirements = [*pinned[:2], install or pinned[2]]
    lines = [f"name: {lesson}", "init_cell: true", "export_cell: true", "requirements:"]
    return "\n".join(["# ASSIGNMENT CONFIG", *lines, *(f"  - {json.dumps(one)}" for one in requirements)])


def _otter_question(exercise, count, cell, check):
    """Otter takes solutions out of questions only, so each cell is one; the last one has the tests.

    Args:
        exercise: the exercise.
        count: of its cells so far, this one included.
        cell: the solution.
        check: the check cell; None where it is not the last.
    """
    name = f"name: {exercise.name}-{count}" if check is None else f"name: {exercise.name}"
    name += f"\npoints: {0 if check is None else exercise.points}"
    question = [_raw(f"# BEGIN QUESTION\n{name}"), _raw("# BEGIN SOLUTION"), cell, _raw("# END SOLUTION")]
    if check is not None:
        # What is printed must be what is printed here.
        said = f"passed: {exercise.name}, {exercise.points} points\n"
        check["outputs"] = [nbformat.v4.new_output("stream", name="stdout", text=said)]
        question += [_raw("# BEGIN TESTS"), check, _raw("# END TESTS")]
    return [*question, _raw("# END QUESTION")]


def _nbgrader(name, grade=False, solution=False, locked=False, points=None):
    metadata = {
        "grade": grade,
        "grade_id": name,
        "locked": locked,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    return {"nbgrader": metadata | ({"points": points} if grade else {})}


def _code(source, metadata):
    return nbformat.v4.new_code_cell(source, metadata=metadata)


def _raw(source):
    return nbformat.v4.new_raw_cell(source)
