"""What a source file imports and which names it uses, without running it."""

import ast

LONGEST = 100  # characters of a name
MOST = 500  # names, more of which nobody reads


def used(source):
    """{"imports": modules, "names": variables, attributes and short strings}, sorted; nothing where it is no Python.

    To parse is not free of danger: a file of 500 kB can make Python ask for gigabytes (`import a.a.a ...`). So what a
    stranger wrote is parsed where the stranger's limits hold.
    """
    imports, names = set(), set()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {"imports": [], "names": []}
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
    return {"imports": sorted(imports), "names": sorted(names)}


def used_of(source, wanted):
    """The same of few: imports cut in length and number, and of the names those that are wanted."""
    found = used(source)
    return {
        "imports": [name[:LONGEST] for name in found["imports"][:MOST]],
        "names": [name for name in found["names"] if name in wanted],
    }
