"""Small faults in a source, by the operators of mutmut, and a sample of them."""

import random


def mutants(source):
    """Every mutant of a source: [(operator, source of the mutant)]."""
    import libcst as cst
    from libcst.metadata import MetadataWrapper
    from mutmut.mutation.mutators import mutation_operators

    untouched = (cst.Annotation, cst.Raise, cst.Decorator, cst.Import, cst.ImportFrom)
    module, found = MetadataWrapper(cst.parse_module(source)).module, []

    class Collector(cst.CSTVisitor):
        def on_visit(self, node):
            docstring = isinstance(node, cst.Expr) and isinstance(node.value, cst.BaseString)
            if docstring or isinstance(node, untouched):
                return False
            for kind, operator in mutation_operators:
                if isinstance(node, kind):
                    for new in operator(node):
                        name = operator.__name__.removeprefix("operator_")
                        found.append((name, module.deep_replace(node, new).code))
            return True

    module.visit(Collector())
    return found


def drawn(found, count, seed):
    """So many of the mutants, the operators in turn."""
    rng, by_operator = random.Random(seed), {}
    for one in rng.sample(found, len(found)):
        by_operator.setdefault(one[0], []).append(one)
    turns = [(turn, name, one) for name, ones in by_operator.items() for turn, one in enumerate(ones)]
    return [one for _, _, one in sorted(turns, key=lambda turn: turn[:2])][:count]


def change(source, mutated):
    """The lines that differ, as {"line": number, "was": text, "is": text}."""
    old, new = source.splitlines(), mutated.splitlines()
    first = next((number for number, (a, b) in enumerate(zip(old, new)) if a != b), min(len(old), len(new)))
    last = next((n for n, (a, b) in enumerate(zip(old[::-1], new[::-1])) if a != b), 0)
    was, now = (" ".join(line.strip() for line in lines[first : len(lines) - last]) for lines in (old, new))
    return {"line": first + 1, "was": was, "is": now}
