import ast

import pytest

from keras_cv_course.classroom.worker.definitions import compose, find, is_blank

SOURCE = '''
import math


def one(x):
    """One."""
    raise NotImplementedError("day3.x.1: one")


class Two:
    def __init__(self, size):
        """Keep the size."""
        super().__init__()
        raise NotImplementedError("day3.x.2: two")

    def half(self):
        return self.size / 2


def three():
    return 1 / 0
'''


def run(tree):
    names = {}
    exec(compile(tree, "student.py", "exec"), names)
    return names


def test_find():
    tree = ast.parse(SOURCE)
    assert find(tree, "one").name == "one" and find(tree, "Two.half").name == "half"
    assert find(tree, "half") is None and find(tree, "Two.one") is None and find(tree, "Four.half") is None


@pytest.mark.parametrize(
    "body, blank",
    [
        ('"""Said."""', True),
        ("pass", True),
        ("...", True),
        ('raise NotImplementedError("x")', True),
        ("raise NotImplementedError\nreturn 3", True),
        ("return None", False),
        ('raise ValueError("x")', False),
        ('"""Said."""\nx = 1', False),
        ("raise NotImplementedError", True),
        ("return " + "+".join(["x"] * 900), False),  # too deep to be written out again
    ],
)
def test_is_blank(body, blank):
    lines = "\n    ".join(body.splitlines())
    assert is_blank(ast.parse(f"def f():\n    {lines}").body[0]) is blank


def test_given_definitions_replace_the_students_and_lines_stay():
    given = {
        "one": 'def one(x):\n    """One."""\n    return [\n        x,\n        math.pi,\n    ]\n',
        "Two.__init__": "def __init__(self, size):\n    super().__init__()\n    self.size = size\n",
    }
    names = run(compose(SOURCE, "student.py", given))
    assert names["one"](2) == [2, 3.141592653589793] and names["Two"](6).half() == 3
    line = SOURCE.splitlines().index("    return 1 / 0") + 1
    with pytest.raises(ZeroDivisionError) as raised:
        names["three"]()
    assert raised.traceback[-1].lineno + 1 == line


def test_a_blank_keeps_docstring_and_super():
    names = run(
        compose(SOURCE, "student.py", blank={"three": "day3.x.3: three", "Two.half": "day3.x.2: half"})
    )
    with pytest.raises(NotImplementedError, match="day3.x.3"):
        names["three"]()
    assert is_blank(find(compose(SOURCE, "s", blank={"three": "m"}), "three"))


def test_a_definition_that_the_student_took_away_comes_back():
    given = {"four": "def four():\n    return 4\n", "Two.five": "def five(self):\n    return 5\n"}
    names = run(compose(SOURCE, "student.py", given))
    assert names["four"]() == 4 and names["Two"].five(None) == 5
