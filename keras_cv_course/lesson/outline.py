"""A lesson read from its file without importing it: its help and its list entry take no time."""

import ast
import inspect
from pathlib import Path
from typing import Literal

from keras_cv_course.lesson.definition import Definition
from keras_cv_course.lesson.documentation import Documentation

ANNOTATIONS = {
    "Literal": Literal,
    "int": int,
    "float": float,
    "str": str,
    "bool": bool,
    "tuple": tuple,
    "list": list,
}


def outline(path):
    """The `Definition` of the lesson in a file, its targets and its figure function aside.

    Knobs must have literal defaults and annotations of built-in types or `Literal`; presets are `dict(...)`
    of literals.

    Args:
        path: sprints/day3/denoise.py, say.

    Raises:
        LookupError: the file holds no function under `@lesson(...)`.
    """
    path = Path(path)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    function, options = _lesson(tree, path)
    return Definition(
        name=f"{path.parent.name}.{path.stem}",
        course=path.parent.parent.name,
        documentation=Documentation(ast.get_docstring(tree), ast.get_docstring(function)),
        own_knobs=_knobs(function),
        quick=_preset(options["quick"]),
        full=_preset(options["full"]),
        targets={},
        batch_size=ast.literal_eval(options["batch_size"]) if "batch_size" in options else 64,
        limit=ast.literal_eval(options["limit"]) if "limit" in options else None,
        image_figure=options.get("image_figure"),
        image_model=options.get("image_model"),
    )


def lesson_source(path):
    """The source of the lesson's function in a file, its decorator aside.

    Raises:
        LookupError: the file holds no function under `@lesson(...)`.
    """
    source = Path(path).read_text(encoding="utf-8")
    return ast.get_source_segment(source, _lesson(ast.parse(source), path)[0])


def _lesson(tree, path):
    """The lesson's function and the keyword arguments of its decorator."""
    for node in tree.body:
        for decorator in getattr(node, "decorator_list", ()):
            if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "lesson":
                return node, {keyword.arg: keyword.value for keyword in decorator.keywords}
    raise LookupError(f"{path} holds no function under @lesson(...)")


def _knobs(function):
    arguments = function.args
    positional = arguments.args[1:]  # without run
    defaults = arguments.defaults
    pairs = [*zip(positional[len(positional) - len(defaults) :], defaults, strict=True)]
    pairs += [*zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    return {
        argument.arg: inspect.Parameter(
            argument.arg,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=ast.literal_eval(default),
            annotation=eval(ast.unparse(argument.annotation), {"__builtins__": {}}, ANNOTATIONS),
        )
        for argument, default in pairs
    }


def _preset(node):
    if isinstance(node, ast.Call):
        return {keyword.arg: ast.literal_eval(keyword.value) for keyword in node.keywords}
    return ast.literal_eval(node)
