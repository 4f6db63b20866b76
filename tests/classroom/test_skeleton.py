import ast
import importlib.util
import re
from pathlib import Path

import pytest

from keras_cv_course.classroom.grading.commands import lessons_of
from keras_cv_course.classroom.skeleton import composition, definition, reference, skeleton, slow_imports
from keras_cv_course.classroom.worker.definitions import find, is_blank, kept
from sprints.commands import COURSE

LESSONS = lessons_of(COURSE)
pytestmark = pytest.mark.parametrize("name", LESSONS)


def test_day_3_has_three_to_six_exercises_a_lesson(name):
    assert 3 <= len(LESSONS[name]) <= 6
    assert {"day3.autoencode", "day3.denoise", "day3.anomaly", "day3.manifold"} <= set(LESSONS)


def test_the_joined_reference_holds_the_librarys_definitions(name):
    joined = ast.parse(reference(LESSONS[name]))
    for module in LESSONS[name].sources:
        source = Path(importlib.util.find_spec(module).origin).read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                same = [other for other in joined.body if getattr(other, "name", None) == node.name]
                assert len(same) == 1 and ast.dump(same[0]) == ast.dump(node)


def test_the_skeleton_keeps_signature_docstring_and_decorators(name):
    solved, blanked = ast.parse(reference(LESSONS[name])), ast.parse(skeleton(LESSONS[name]))
    for exercise in LESSONS[name]:
        for wanted in exercise.definitions:
            whole, blank = find(solved, wanted), find(blanked, wanted)
            assert is_blank(blank) and not is_blank(whole)
            assert ast.dump(whole.args) == ast.dump(blank.args)
            assert ast.get_docstring(whole) == ast.get_docstring(blank)
            assert list(map(ast.dump, whole.decorator_list)) == list(map(ast.dump, blank.decorator_list))
            assert kept(whole) == kept(blank)
            assert ast.unparse(blank).count(LESSONS[name].message(exercise)) == 1


def test_what_is_not_blanked_is_the_same(name):
    solved, blanked = reference(LESSONS[name]), skeleton(LESSONS[name], only=[])
    assert blanked.split('"""', 2)[2] == solved.split('"""', 2)[2]
    assert (
        max(map(len, skeleton(LESSONS[name]).splitlines())) <= 122
    )  # a docstring of a module becomes a comment


def test_an_exercise_is_judged_with_earlier_ones_given_and_later_ones_blank(name):
    exercises = LESSONS[name]
    for exercise in exercises:
        parts = composition(exercises, exercise)
        number = exercises.number(exercise)
        for other in exercises:
            place = {"given": exercises.number(other) < number, "blank": exercises.number(other) > number}
            for wanted in other.definitions:
                assert {key: wanted in parts[key] for key in parts} == place


def test_a_definition_can_be_cut_out(name):
    solved = reference(LESSONS[name])
    for exercise in LESSONS[name]:
        for wanted in exercise.definitions:
            cut, whole = ast.parse(definition(solved, wanted)).body[0], find(ast.parse(solved), wanted)
            assert ast.get_docstring(cut) == ast.get_docstring(whole)
            bodies = [node.body[ast.get_docstring(node) is not None :] for node in (cut, whole)]
            first, second = (list(map(ast.dump, body)) for body in bodies)
            assert first == second and ast.dump(cut.args) == ast.dump(whole.args)


def test_keras_is_imported_once_beforehand_where_an_exercise_needs_it(name):
    needed = re.search(r"^(import|from) keras\b", reference(LESSONS[name]), re.MULTILINE)
    assert bool(slow_imports(LESSONS[name])) == bool(needed)
