"""What an instructor should know of a file before its points: what it imports or does that no exercise needs."""

import ast

from keras_cv_course.classroom.skeleton import PARSING, skeleton

USUAL = {"keras", "keras_cv_course", "math", "numpy", "functools", "itertools", "typing"}
# Ways around an import statement, and to what lies outside a file.
STRANGE = {
    "__import__", "__builtins__", "__loader__", "__spec__", "__subclasses__", "__globals__", "__code__",
    "eval", "exec", "compile", "open", "input", "breakpoint", "importlib", "builtins", "globals", "vars",
    "sys", "os", "subprocess", "socket", "ctypes", "inspect", "gc", "threading", "multiprocessing", "signal",
    "pickle", "marshal", "shutil", "pathlib", "tempfile", "f_locals", "f_back", "_getframe",
}  # fmt: skip


def remarks_on(text, exercises):
    """Remarks on a student's file, as texts.

    Args:
        text: the file.
        exercises: the lesson's `Exercises`.
    """
    closed = (*exercises.sources, "keras_cv_course.classroom", exercises.course)
    asked, names = _seen(text)
    given_imports, given_names = _seen(skeleton(exercises))
    remarks = [
        f"imports {name}, which is closed in an exercise" for name in sorted(asked) if name.startswith(closed)
    ]
    others = sorted({name.split(".")[0] for name in asked - given_imports} - USUAL - {exercises.course})
    if others:
        remarks.append(f"imports {', '.join(others)}, which the exercise does not need")
    strange = sorted((names & STRANGE) - given_names - set(others))
    if strange:
        remarks.append(f"uses {', '.join(strange)}, which the exercise does not need")
    return remarks


def _seen(text):
    """Modules that a file imports, and names that it uses: variables, attributes, short strings."""
    imports, names = set(), set()
    try:
        with PARSING:
            tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                imports |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imports.add(node.module or ".")
            elif isinstance(node, ast.Name):
                names.add(node.id)
            elif isinstance(node, ast.Attribute):
                names.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 60:
                names.add(node.value)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass  # the verdict says that it is no Python
    return imports, names
