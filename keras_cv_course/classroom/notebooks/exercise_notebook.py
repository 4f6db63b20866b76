"""The exercises of a lesson as a notebook: for students with blanks, for teachers with solutions.

The cells carry the metadata of nbgrader (format 3); the teacher's version has the marks between which
nbgrader, or Otter Assign, cuts the solutions out.
"""

import ast
import textwrap

import nbformat

from keras_cv_course.classroom.exercise import exercises_beside
from keras_cv_course.classroom.skeleton import RULE, reference, skeleton
from keras_cv_course.classroom.worker.definitions import find, kept
from keras_cv_course.errors import InputError

MARKS = {
    "nbgrader": ("### BEGIN SOLUTION", "### END SOLUTION"),
    "otter": ("# BEGIN SOLUTION", "# END SOLUTION"),
}


QUIET = "from keras_cv_course.lesson.start import load_keras_quietly\n\nload_keras_quietly()"


def exercise_notebook(entry, solved=False, markers="nbgrader"):
    """A validated `nbformat` notebook of a lesson's exercises.

    Args:
        entry: the lesson's `Entry` in the catalogue.
        solved: with solutions, for a teacher.
        markers: "nbgrader" or "otter": between whose marks the solutions stand.

    Raises:
        InputError: the lesson has no exercises.
    """
    exercises = exercises_beside(entry.path)
    if exercises is None:
        raise InputError(f"{entry.name} has no exercises yet")
    text = marked(exercises, MARKS[markers]) if solved else skeleton(exercises, entry.one_liner)
    otter = solved and markers == "otter"
    cells = [
        nbformat.v4.new_markdown_cell(
            f"# {entry.name}: exercises\n\n{entry.one_liner}\n\n"
            "Write the bodies that raise `NotImplementedError`; run the cell, then the check below it. "
            "The package `keras_cv_course` must be installed."
        )
    ]
    if otter:
        cells.insert(0, _raw(f"# ASSIGNMENT CONFIG\nname: {entry.name}\ninit_cell: false"))
    begun = []
    for source, owner, last in parts(exercises, text):
        if source.startswith(RULE):
            said = "\n".join(line.removeprefix("#").removeprefix(" ") for line in source.splitlines()[1:])
            cells.append(nbformat.v4.new_markdown_cell(f"---\n{said}"))
            continue
        if owner is None:
            cells.append(_code(source, _nbgrader(f"given-{len(cells)}", locked=True)))
            continue
        number = exercises.number(owner)
        cell = _code(source, _nbgrader(f"exercise-{owner.name}-{len(cells)}", solution=True))
        points = f"{owner.points} point{'s' if owner.points > 1 else ''}"
        words = f"## {number} · {owner.name} ({points})\n\n{owner.task[0].upper()}{owner.task[1:]}."
        words = f"{number} · {owner.name}, continued." if owner.name in begun else words
        begun.append(owner.name)
        task = nbformat.v4.new_markdown_cell(words)
        check = _check_cell(entry.name, owner)
        if otter:
            # Otter takes solutions out of questions only, so each cell is one; the last one has the tests.
            name = f"name: {owner.name}\npoints: {owner.points}"
            name = name if last else f"name: {owner.name}-{begun.count(owner.name)}"
            # What is printed must be what is printed here.
            said = f"passed: {owner.name}, {owner.points} points\n"
            check["outputs"] = [nbformat.v4.new_output("stream", name="stdout", text=said)]
            cells += [
                task,
                _raw(f"# BEGIN QUESTION\n{name}"),
                _raw("# BEGIN SOLUTION"),
                cell,
                _raw("# END SOLUTION"),
                *([_raw("# BEGIN TESTS"), check, _raw("# END TESTS")] if last else []),
                _raw("# END QUESTION"),
            ]
        else:
            cells += [task, cell, *([check] if last else [])]
    made = nbformat.v4.new_notebook(
        cells=cells,
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"
    nbformat.validate(made)
    return made


def parts(exercises, text):
    """The cells of a file: (source, exercise or None, whether it is the exercise's last), in order.

    Imports and given definitions are gathered; a function or class that an exercise asks for stands alone.
    """
    tree, lines = ast.parse(text), text.splitlines()
    owners = {name.split(".")[0]: exercise for exercise in exercises for name in exercise.definitions}
    places = {}
    for node in tree.body:
        owner = owners.get(getattr(node, "name", None))
        if owner is not None:
            places[owner.name] = node
    found, given, line = [], [QUIET], tree.body[0].end_lineno  # after the docstring

    def gather():
        if given:
            found.append(("\n\n".join(given), None, False))
            given.clear()

    for node in tree.body[1:]:
        first = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", []))])
        above = "\n".join(lines[line : first - 1]).strip("\n")
        line = node.end_lineno
        while line < len(lines) and lines[line].startswith(" "):  # a mark below the last statement
            line += 1
        source = "\n".join(lines[first - 1 : line])
        if above.startswith(RULE):
            gather()
            found.append((above, None, False))
        elif above:
            source = f"{above}\n{source}"
        owner = owners.get(getattr(node, "name", None))
        if owner is None:
            given.append(source)
        else:
            gather()
            found.append((source, owner, places[owner.name] is node))
    gather()
    return found


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


def _check_cell(lesson, exercise):
    source = textwrap.dedent(
        f"""\
        from keras_cv_course.classroom.notebooks.notebook_check import check

        check("{lesson}", "{exercise.name}", globals())"""
    )
    return _code(source, _nbgrader(f"check-{exercise.name}", grade=True, points=exercise.points, locked=True))


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
