"""Whatever a student's function gives back, a check says that it is wrong, and does not fail itself."""

import numpy as np
import pytest

from keras_cv_course.classroom.checking import (
    ERROR,
    NOT_ATTEMPTED,
    PASSED,
    UNCHANGED,
    WRONG,
    of_error,
    run_check,
)
from keras_cv_course.classroom.grading.commands import lessons_of
from keras_cv_course.classroom.remote import Crashed, StudentError
from keras_cv_course.classroom.worker_process import Worker
from sprints.commands import COURSE

LESSONS = lessons_of(COURSE)


class Odd:
    """A module whose every function gives back the same odd value."""

    def __init__(self, value):
        self._value = value

    def __getattr__(self, name):
        return lambda *arguments, **named: self._value


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


ODD = {
    "nothing": None,
    "text": "0.5",
    "too large a number": 10**400,
    "dictionary": {"images": 1},
    "empty list": [],
    "ragged list": [[1], [2, 3]],
    "deep list": nested(900),
    "tuple": (1.0, 2.0),
    "empty array": np.zeros((0, 4)),
    "not a number": np.float32("nan"),
    "array of odd shape": np.ones((7, 3, 2), "float32"),
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("name", LESSONS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_odd_answers_are_wrong(name, kind):
    for exercise in LESSONS[name]:
        odd = Odd(ODD[kind])
        verdicts = [run_check(check, odd, lambda: Odd(0.5), 0, "mine.py") for check in exercise.checks]
        wrong = [verdict for verdict in verdicts if verdict.outcome == WRONG]
        # A single check may ask for such an answer: NaN where nothing can be measured.
        allowed = 1 if kind == "not a number" else 0
        assert len(verdicts) - len(wrong) <= allowed and wrong, (exercise.name, verdicts)
        assert all(verdict.expected and verdict.received and verdict.attempt for verdict in wrong)


def test_errors_are_told_apart():
    blank = of_error(StudentError("day3.x.1: write it", ["NotImplementedError"], 3, "raise"), "m.py", "x")
    assert blank.outcome == NOT_ATTEMPTED
    own = of_error(StudentError("later", ["NotImplementedError"], 3, "raise ..."), "m.py", "x")
    assert own.outcome == ERROR and own.received == "line 3 of m.py: raise ...  →  NotImplementedError: later"
    crash = of_error(Crashed("the code ended its own process"), "m.py", "x")
    assert crash.outcome == ERROR and crash.received == "the code ended its own process"


def test_each_check_draws_the_same_whichever_ran_before():
    drawn = []

    def check_one(mine, rng):
        drawn.append(rng.random())

    for seed in (1, 1, 2):
        assert run_check(check_one, None, None, seed, "m.py").outcome == PASSED
    assert drawn[0] == drawn[1] != drawn[2]


IN_PLACE = """
def plain(values):
    return values + 1

def spoils(values, more=None):
    values += 1
    return values

def spoils_a_named_one(values, more=None):
    more[0][:] = 0
    return values

def writes_and_puts_back(values):
    values += 1
    values -= 1
    return values
"""


@pytest.mark.parametrize(
    "name, outcome",
    [("plain", PASSED), ("spoils", WRONG), ("spoils_a_named_one", WRONG), ("writes_and_puts_back", PASSED)],
)
def test_what_is_handed_to_a_function_stays_as_it_was(name, outcome):
    def check_one(mine, rng):
        values = rng.integers(0, 9, (3, 2)).astype("float64")
        named = {"more": [rng.random(2)]} if "spoils" in name else {}
        assert getattr(mine, name)(values, **named).shape == (3, 2)

    with Worker(imports=[]) as worker:
        worker.enter()
        verdict = run_check(check_one, worker.load(IN_PLACE, "m.py"), None, 0, "m.py")
    assert verdict.outcome == outcome, str(verdict)
    if outcome == WRONG:
        which = "argument more of shape (2,)" if "named" in name else "argument 1 of shape (3, 2)"
        assert verdict.received == f"{which} is not what it was before the call"
        assert verdict.expected == UNCHANGED and "x.copy()" in verdict.attempt
