import io

import pytest
from rich.console import Console

from keras_cv_course.classroom import Exercise, Exercises
from keras_cv_course.classroom.gate import gate, mutated, solution_lines
from keras_cv_course.classroom.grading import commands as teacher
from keras_cv_course.classroom.skeleton import reference


def test_a_small_lesson_is_clean(small_course, small):
    console = Console(file=io.StringIO(), width=200)
    assert teacher.gate(small_course[0], None, console), console.file.getvalue()
    said = console.file.getvalue()
    assert "✓ double         1 checks, 3 mutants killed" in said and "✓ half" in said


# A lesson in which everything is wrong that can be.

LIBRARY = '''
"""Twice and half."""


def double(values):
    """Two times the values."""
    twice = values + values
    return twice


def half(values):
    """Half the values."""
    return values / double(1)


def whole(values):
    """The values, through what comes only later."""
    return quarter(values) * 4


def quarter(values):
    """A quarter of the values."""
    return values / 4


class Scale:
    """Two parts of values."""

    def third(self, values):
        return values / 3

    def sixth(self, values):
        return values / 6
'''


@pytest.fixture(scope="module")
def problems(tmp_path_factory):
    """{exercise: what the gate has to say on it} of a lesson without care."""
    folder = tmp_path_factory.mktemp("careless")
    (folder / "careless_library.py").write_text(LIBRARY.lstrip())
    double = Exercise(
        "double", "two times each value", ("double",), 1, ("One hint: twice = values + values",),
        {"once": ("values + values", "values"), "gone": ("nothing like it", "x"), "twice": ("twice", "t")},
    )  # fmt: skip
    half = Exercise(
        "half", "one half of each value", ("half",), 1, ("A hint", " "),
        {"a third": ("values / double(1)", "values / 3")},
    )  # fmt: skip
    whole = Exercise(
        "whole", "each value", ("whole",), 1, ("A hint", "Another"),
        {f"times {n}": ("* 4", f"* {n}") for n in (1, 2, 3)},
    )  # fmt: skip
    quarter = Exercise("quarter", "one quarter of each value", ("quarter",), 1, ("A hint", "Another"), {})
    third = Exercise("third", "one third of each value", ("Scale.third",), 1, ("A hint", "Another"), {})
    sixth = Exercise("sixth", "one sixth of each value", ("Scale.sixth",), 1, ("A hint", "Another"), {})

    @double.check
    def check_too_weak(mine):
        """It can be called."""
        mine.double(1)

    @half.check
    def check_that_asks_nothing(mine):
        """Nothing."""

    @half.check
    def check_that_crashes(mine):
        """A mistake of the author's."""
        mine.half(2)
        raise NameError("values")

    @whole.check
    def check_whole(mine):
        """The whole."""
        if mine.whole(2) != 2:
            raise ValueError

    every = (double, half, whole, quarter, third, sixth)
    exercises = Exercises("day1.careless", ("careless_library",), every)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield {found.name: found.problems for found in gate(exercises)}


@pytest.mark.parametrize(
    "name, says",
    [
        ("double", "mutant 'once' is passed: no check catches it"),
        ("double", "mutant 'gone': its text is not there exactly once"),
        ("double", "a tape of answers at seed 0 gets 1 points at 101: use rng"),
        ("double", "the constant None in place of every answer gets 1 points"),
        ("double", "mutant 'twice': its text is not there exactly once"),
        ("double", "it needs at least 2 hints, none of them empty"),
        ("double", "a student's file shows a line of the solution: twice = values + values"),
        ("half", "the skeleton is passed on: Nothing ()"),
        ("half", "the reference is wrong at seed 0"),
        ("half", "the reference is wrong at seed 2"),
        ("half", "it declares 1 mutants; 3 are wanted"),
        ("half", "it needs at least 2 hints, none of them empty"),
        ("whole", "the reference is not attempted at seed 0"),
        ("whole", "mutant 'times 2' is not attempted: no check catches it"),
        ("quarter", "it has no check"),
        ("third", "sixth asks for parts of Scale, too"),
        ("sixth", "third asks for parts of Scale, too"),
    ],
)
def test_every_fault_is_named(problems, name, says):
    assert any(problem.startswith(says) for problem in problems[name]), problems[name]


def test_nothing_else_is_named(problems):
    assert {name: len(found) for name, found in problems.items()} == {
        "double": 7, "half": 6, "whole": 6, "quarter": 4, "third": 5, "sixth": 5,
    }, problems  # fmt: skip


def test_a_leak_into_a_students_artefact_is_found(small):
    (found, _) = gate(small, artefacts=["# try: return values + values"])
    assert found.problems == ["a student's file shows a line of the solution: return values + values"]


def test_a_mutant_is_one_mistake_in_one_place(small):
    solved, double = reference(small), small.called("double")
    once = mutated(solved, double, "values + values", "values")
    assert once == solved.replace("values + values", "values")
    assert mutated(solved, double, "values", "x") is None  # more than once
    assert mutated(solved, double, "values / 2", "x") is None  # in another exercise
    assert solution_lines(small, double) == ["return values + values"]
