"""Which of our files a proof depends on, and a digest of what they say."""

import ast
import functools
import hashlib
from importlib import metadata
from pathlib import Path

from keras_cv_course.data.catalogue import MODULES

ROOT = Path(__file__).parents[2]
OURS = ("keras_cv_course", "sprints", "tests")
# Packages whose version may change a number.
PACKAGES = ("keras", "tensorflow", "jax", "numpy", "scipy", "scikit-learn", "scikit-image")
# What cannot change a number: figures, what runs a lesson except for the order of its batches, and the table of data
# sets (a proof names the modules of the sets that its lesson loads).
SILENT = (
    "keras_cv_course.data.catalogue",
    "keras_cv_course.plot",
    "keras_cv_course.lesson",
    "keras_cv_course.classroom",
    "keras_cv_course.errors",
)
HEARD = ("keras_cv_course.lesson.batches",)


def digest(modules, files=(), everything=False):
    """A digest of modules, of all of ours that they import, and of further files.

    Comments, docstrings and prose in strings do not count: rewording a lesson leaves its proof fresh.

    Args:
        modules: dotted names to start from.
        files: further files, counted byte for byte.
        everything: also count what cannot change a number of a lesson (figures, lesson and classroom machinery).

    Returns:
        A hexadecimal text of 16 characters.
    """
    said = hashlib.sha256()
    for name in sorted(closure(tuple(modules), everything)):
        said.update(f"{name}\n{meaning(name)}\n".encode())
    for file in files:
        said.update(Path(file).read_bytes())
    for package in PACKAGES:
        said.update(f"{package} {version(package)}\n".encode())
    return said.hexdigest()[:16]


@functools.cache
def version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"


@functools.cache
def closure(modules, everything=False):
    """The names of our modules that these ones import, themselves included, by way of others too."""
    found, todo = set(), list(modules)
    while todo:
        name = todo.pop()
        path = path_of(name)
        quiet = name.startswith(SILENT) and not name.startswith(HEARD)
        figures = ".figures" in name
        if path is None or name in found or ((quiet or figures or is_list(name)) and not everything):
            continue
        found.add(name)
        todo += imported(name)
    return frozenset(found)


@functools.cache
def is_list(name):
    """Whether a module is a package that defines nothing: a list of models or lessons, which grows."""
    definitions = (ast.FunctionDef, ast.ClassDef)
    return path_of(name).name == "__init__.py" and not any(
        isinstance(n, definitions) for n in tree(name).body
    )


def data_sets(lesson):
    """The modules of the data sets whose names stand in a lesson's file, but for those of its further presets."""
    module = tree(lesson)
    presets = {
        node
        for definition in module.body
        for decorator in getattr(definition, "decorator_list", ())
        for node in ast.walk(decorator)
    }
    words = {node.value for node in set(ast.walk(module)) - presets if isinstance(node, ast.Constant)}
    return sorted({f"keras_cv_course.data.{MODULES[word]}" for word in words if word in MODULES})


@functools.cache
def imported(name):
    """What a module of ours imports from us, wherever in it, and the packages that it stands in."""
    names = {name.rpartition(".")[0]}
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return sorted(other for other in names if other.split(".")[0] in OURS)


@functools.cache
def path_of(name):
    """The file of a module of ours, or None."""
    if name.split(".")[0] not in OURS:
        return None
    base = ROOT.joinpath(*name.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.exists():
            return path
    return None


@functools.cache
def tree(name):
    return ast.parse(path_of(name).read_text(encoding="utf-8"))


class _Bare(ast.NodeTransformer):
    """Takes docstrings away and empties strings of three words or more."""

    def visit_Expr(self, node):  # noqa: N802
        said = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.Pass() if said else self.generic_visit(node)

    def visit_Constant(self, node):  # noqa: N802
        if isinstance(node.value, str) and len(node.value.split()) >= 3:
            return ast.Constant("")
        return node


@functools.cache
def meaning(name):
    """What a module computes, as text: its syntax tree without docstrings and prose."""
    return ast.dump(_Bare().visit(ast.parse(path_of(name).read_text(encoding="utf-8"))))
