"""A lesson as a notebook: its steps as cells, its knobs as the parameters cell."""

import ast
import inspect
import textwrap
from pathlib import Path

import jupytext
import nbformat

from keras_cv_course.errors import InputError
from keras_cv_course.lesson.definition import SHARED_KNOBS
from keras_cv_course.lesson.publish import write_text

STEP = "# %% "


def notebook(lesson, preset="default", seed=0, install=None, **knobs):
    """The notebook of a lesson; executed, its metrics equal the lesson's with the same seed.

    Args:
        lesson: the `Lesson`.
        preset: where the parameters cell takes its values from.
        seed: the seed in the parameters cell.
        install: what `pip install` gets in the first cell (a wheel, an address, a requirement); None: no such cell.
        **knobs: values that differ from the preset's; also `output` and `saved_models`.

    Returns:
        A validated `nbformat` notebook.
    """
    values = lesson.defaults(preset)
    folders = {name: str(knobs.pop(name)) for name in ("output", "saved_models") if name in knobs}
    values |= knobs
    said = lesson.documentation
    meanings = {name: words for name, (_, words) in SHARED_KNOBS.items()} | said.knobs
    knob_list = "\n".join(f"- `{name}`: {meanings.get(name, '')}" for name in values)
    parameters = "\n".join(f"{name} = {value!r}" for name, value in {**values, "seed": seed}.items())
    passed = [f"preset={preset!r}", "notebook=True", *(f"{name}={name}" for name in [*values, "seed"])]
    passed += [f"{name}={value!r}" for name, value in folders.items()]
    start = "".join(f"    {argument},\n" for argument in passed)
    function = lesson.function.__name__
    cells = [f"# %%\n# %pip install --quiet {install}"] if install else []
    cells += [
        markdown(
            f"# {said.one_liner}\n\n{said.text}\n\n{said.summary}\n\n"
            f"This is the lesson `{lesson.name}`. It needs the package `keras_cv_course` (`pip install -e .` "
            "in its folder)."
        ),
        f"# %%\n{_around(lesson)}\nfrom {lesson.course}.{lesson.name} import {function}",
        markdown(f"The knobs: change them and run everything again.\n\n{knob_list}"),
        f'# %% tags=["parameters"]\n{parameters}',
        f"# %%\nrun = {function}.start(\n{start})",
        *_step_cells(lesson),
        markdown("## What was reached\n\nBeside the targets, and what other methods reach."),
        "# %%\nrun.finish()",
    ]
    made = jupytext.reads("\n\n".join(cells) + "\n", fmt="py:percent")
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"
    nbformat.validate(made)
    return made


def write_notebook(path, made, force=False):
    """Write a notebook file, never over one that is there unless `force`."""
    path = Path(path)
    if path.suffix != ".ipynb":
        raise InputError(f"a notebook's name ends in .ipynb, got {path}")
    if path.exists() and not force:
        raise InputError(f"{path} is there already; name another file or add --force")
    write_text(path, nbformat.writes(made))


def steps(source):
    """The steps of a lesson: [(heading, text below it, code)]; code above the first heading has neither.

    All comment lines right below `# %% Heading` are the text, Markdown.

    Args:
        source: the source of the lesson's function.
    """
    source = textwrap.dedent(source)
    function = ast.parse(source).body[0]
    lines = source.splitlines()[function.body[0].end_lineno :]
    found, in_text = [["", [], []]], False
    for line in textwrap.dedent("\n".join(lines)).splitlines():
        if line.startswith(STEP):
            found.append([line.removeprefix(STEP), [], []])
            in_text = True
        elif in_text and line.startswith("#"):
            found[-1][1].append(line.removeprefix("#").removeprefix(" "))
        else:
            in_text = False
            found[-1][2].append(line)
    return [(heading, "\n".join(text), "\n".join(code).strip("\n")) for heading, text, code in found]


def markdown(text):
    """A Markdown cell in jupytext's percent format."""
    lines = "\n".join(f"# {line}".rstrip() for line in text.splitlines())
    return f"# %% [markdown]\n{lines}"


def _around(lesson):
    """The source of what stands around the lesson's function: imports, constants and helper functions."""
    source = Path(inspect.getfile(lesson.function)).read_text(encoding="utf-8")
    kept = []
    for node in ast.parse(source).body:
        own = isinstance(node, ast.FunctionDef) and node.name == lesson.function.__name__
        machinery = isinstance(node, ast.ImportFrom) and node.module == "keras_cv_course.lesson"
        documentation = isinstance(node, ast.Expr)
        command_line = isinstance(node, ast.If)
        if not (own or machinery or documentation or command_line):
            first = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", []))])
            text = "\n".join(source.splitlines()[first - 1 : node.end_lineno])
            kept.append(f"\n\n{text}\n" if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else text)
    return "\n".join(kept)


def _step_cells(lesson):
    """A text cell and a code cell for every step."""
    cells = []
    for heading, text, code in steps(inspect.getsource(lesson.function)):
        if heading:
            cells.append(markdown(f"## {heading}\n\n{text}".strip()))
        if code:
            cells.append(f"# %%\n{code}")
    return cells
