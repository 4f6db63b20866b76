import numpy as np
import pytest

from keras_cv_course.classroom.remote import Crashed, Remote, StudentError, value
from keras_cv_course.classroom.worker_process import Worker

SOURCE = """
import sys

import numpy as np

COUNT = [0]


def double(values):
    return 2 * values


def pair(values):
    return {"sum": values.sum(), "both": (values, [True, None])}


def fail(depth):
    if depth:
        return fail(depth - 1)
    raise KeyError("deep inside")


def vanish():
    import os

    os._exit(3)


def hang():
    while True:
        pass


def count():
    COUNT[0] += 1
    np.pi_of_mine = 3
    return [COUNT[0], hasattr(np, "left_behind")]


def leave_behind():
    np.left_behind = True


def imported(name):
    return name in sys.modules


def half_a_pair():
    raise ValueError("half a surrogate pair: \\ud800")


class Thing:
    def __init__(self, size=(2, 3)):
        self.size = size

    def area(self):
        return self.size[0] * self.size[1]

    def like(self, other):
        return type(other).__name__


class Matrix(np.ndarray):
    pass


def strange():
    return np.zeros(3).view(Matrix)


def solve():
    from keras_cv_course.metrics.psnr import psnr

    return psnr
"""


@pytest.fixture(scope="module")
def worker():
    # Without Keras it starts at once; test_student.py and test_watch.py have workers with Keras.
    with Worker(closed=["keras_cv_course.metrics.psnr"], imports=["statistics"]) as worker:
        yield worker


@pytest.fixture
def mine(worker):
    worker.enter()
    yield worker.load(SOURCE, "mine.py")
    worker.leave()


def test_values_go_there_and_back(mine):
    values = np.arange(6, dtype="float32").reshape(2, 3)
    np.testing.assert_array_equal(mine.double(values), 2 * values)
    answer = mine.pair(values)
    assert answer["sum"] == 15 and answer["both"][1] == [True, None]
    np.testing.assert_array_equal(answer["both"][0], values)


def test_objects_stay_there(mine):
    thing = mine.Thing(size=(4, 5))
    assert isinstance(thing, Remote) and thing.area() == 20 and value(thing.size) == [4, 5]
    assert thing.like(thing) == "Thing" and "class Thing" in repr(thing)
    assert thing.like((1, 2)) == "tuple"


def test_an_error_names_its_line(mine):
    with pytest.raises(StudentError, match="deep inside") as raised:
        mine.fail(2)
    assert raised.value.kinds[:2] == ["KeyError", "LookupError"]
    assert raised.value.code == 'raise KeyError("deep inside")'
    assert raised.value.line == SOURCE.splitlines().index('    raise KeyError("deep inside")') + 1
    with pytest.raises(StudentError, match="nothing_here"):
        mine.nothing_here()


def test_any_message_fits_in_a_file(mine):
    with pytest.raises(StudentError) as raised:
        mine.half_a_pair()
    assert str(raised.value) == "half a surrogate pair: \\ud800"


def test_only_what_was_asked_for_is_imported_beforehand(mine):
    assert mine.imported("statistics") and not mine.imported("keras") and not mine.imported("wave")


def test_a_subclass_of_an_array_is_an_object(mine):
    assert isinstance(mine.strange(), Remote)


def test_the_reference_is_closed(mine):
    with pytest.raises(StudentError, match="closed in an exercise") as raised:
        mine.solve()
    assert "ImportError" in raised.value.kinds


def test_a_visit_leaves_nothing_behind(worker, mine):
    mine.leave_behind()
    assert mine.count() == [1, True]
    worker.enter()
    assert worker.load(SOURCE, "mine.py").count() == [1, False]


def test_a_file_that_is_not_python_names_its_line(worker):
    worker.enter()
    with pytest.raises(StudentError) as raised:
        worker.load("x = 1\ny = (\n", "mine.py")
    assert "SyntaxError" in raised.value.kinds and raised.value.line == 2


def test_a_process_that_ends_or_hangs_is_replaced(worker, mine):
    with pytest.raises(Crashed, match=r"exit code 3"):
        mine.vanish()
    worker.enter()
    again = worker.load(SOURCE, "mine.py")
    worker.seconds = 1
    with pytest.raises(Crashed, match="endless"):
        again.hang()
    worker.seconds = 60
    worker.enter()
    assert worker.load(SOURCE, "mine.py").count() == [1, False]
