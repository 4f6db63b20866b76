"""The house rules that a machine can see: imports go down only, folders stay small, no file is named
utils."""

import ast
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TASKS = ("classify", "segment", "detect", "reconstruct", "generate", "sequence", "explain")
# From the top of the house to its cellar; a file imports from its own floor or from below. Tasks share a
# floor.
FLOORS = (
    ("sprints",),
    ("classroom",),
    ("lesson",),
    ("inference",),
    ("training",),
    ("augment",),
    ("baselines",),
    ("plot",),
    ("data",),
    TASKS,
    ("boxes",),
    ("layers",),
    ("losses",),
    ("metrics",),
    ("errors", "file_lock", "gradient_order", "__init__"),
)
LEVEL = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted([*(ROOT / "keras_cv_course").rglob("*.py"), *(ROOT / "sprints").rglob("*.py")])


def room_of(module):
    """ "plot" for keras_cv_course.plot.style; None for what is not ours."""
    first, *rest = module.split(".")
    if first == "sprints":
        return first
    return (rest or ["__init__"])[0] if first == "keras_cv_course" else None


def imports(path):
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            if node.module == "keras_cv_course":
                yield from (f"keras_cv_course.{alias.name}" for alias in node.names)
            else:
                yield node.module


def test_imports_go_down_only():
    wrong = []
    for path in MODULES:
        own = room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for module in imports(path):
            room = room_of(module)
            if room not in (None, own) and LEVEL[room] < LEVEL[own]:
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert not wrong, "\n".join(wrong)


def test_modules_of_one_room_import_each_other_without_a_circle():
    graph = {}
    for path in MODULES:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        graph[name] = set(imports(path))
    done, open_ = set(), []

    def visit(name):
        assert name not in open_, " imports ".join([*open_[open_.index(name) :], name])
        if name in graph and name not in done:
            open_.append(name)
            for other in graph[name]:
                visit(other)
            open_.pop()
            done.add(name)

    for name in graph:
        visit(name)


@pytest.mark.parametrize("task", [*TASKS, "boxes", "layers", "losses"])
def test_models_layers_and_losses_name_no_backend(task):
    backends = {"tensorflow", "jax", "torch", "keras_cv"}
    for path in (ROOT / "keras_cv_course" / task).rglob("*.py"):
        assert not backends & {module.split(".")[0] for module in imports(path)}, path


def tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def test_no_folder_of_more_than_22_python_files_and_none_named_for_nothing():
    files = tracked()
    counts = Counter(path.parent for path in files if path.suffix == ".py")
    assert not {str(folder): count for folder, count in counts.items() if count > 22}
    nameless = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "misc.py", "base.py"}
    assert not [path for path in files if path.name in nameless]


def test_nothing_generated_or_downloaded_is_kept():
    assert not [path for path in tracked() if path.suffix in (".ipynb", ".npz", ".h5", ".keras", ".whl")]


def test_every_lesson_has_its_place_in_the_teaching_order():
    from keras_cv_course.lesson import catalogue

    listed = {entry.path for entry in catalogue.lessons(ROOT / "sprints")}
    there = {path for path in (ROOT / "sprints").glob("day*/*.py") if path.name != "__init__.py"}
    assert listed == there


def test_tests_stand_at_the_path_of_what_they_test():
    for path in (ROOT / "tests").rglob("test_*.py"):
        folder = path.relative_to(ROOT / "tests").parent
        if folder.parts and folder.parts[0] not in ("sprints", "parity", "proofs", "reference"):
            assert (ROOT / "keras_cv_course" / folder).is_dir(), path
