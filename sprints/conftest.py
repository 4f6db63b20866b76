"""`pytest sprints` runs every check of the exercises on the library's own code, in this process.

What a student would hand in and what it is compared with are two copies of that code, each with classes, layers and
random state of its own: a check that compares a thing with itself would see nothing. That checks tell right from
wrong is what `python -m sprints gate` proves, with mutants.
"""

import importlib

import numpy as np
import pytest


def exercises_with(module):
    """The lesson's exercises that a module has checks of: its own, or those of the lesson that takes them from it."""
    if hasattr(module, "EXERCISES"):
        return module.EXERCISES
    package = module.__name__.rpartition(".")[0]
    own = list(vars(module).values())
    for lesson in importlib.import_module(package.rpartition(".")[0]).LESSONS:
        found = importlib.import_module(f"{package}.{lesson}").EXERCISES
        if any(exercise is one for exercise in found.exercises for one in own):
            return found
    raise LookupError(f"no lesson beside {module.__name__} has its exercises")


@pytest.fixture(scope="module")
def copies(request):
    """The library's files, joined as in a student's file, without blanks, twice: the reference's and the student's."""
    import keras

    from keras_cv_course.classroom.notebooks.here import Here
    from keras_cv_course.classroom.skeleton import reference as joined

    known = keras.saving.get_custom_objects()
    before = dict(known)
    text = joined(exercises_with(request.module))
    # The student's last: the joined file registers its classes under the library's names.
    yield Here().load(text, "reference.py"), Here().load(text, "mine.py")
    known.clear()
    known.update(before)


@pytest.fixture
def reference(copies):
    """What a student's code is compared with."""
    return copies[0]


@pytest.fixture
def mine(copies):
    """What a student's module would be."""
    return copies[1]


@pytest.fixture
def rng():
    return np.random.default_rng(0)
