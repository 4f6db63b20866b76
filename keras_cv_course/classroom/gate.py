"""The author's gate: does an exercise tell right from wrong, and give nothing away?"""

import ast
from dataclasses import dataclass, field

import numpy as np

from keras_cv_course.classroom.checking import (
    ERROR,
    NOT_ATTEMPTED,
    PASSED,
    Known,
    judge,
    of_error,
    run_check,
    title_of,
)
from keras_cv_course.classroom.remote import StudentError
from keras_cv_course.classroom.skeleton import (
    composition,
    definition,
    reference,
    skeleton,
    slow_imports,
)
from keras_cv_course.classroom.tape import Constant, Player, Recorder
from keras_cv_course.classroom.worker.definitions import find
from keras_cv_course.classroom.worker_process import Worker

FEWEST_MUTANTS = 3
FEWEST_HINTS = 2
OTHER_SEEDS = (101, 102)
CONSTANTS = (None, True, 0.0, 1.0, [], np.zeros(1), np.ones((1, 1)))
SHORTEST_LINE = 12  # characters; shorter ones, such as "return x", say nothing
CRASHES = {
    "raises on import": "raise RuntimeError('on import')\n",
    "leaves on import": "import sys\nsys.exit(0)\n",
    "is not Python": "def (:\n",
}


@dataclass
class Findings:
    """What the gate found on one exercise.

    Args:
        name: the exercise.
        checks: how many checks it has.
        killed: mutants that a check caught, {what is wrong: the check that caught it}.
        problems: what the author has to mend, in words.
    """

    name: str
    checks: int
    killed: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)


def gate(exercises, artefacts=(), seeds=(0, 1, 2)):
    """Yield the `Findings` on every exercise of a lesson.

    Args:
        exercises: the lesson's `Exercises`.
        artefacts: more texts that students get to see, such as their notebook.
        seeds: seeds of the checks' inputs under which the reference must pass.
    """
    solved, blanked = reference(exercises), skeleton(exercises)
    hints = [hint for exercise in exercises for hint in (*exercise.hints, exercise.task)]
    seen = "\n".join([blanked, *artefacts, *hints])
    imports = slow_imports(exercises)
    with (
        Worker(closed=[*exercises.sources, exercises.course], imports=imports) as worker,
        Worker(imports=imports) as apart,
    ):
        apart.enter()
        known = Known(exercises, apart, 60)
        for exercise in exercises:
            found = Findings(exercise.name, len(exercise.checks))
            problem = found.problems.append
            if not exercise.checks:
                problem("it has no check")
            for other in exercises:
                for name in sorted(_tops(exercise) & _tops(other)) if other is not exercise else ():
                    problem(f"{other.name} asks for parts of {name}, too, and a notebook has one cell for it")
            for function in exercise.checks:
                verdict = _one_check(exercises, exercise, function, worker, blanked)
                if verdict.outcome != NOT_ATTEMPTED:
                    problem(
                        f"the skeleton is {verdict.outcome} on: {title_of(function)} ({verdict.received})"
                    )
            for seed in seeds:
                verdict = judge(exercises, exercise, worker, solved, "reference.py", seed=seed)
                if verdict.outcome != PASSED:
                    problem(f"the reference is {verdict.outcome} at seed {seed}: {verdict}")
            recorder = Recorder(worker)
            judge(exercises, exercise, recorder, solved, "reference.py", known.load, seed=seeds[0])
            for seed in OTHER_SEEDS:
                player = Player(recorder.tape)
                played = judge(exercises, exercise, player, solved, "tape.py", known.load, seed=seed)
                if played.points:
                    problem(
                        f"a tape of answers at seed {seeds[0]} gets {played.points} points at {seed}: use rng"
                    )
                    break
            for answer in CONSTANTS:
                constant = Constant(answer)
                said = judge(exercises, exercise, constant, solved, "constant.py", known.load, seed=seeds[0])
                if said.points:
                    problem(f"the constant {answer!r} in place of every answer gets {said.points} points")
                    break
            for words, (old, new) in exercise.mutants.items():
                mutant = mutated(solved, exercise, old, new)
                if mutant is None:
                    problem(f"mutant {words!r}: its text is not there exactly once")
                    continue
                verdict = judge(exercises, exercise, worker, mutant, "mutant.py")
                if verdict.outcome in (PASSED, NOT_ATTEMPTED):
                    problem(f"mutant {words!r} is {verdict.outcome}: no check catches it")
                else:
                    found.killed[words] = verdict.check
            if len(exercise.mutants) < FEWEST_MUTANTS:
                problem(f"it declares {len(exercise.mutants)} mutants; {FEWEST_MUTANTS} are wanted")
            if len(exercise.hints) < FEWEST_HINTS or not all(hint.strip() for hint in exercise.hints):
                problem(f"it needs at least {FEWEST_HINTS} hints, none of them empty")
            for line in solution_lines(exercises, exercise):
                if line in seen:
                    problem(f"a student's file shows a line of the solution: {line}")
            for words, crash in CRASHES.items():
                verdict = judge(exercises, exercise, worker, crash + blanked, "crash.py")
                if verdict.outcome != ERROR:
                    problem(f"a file that {words} is {verdict.outcome}, not the student's error")
            yield found


def _tops(exercise):
    """Names of the functions and classes, of each file's first level, that an exercise asks for."""
    return {name.split(".")[0] for name in exercise.definitions}


def mutated(solved, exercise, old, new):
    """The reference with one mistake in an exercise; None unless the text is there exactly once."""
    found = []
    for name in exercise.definitions:
        start = _place(solved, name)
        text = definition(solved, name)
        # `definition` takes the indentation away; look in the text as it stands.
        length = len(text.splitlines())
        lines = solved.splitlines(keepends=True)[start : start + length]
        if old in "".join(lines):
            found.append((start, length, "".join(lines)))
    if len(found) != 1 or found[0][2].count(old) != 1:
        return None
    start, length, text = found[0]
    lines = solved.splitlines(keepends=True)
    return "".join([*lines[:start], text.replace(old, new), *lines[start + length :]])


def solution_lines(exercises, exercise):
    """The lines that only the blanked bodies of an exercise have."""
    solved = {line.strip() for line in skeleton(exercises, only=[]).splitlines()}
    without = {line.strip() for line in skeleton(exercises, only=[exercise]).splitlines()}
    return sorted(line for line in solved - without if len(line) >= SHORTEST_LINE)


def _one_check(exercises, exercise, function, worker, source):
    worker.seconds = 30
    worker.enter()
    parts = composition(exercises, exercise)
    try:
        known = worker.load(reference(exercises), "the reference")
        mine = worker.load(source, "skeleton.py", **parts)
    except StudentError as error:
        return of_error(error, "skeleton.py", "loading it")
    return run_check(function, mine, lambda: known, 0, "skeleton.py")


def _place(text, name):
    """Index of the first line of a definition."""
    node = find(ast.parse(text), name)
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1
