"""Mutation score by folder: the share of small faults in the library's code that its tests find.

    python benchmarks/mutation.py COPY losses metrics        # COPY: a copy of this folder, whose files are overwritten
    python benchmarks/mutation.py COPY boxes --module anchors --count 1000

A mutant is a module with one small fault, made by an operator of mutmut (`pip install -c constraints.txt mutmut`). Each
module gives `--count` of them or all, drawn from its seed, the operators in turn, so that the many removed arguments
do not outweigh the few swapped signs. Left out, as no test of behaviour can or should see them: docstrings,
annotations, the texts of errors, decorators and imports.

Each mutant is tested in a fork of this process, which has loaded TensorFlow but not yet used it: first by the test
file at the mirrored path, the fastest tests first; then by the quick part of the harness and all files that import
the module, for `--seconds`. It is killed by the first test that fails, or by an alarm where a test does not end.
What survives is kept in results/mutation.json; where a fault has no effect, `why` is written there by hand.
"""

import argparse
import json
import os
import re
import signal
import sys
import time
from pathlib import Path

from mutants import change, drawn, mutants

KEPT = Path(__file__).parent / "results" / "mutation.json"
FOLDERS = (
    "classify", "segment", "detect", "reconstruct", "generate", "layers", "boxes", "losses", "metrics", "augment",
)  # fmt: skip
# Tests of the whole system, and those of the harness that take long or another process.
ELSEWHERE = ("sprints", "classroom", "lesson", "proofs", "data", "plot")
HARNESS = "(configuration or build_creates or every_weight or saved_and or mixed or published)"


def importing(module):
    """The test files that import a module such as boxes.anchors."""
    folder, _, name = module.rpartition(".")
    words = rf"keras_cv_course\.{folder}\.{name}\b|from keras_cv_course\.{folder} import .*\b{name}\b"
    files = [file for file in sorted(Path("tests").rglob("test_*.py")) if file.parts[1] not in ELSEWHERE]
    return [file for file in files if re.search(words, file.read_text("utf-8"))]


def tests_of(module):
    """Arguments of pytest for a module such as boxes.anchors: its own tests, then all others that see it."""
    folder, _, name = module.rpartition(".")
    own = Path("tests", *folder.split("."), f"test_{name}.py")
    files = importing(module)
    for user in Path("keras_cv_course").rglob("*.py"):
        if re.search(rf"keras_cv_course\.{module}\b", user.read_text("utf-8")):
            files += importing(".".join(user.with_suffix("").parts[1:]))
    first = [own] if own.exists() else files
    then = [[str(file) for file in dict.fromkeys(files) if file not in first]]
    if own.exists() and (cases := re.findall(r'^    "(\w+)": ', own.read_text("utf-8"), re.M)):
        then.insert(0, ["tests/test_models.py", "-k", f"({' or '.join(cases)}) and {HARNESS}"])
    return [[str(file) for file in dict.fromkeys(first)], *(files for files in then if files)]


class Order:
    """A plugin of pytest: the fastest tests first; none begins once the seconds are over; what is seen is kept."""

    def __init__(self, known, seconds):
        self.known, self.until, self.took, self.failed = known, time.monotonic() + seconds, {}, None

    def pytest_collection_modifyitems(self, items):
        items.sort(key=lambda item: self.known.get(item.nodeid, 0.0))

    def pytest_runtest_setup(self, item):
        if time.monotonic() > self.until:
            import pytest

            pytest.skip("the time is over")

    def pytest_runtest_logreport(self, report):
        self.took[report.nodeid] = self.took.get(report.nodeid, 0.0) + report.duration
        if report.failed and self.failed is None:
            self.failed = report.nodeid

    def pytest_collectreport(self, report):
        if report.failed:
            self.failed = f"the import of {report.nodeid}"


def tested(arguments, known, seconds):
    """Run pytest in a fork: (whether all passed, the first failed test, {test: its seconds})."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.setpgid(0, 0)
        signal.alarm(int(60 + 3 * seconds))
        silence = os.open(os.environ.get("MUTATION_LOG", os.devnull), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        order, code = Order(known, seconds), 1
        try:
            import pytest

            code = int(pytest.main([*arguments, "-x", "-q", "-p", "no:cacheprovider"], plugins=[order]))
        finally:
            passed = code in (0, 5)  # 5: no test was chosen
            os.write(writing, json.dumps([passed, order.failed, {} if known else order.took]).encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return json.loads(said) if said else (False, "the time limit", {})


def judged(module, count, seconds, seed, before, again):
    """Make and test the mutants of one module.

    Args:
        module: such as boxes.anchors.
        count, seconds, seed: as of the command.
        before: its earlier record, or None. What has a reason there why it is without effect is not tested again.
        again: test the survivors of that record only.

    Returns:
        Its record, or None where its tests fail without a fault.
    """
    path = Path("keras_cv_course", *module.split(".")).with_suffix(".py")
    own, *others = tests_of(module)
    passed, failed, known = tested(own, {}, 300)
    if not passed:
        print(f"{module}: not judged, without a fault {failed} fails", flush=True)
        return None
    source = path.read_text("utf-8")
    found = mutants(source)
    chosen = drawn(found, count, f"{seed} {module}")
    lived = {(one["was"], one["is"]): one for one in before["survivors"]} if before else {}
    survivors = []
    for operator, code in chosen:
        one = {"operator": operator, **change(source, code)}
        earlier = lived.get((one["was"], one["is"]), {})
        if "why" in earlier:
            survivors.append(one | {"why": earlier["why"]})
        elif earlier or not again:
            try:
                path.write_text(code, "utf-8")
                if all(tested(part, known, 60 if part is own else seconds)[0] for part in [own, *others]):
                    survivors.append(one)
                    print(f"    {path}:{one['line']}: {one['was']}  ->  {one['is']}", flush=True)
            finally:
                path.write_text(source, "utf-8")
    about = {"possible": len(found), "seed": seed, "date": time.strftime("%Y-%m-%d")}
    counts = {"tried": len(chosen), "lived_at_first": len(survivors)}
    counts = {name: before[name] for name in counts} if again else counts
    return {**about, **counts, "survivors": survivors}


def table(modules):
    """The score of each folder, as Markdown: the killed among those that change what the code does.

    At first: before tests were written for the survivors. It is what to expect of mutants that were not drawn.
    """
    rows = [
        "| folder | modules | mutants | without effect | killed at first | killed |",
        "|---|---|---|---|---|---|",
    ]
    for folder in FOLDERS:
        some = [found for module, found in modules.items() if module.startswith(f"{folder}.")]
        idle = sum("why" in one for found in some for one in found["survivors"])
        tried, at_first = (sum(found[name] for found in some) for name in ("tried", "lived_at_first"))
        if tried > idle:
            left = sum(len(found["survivors"]) for found in some)
            shares = [f"{(tried - lived) / (tried - idle):.0%}" for lived in (at_first, left)]
            rows.append(f"| {' | '.join(map(str, [folder, len(some), tried, idle, *shares]))} |")
    return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("copy", help="the copy to write mutants into")
    parser.add_argument("folders", nargs="+", choices=FOLDERS)
    parser.add_argument("--module", help="only this one")
    parser.add_argument("--count", type=int, default=15, help="mutants a module")
    parser.add_argument("--seconds", type=float, default=20, help="for the tests of other modules")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--survivors", action="store_true", help="test again what survived, and nothing else")
    parser.add_argument("--kept", type=Path, default=KEPT, help="the record")
    options = parser.parse_args()
    kept = options.kept.resolve()
    os.chdir(options.copy)
    if Path(__file__).resolve().is_relative_to(Path.cwd()):
        parser.error("COPY must be another folder than this one: its files are overwritten")
    sys.dont_write_bytecode = True  # a mutant of the same length and second would be taken for the original
    sys.path.insert(0, os.getcwd())
    import keras  # noqa: F401  what the tests need, loaded once for all forks
    import pytest  # noqa: F401
    import scipy.ndimage  # noqa: F401
    import skimage.metrics  # noqa: F401
    import sklearn.ensemble  # noqa: F401
    import tensorflow  # noqa: F401

    for folder in options.folders:
        for file in sorted(Path("keras_cv_course", folder).rglob("*.py")):
            module = ".".join(file.with_suffix("").parts[1:])
            modules = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
            before = modules.get(module)
            settled = before is None or all("why" in one for one in before["survivors"])
            if file.name == "__init__.py" or options.module not in (None, file.stem):
                continue
            if options.survivors and settled:
                continue
            found = judged(module, options.count, options.seconds, options.seed, before, options.survivors)
            if found:
                kept.write_text(json.dumps({**modules, module: found}, indent=1) + "\n", "utf-8")
                print(
                    f"{module}: {found['tried'] - len(found['survivors'])} of {found['tried']} killed",
                    flush=True,
                )
    print(table(json.loads(kept.read_text("utf-8"))))


if __name__ == "__main__":
    main()
