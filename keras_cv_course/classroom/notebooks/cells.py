"""A student's file cut into the cells of a notebook: what is given first, then the exercises."""

import ast

from keras_cv_course.classroom.skeleton import RULE


def parts(exercises, text):
    """The cells of a file.

    Given definitions stand before the first exercise, whose checks may need them, except for those that need an
    exercise's definition when they are made, such as a subclass of it.

    Args:
        exercises: the lesson's `Exercises`.
        text: the reference or a skeleton of them.

    Returns:
        [(heading, source)] of what is given, by section; and [(source, exercise or None, whether it is the
        exercise's last)] of the rest, in order. Each function or class that an exercise asks for stands alone.
    """
    tree, lines = ast.parse(text), text.splitlines()
    owners = {name.split(".")[0]: exercise for exercise in exercises for name in exercise.definitions}
    nodes = tree.body[1:]  # without the docstring
    late = _late(nodes, set(owners))
    last = {owners[node.name].name: node for node in nodes if getattr(node, "name", None) in owners}
    sections, rest, line = [("", [])], [], tree.body[0].end_lineno
    for node in nodes:
        first = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", []))])
        above = "\n".join(lines[line : first - 1]).strip("\n")
        line = node.end_lineno
        while line < len(lines) and lines[line].startswith(" "):  # a mark below the last statement
            line += 1
        source = "\n".join(lines[first - 1 : line])
        if above.startswith(RULE):
            said = "\n".join(line.removeprefix("#").removeprefix(" ") for line in above.splitlines()[1:])
            sections.append((f"---\n{said}", []))
        elif above:
            source = f"{above}\n{source}"
        owner = owners.get(getattr(node, "name", None))
        if owner is not None:
            rest.append((source, owner, last[owner.name] is node))
        elif node in late:
            rest.append((source, None, False))
        else:
            sections[-1][1].append(source)
    return [(heading, _joined(sources)) for heading, sources in sections if heading or sources], rest


def _joined(sources):
    """Statements as one cell, a blank line between those that are no imports both."""
    text = ""
    for before, source in zip(["", *sources], sources):
        imports = all(one.startswith(("import ", "from ")) for one in (before, source))
        text += ("\n" if imports else "\n\n") + source
    return text.strip("\n")


def _late(nodes, exercises):
    """The given statements that need an exercise's definition as soon as they are run, and what needs those."""
    needed, late = set(exercises), []
    for node in nodes:
        if getattr(node, "name", None) not in exercises and needed_at_once(node) & needed:
            late.append(node)
            needed |= defined(node)
    return late


def defined(node):
    """The names that a statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    return {
        part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }


def needed_at_once(node):
    """The names that are read when a statement is run: a function's body is not, a class's is."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        places = [
            *getattr(node, "decorator_list", []),
            *node.args.defaults,
            *filter(None, node.args.kw_defaults),
        ]
    elif isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    else:
        places = ast.iter_child_nodes(node)
    return set().union(*map(needed_at_once, places))
