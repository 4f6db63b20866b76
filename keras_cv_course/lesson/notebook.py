"""A lesson as a notebook: its steps as cells, its knobs as the parameters cell."""

import ast
import inspect
import textwrap
from pathlib import Path

import docstring_parser
import jupytext
import nbformat

from keras_cv_course.errors import InputError
from keras_cv_course.lesson.publish import write_text

STEP = "# %% "


def notebook(lesson, preset="class", seed=0, **knobs):
    """The notebook of a lesson; executed, its metrics equal the lesson's with the same seed.

    Args:
        lesson: the `Lesson`.
        preset: where the parameters cell takes its values from.
        seed: the seed in the parameters cell.
        **knobs: values that differ from the preset's; also `output` and `saved_models`.

    Returns:
        A validated `nbformat` notebook.
    """
    values = lesson.defaults(preset)
    folders = {name: str(knobs.pop(name)) for name in ("output", "saved_models") if name in knobs}
    values |= knobs
    said = docstring_parser.parse(lesson.function.__doc__)
    meanings = "\n".join(
        f"# - `{parameter.arg_name}`: {' '.join(parameter.description.split())}"
        for parameter in said.params
        if parameter.arg_name != "run"
    )
    parameters = "\n".join(f"{name} = {value!r}" for name, value in {**values, "seed": seed}.items())
    passed = [f"preset={preset!r}", "notebook=True", *(f"{name}={name}" for name in [*values, "seed"])]
    passed += [f"{name}={value!r}" for name, value in folders.items()]
    start = "".join(f"    {argument},\n" for argument in passed)
    function = lesson.function.__name__
    imports = f"{_before(lesson)}\nfrom sprints.{lesson.name} import {function}"
    cells = [
        f"# %% [markdown]\n# # {lesson.one_liner}\n#\n# {said.short_description}\n#\n"
        f"# This is the lesson `{lesson.name}`. It needs the package "
        "`keras_cv_course` (`pip install -e .` in its folder).",
        f"# %%\n{imports}",
        f"# %% [markdown]\n# The knobs: change them and run everything again.\n#\n{meanings}",
        f'# %% tags=["parameters"]\n{parameters}',
        f"# %%\nrun = {function}.start(\n{start})",
        *_steps(lesson),
        "# %% [markdown]\n# What was reached, beside what was expected and what others reach.",
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


def _before(lesson):
    """The source of what stands above the lesson's function: imports and constants."""
    source = Path(inspect.getfile(lesson.function)).read_text(encoding="utf-8")
    kept = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == lesson.function.__name__:
            break
        machinery = isinstance(node, ast.ImportFrom) and node.module == "keras_cv_course.lesson"
        documentation = isinstance(node, ast.Expr)
        if not (machinery or documentation):
            kept.append(ast.get_source_segment(source, node))
    return "\n".join(kept)


def _steps(lesson):
    """A text cell and a code cell for every `# %% sentence` in the body of the lesson's function."""
    source = textwrap.dedent(inspect.getsource(lesson.function))
    function = ast.parse(source).body[0]
    lines = source.splitlines()[function.body[0].end_lineno :]
    cells, code = [], []
    for line in textwrap.dedent("\n".join(lines)).splitlines():
        if line.startswith(STEP):
            cells += _code_cell(code)
            cells.append(f"# %% [markdown]\n# {line.removeprefix(STEP)}")
            code = []
        else:
            code.append(line)
    return cells + _code_cell(code)


def _code_cell(lines):
    code = "\n".join(lines).strip("\n")
    return [f"# %%\n{code}"] if code else []
