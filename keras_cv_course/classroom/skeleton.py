"""The student's file: the library's files joined into one, with the bodies of the exercises blanked."""

import ast
import contextlib
import functools
import importlib.util
import sys
import textwrap
import threading
from pathlib import Path

from keras_cv_course.classroom.worker.definitions import find, kept

PACKAGE = __name__.split(".")[0]
WIDTH = 110  # columns
RULE = f"# {'-' * 100}"
PARSING = threading.RLock()


def one_at_a_time(function):
    """In Python 3.11 `ast.parse` may fail in two threads at once, and a grader has several."""

    @functools.wraps(function)
    def waiting(*arguments, **named):
        with PARSING:
            return function(*arguments, **named)

    return waiting


@one_at_a_time
def reference(exercises, title=""):
    """The sources of a lesson's exercises as one file, solutions and all.

    Their imports come first, each once; imports of one another fall away. Module docstrings become comments.

    Args:
        exercises: the lesson's `Exercises`.
        title: the first line of the file's docstring.
    """
    imports, parts = [], []
    for module in exercises.sources:
        text = file_of(module).read_text(encoding="utf-8")
        tree = ast.parse(text)
        lines = text.splitlines()
        said = ast.get_docstring(tree)
        gone = set(range(1, tree.body[0].end_lineno + 1)) if said else set()
        for node in tree.body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                gone |= set(range(node.lineno, node.end_lineno + 1))
                line = ast.get_source_segment(text, node)
                if getattr(node, "module", None) not in exercises.sources and line not in imports:
                    imports.append(line)
        rest = "\n".join(line for number, line in enumerate(lines, 1) if number not in gone).strip("\n")
        header = textwrap.indent(f"{module}\n\n{said}", "# ", lambda line: True)
        header = "\n".join(line.rstrip() for line in header.splitlines())
        parts.append(f"{header}\n\n\n{rest}")
    own = [line for line in imports if "keras_cv_course" in line]
    plain = sorted((line for line in imports if line not in own), key=_import_order)
    standard = [line for line in plain if _is_standard(line)]
    others = [line for line in plain if line not in standard]
    blocks = ["\n".join(block) for block in (standard, others, sorted(own)) if block]
    top = f'"""{title or exercises.lesson}"""\n\n' + "\n\n".join(blocks)
    return "\n\n\n".join([f"{top}\n\n{RULE}\n{parts[0]}", *(f"{RULE}\n{part}" for part in parts[1:])]) + "\n"


@one_at_a_time
def skeleton(exercises, title="", only=None):
    """What a student starts from: the `reference` with the bodies of the exercises blanked.

    Args:
        exercises: the lesson's `Exercises`.
        title: the first line of the file's docstring.
        only: blank these exercises and leave the others solved; None blanks all.
    """
    first = (
        f"{exercises.lesson}: {title}\n\n"
        "Write the bodies that raise NotImplementedError; their docstrings say what is wanted.\n"
        f"Check:            {exercises.command} check {exercises.lesson}\n"
        f"A hint:           {exercises.command} hint {exercises.lesson}\n"
        f"Run it with this: {exercises.command}.{exercises.lesson} --mine FILE\n"
    )
    text = reference(exercises, first)
    for exercise in exercises:
        if only is None or exercise in only:
            for name in exercise.definitions:
                text = blank(text, name, exercises.message(exercise))
    return text


def blank(text, name, message):
    """The text with the body of one definition gone; its docstring and `super().__init__` stay."""
    node = find(ast.parse(text), name)
    if node is None:
        raise LookupError(f"there is no definition {name}")
    first, last = node.body[kept(node)].lineno if kept(node) < len(node.body) else None, node.end_lineno
    lines = text.splitlines()
    if first is None:
        raise LookupError(f"{name} has no body to blank")
    above = node.body[kept(node) - 1].end_lineno if kept(node) else first - 1
    indent = " " * node.body[0].col_offset
    raised = f'{indent}raise NotImplementedError("{message}")'
    if len(raised) > WIDTH:
        parts = textwrap.wrap(message, WIDTH - 10 - len(indent), drop_whitespace=False)
        parts = "\n".join(f'{indent}    "{part}"' for part in parts)
        raised = f"{indent}raise NotImplementedError(\n{parts}\n{indent})"
    return "\n".join([*lines[:above], raised, *lines[last:]]) + "\n"


@one_at_a_time
def definition(text, name):
    """The source of one definition, decorators included, without indentation."""
    node = find(ast.parse(text), name)
    if node is None:
        raise LookupError(f"there is no definition {name}")
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return textwrap.dedent("\n".join(text.splitlines()[first - 1 : node.end_lineno])) + "\n"


def slow_imports(exercises):
    """The modules that a worker should import beforehand; without Keras it starts in a tenth of the time."""
    modules = set()
    for node in ast.parse(reference(exercises)).body:
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module)
    needs_keras = any(module.split(".")[0] == "keras" for module in modules)
    return ["keras_cv_course.gradient_order"] if needs_keras else []


def needed_modules(exercises):
    """Modules of the package that the student's file imports, and those that they import in turn."""
    found, todo = set(), [("file", reference(exercises))]
    while todo:
        _, text = todo.pop()
        for node in ast.walk(_parsed(text)):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            for name in names:
                if name.split(".")[0] == PACKAGE and name not in found:
                    with contextlib.suppress(LookupError):
                        todo.append((name, file_of(name).read_text(encoding="utf-8")))
                        found.add(name)
    return found


@functools.cache
def file_of(module):
    """The file of a module, found without importing the packages that it stands in, as they may import Keras.

    Raises:
        LookupError: there is no such module.
    """
    first, *rest = module.split(".")
    spec = importlib.util.find_spec(first)
    places = list(spec.submodule_search_locations or ()) if spec else []
    if spec and not rest and spec.origin:
        return Path(spec.origin)
    for place in places:
        base = Path(place, *rest)
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.exists():
                return path
    raise LookupError(f"there is no module {module}")


@one_at_a_time
def _parsed(text):
    return ast.parse(text)


@one_at_a_time
def composition(exercises, exercise):
    """How a file is judged on one exercise: earlier ones are the reference's, later ones are blank.

    So a mistake costs its own exercise only, and no later one, whose solution it could look up, is there.
    """
    solved = reference(exercises)
    number = exercises.number(exercise)
    given, empty = {}, {}
    for other in exercises:
        for name in other.definitions:
            if exercises.number(other) < number:
                given[name] = definition(solved, name)
            elif exercises.number(other) > number:
                empty[name] = exercises.message(other)
    return {"given": given, "blank": empty}


def _is_standard(line):
    return line.split()[1].split(".")[0] in sys.stdlib_module_names


def _import_order(line):
    return (line.startswith("from"), line)
