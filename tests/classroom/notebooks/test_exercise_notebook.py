import ast
import base64
import builtins
import io
import json
import re

import keras
import matplotlib.image
import nbformat
import pytest

from keras_cv_course.classroom.gate import solution_lines
from keras_cv_course.classroom.grading.commands import lessons_of
from keras_cv_course.classroom.grading.notebook_text import code_of
from keras_cv_course.classroom.notebooks.cells import defined, needed_at_once, parts
from keras_cv_course.classroom.notebooks.exercise_notebook import MARKS, exercise_notebook
from keras_cv_course.classroom.notebooks.notebook_check import NotPassed, check
from keras_cv_course.classroom.skeleton import skeleton
from keras_cv_course.classroom.student.mine import Mine
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import catalogue
from sprints.commands import COURSE
from sprints.day3.denoise import denoise as lesson_of_denoise

LESSONS = lessons_of(COURSE)
every_lesson = pytest.mark.parametrize("name", LESSONS)


def made(name, **options):
    return exercise_notebook(catalogue.find(COURSE, name), images=False, **options)


def sources(notebook, kind="code"):
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def lines_of(texts):
    return {line.strip() for text in texts for line in text.splitlines()}


def solutions(name):
    return {line for exercise in LESSONS[name] for line in solution_lines(LESSONS[name], exercise)}


@every_lesson
def test_a_students_notebook_has_the_skeleton_and_no_solution(name):
    notebook = made(name)
    nbformat.validate(notebook, version=4)
    code = sources(notebook)
    assert not lines_of(code) & solutions(name)
    blank = ast.parse(skeleton(LESSONS[name]))
    cells = [node for text in code for node in ast.parse(text).body]
    for node in blank.body[1:]:
        assert sum(ast.dump(node) == ast.dump(other) for other in cells) == 1, ast.unparse(node)[:80]
    texts = sources(notebook, "markdown")
    for number, exercise in enumerate(LESSONS[name], 1):
        assert sum(text.startswith(f"## {number} · {exercise.name} (") for text in texts) == 1
        assert sum(f'check("{name}", "{exercise.name}", globals())' in text for text in code) == 1


@every_lesson
@pytest.mark.parametrize("markers", MARKS)
def test_what_is_left_of_a_teachers_notebook_without_what_is_marked(name, markers):
    """What nbgrader and Otter do: the lines between the marks go; nothing of a solution may stay."""
    notebook = made(name, solved=True, markers=markers)
    nbformat.validate(notebook, version=4)
    begin, end = MARKS[markers]
    assert solutions(name) <= lines_of(sources(notebook))
    region = re.compile(rf"^([ ]*){re.escape(begin)}\n(.*?)^\1{re.escape(end)}$", re.DOTALL | re.MULTILINE)
    left = [region.sub(r"\1raise NotImplementedError", text) for text in sources(notebook)]
    assert not lines_of(left) & solutions(name)
    assert begin not in "".join(left) and end not in "".join(left)
    for text in left:
        ast.parse(text)
    count = sum(len(region.findall(text)) for text in sources(notebook))
    assert count == sum(len(exercise.definitions) for exercise in LESSONS[name])


@every_lesson
@pytest.mark.parametrize("solved", [False, True])
def test_nbgrader_knows_every_cell(name, solved):
    cells = [cell for cell in made(name, solved=solved).cells if cell.cell_type == "code"]
    marks = [cell.metadata.nbgrader for cell in cells]
    assert all(mark.schema_version == 3 and not mark.task for mark in marks)
    names = [mark.grade_id for mark in marks]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-zA-Z0-9_\-]+", grade_id) for grade_id in names)  # nbgrader's own rule
    for cell, mark in zip(cells, marks):
        assert not (mark.grade and mark.solution)
        assert (
            mark.locked == (not mark.solution and mark.grade_id != "own-run")
            and ("points" in mark) == mark.grade
        )
        assert mark.grade == cell.source.endswith(", globals())")
    assert sum(mark.get("points", 0) for mark in marks) == LESSONS[name].points


@every_lesson
def test_otter_finds_every_solution_and_the_tests_of_every_exercise(name):
    """Otter takes solutions out of solution blocks of questions only, and compares what tests print."""
    config, *cells = made(name, solved=True, markers="otter").cells
    assert config.source.startswith(f"# ASSIGNMENT CONFIG\nname: {name}\n")
    inside, names, tested = [], [], {}
    for cell in cells:
        mark = cell.source.splitlines()[0].removeprefix("# ").split() if cell.cell_type == "raw" else []
        if mark[:1] == ["BEGIN"]:
            inside.append(mark[1])
        elif mark[:1] == ["END"]:
            assert inside.pop() == mark[1]
        if mark == ["BEGIN", "QUESTION"]:
            assert inside == ["QUESTION"]
            names.append(cell.source.splitlines()[1].removeprefix("name: "))
            points = re.findall("points: (.*)", cell.source)
        if "# BEGIN SOLUTION" in cell.source and cell.cell_type == "code":
            assert inside == ["QUESTION", "SOLUTION"]
        if cell.source.endswith(", globals())"):
            assert inside == ["QUESTION", "TESTS"]
            tested[names[-1]] = (cell.source, points, [output.text for output in cell.outputs])
    assert inside == [] and len(set(names)) == len(names)
    assert {name: points for name, (_, points, _) in tested.items()} == {
        exercise.name: [str(exercise.points)] for exercise in LESSONS[name]
    }
    for exercise in LESSONS[name]:
        source, _, said = tested[exercise.name]
        assert f'check("{name}", "{exercise.name}", ' in source
        assert said == [f"passed: {exercise.name}, {exercise.points} points\n"]


@every_lesson
def test_what_the_exercises_need_stands_before_them(name):
    """In the reference's order of cells, every global name that is read at once is defined above."""
    known = set(dir(builtins)) | {"__name__"}
    for text in sources(made(name, solved=True)):
        for node in ast.parse(text).body:
            own = {alias.asname or alias.name.split(".")[0] for alias in getattr(node, "names", [])}
            missing = needed_at_once(node) - known - defined(node) - own
            assert not missing, (missing, ast.unparse(node)[:80])
            known |= defined(node) | own


@every_lesson
def test_given_cells_stand_before_the_first_exercise(name):
    marks = [cell.metadata.nbgrader for cell in made(name).cells if cell.cell_type == "code"]
    first = next(place for place, mark in enumerate(marks) if mark.solution)
    given = [place for place, mark in enumerate(marks) if mark.grade_id.startswith("given-")]
    late = [place for place in given if marks[place].grade_id.startswith("given-later")]
    assert all(place < first for place in given if place not in late)


def test_what_needs_an_exercise_to_be_made_stands_below_it(small):
    text = '''
"""Twice and half."""
import math
LIMIT = math.pi
def helper(): return double(2)
def double(values): return values
class Table:
    twice = double
    def call(self, of=helper): return half(of)
def half(values): return values
BOTH = [Table, half]
LAST = LIMIT
'''
    given, rest = parts(small, text.strip())
    assert given == [("", "import math\n\nLIMIT = math.pi\n\ndef helper(): return double(2)\n\nLAST = LIMIT")]
    assert [
        (source.split("(")[0].split(":")[0], owner and owner.name, last) for source, owner, last in rest
    ] == [
        ("def double", "double", True),
        ("class Table", None, False),
        ("def half", "half", True),
        ("BOTH = [Table, half]", None, False),
    ]


def test_a_students_notebook_explains_hints_and_runs(tmp_path, denoise):
    folder = tmp_path / "day3.denoise"
    folder.mkdir()
    image = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    (folder / "denoised.png").write_bytes(image)
    (folder / "metrics.json").write_text(json.dumps({"figures": {"denoised.png": "digits, noisy and clean"}}))
    notebook = made("day3.denoise", runs=tmp_path, install="course.whl")
    assert sources(notebook)[0] == "%pip install --quiet course.whl"
    texts = sources(notebook, "markdown")
    assert "$" in "".join(texts) and "![digits, noisy and clean](attachment:denoised.png)" in "".join(texts)
    (shown,) = (cell for cell in notebook.cells if "denoised.png" in cell.get("attachments", {}))
    assert base64.b64decode(shown.attachments["denoised.png"]["image/png"]) == image
    for exercise in denoise:
        (task,) = (text for text in texts if f"· {exercise.name} (" in text)
        for number, hint in enumerate(exercise.hints, 1):
            assert f"<details><summary>Hint {number} of {len(exercise.hints)}</summary>\n\n{hint}\n" in task
    assert "run_with_own(" in sources(notebook)[-1]
    (folder / "metrics.json").write_text("{")
    with pytest.raises(InputError, match="damaged"):
        made("day3.denoise", runs=tmp_path)


def test_the_image_to_reach_is_the_references(denoise):
    notebook = exercise_notebook(catalogue.find(COURSE, "day3.denoise"))
    drawn = {name: cell for cell in notebook.cells for name in cell.get("attachments", {})}
    assert set(drawn) == {f"{one.name}.png" for one in denoise if one.image}
    for name, cell in drawn.items():
        content = base64.b64decode(cell.attachments[name]["image/png"])
        assert (
            matplotlib.image.imread(io.BytesIO(content)).std() > 0.05
            and f"(attachment:{name})" in cell.source
        )


def test_the_cells_that_were_run_are_the_students_file(denoise, tmp_path):
    """As `In` of a notebook has them: checks, commands and all; the last definition counts."""
    cells = sources(made("day3.denoise"))
    cells += ["%pip list", "def psnr(truth, estimate):\n    return 1.0", "psnr?", cells[-1]]
    (tmp_path / "day3_denoise.py").write_text(code_of(cells))
    mine = Mine(lesson_of_denoise, tmp_path / "day3_denoise.py")
    assert mine.own == ["psnr"] and mine.module.psnr(0, 0) == 1.0


@pytest.fixture
def names():
    """The names that a student's notebook has when the cells of definitions were run."""
    known = keras.saving.get_custom_objects()
    before, names = dict(known), {"__name__": "__main__"}
    for text in sources(made("day3.denoise")):
        if "notebook_check" not in text:
            exec(text, names)
    yield names
    known.clear()
    known.update(before)


def test_the_check_cells_of_a_student(names, capsys):
    with pytest.raises(NotPassed, match="not attempted"):
        check("day3.denoise", "noise", names)

    def psnr(truth, estimate):
        return 10 * names["np"].log10(1 / ((truth - estimate) ** 2).mean())

    with pytest.raises(NotPassed) as wrong:
        check("day3.denoise", "psnr", {**names, "psnr": psnr})
    said = wrong.value._render_traceback_()
    assert len(said) == 1 and said[0].startswith("wrong: ") and "the images' decibels are averaged" in said[0]
    assert "expected  decibels" in said[0] and "\n  received  " in said[0] and "\n  try       " in said[0]

    def add_noise(images, noise, rng):
        return images + nosie  # noqa: F821

    with pytest.raises(NotPassed, match="error: .*\n  received  NameError: name 'nosie' is not defined"):
        check("day3.denoise", "noise", {**names, "add_noise": add_noise})

    def drop_pixels(images, rate, rng):
        if not 0 <= rate < 1:
            raise ValueError
        return images * (rng.random((*images.shape[:-1], 1)) >= rate).astype(images.dtype)

    assert capsys.readouterr().out == ""
    check("day3.denoise", "dropout", {**names, "drop_pixels": drop_pixels})
    assert capsys.readouterr().out == "passed: dropout, 2 points\n"


def test_what_cannot_be_checked_is_said():
    with pytest.raises(NotPassed, match="psnr is not defined yet: run the cell above first"):
        check("day3.denoise", "psnr", {})
    with pytest.raises(InputError, match="no exercises of 'day3.nothing'"):
        check("day3.nothing", "psnr", {})
    with pytest.raises(InputError, match="has no exercise 'nine'"):
        check("day3.denoise", "nine", {})
