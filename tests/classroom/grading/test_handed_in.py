"""What is in a file that a stranger has handed in."""

import pytest

from keras_cv_course.classroom.grading.handed_in import decoded
from keras_cv_course.errors import InputError


def test_encodings_that_a_file_declares():
    korean = '# -*- coding: cp949 -*-\nname = "안녕"\n'
    assert decoded(korean.encode("cp949")) == korean
    assert decoded("\ufeffx = 1\r\n".encode()) == "x = 1\n"
    for content, says in (
        (b"x = '\xe9'\n", "not UTF-8 text"),
        (b"# coding: nonsense\n", "not UTF-8"),
        (b"x\0", "NUL"),
    ):
        with pytest.raises(InputError, match=says):
            decoded(content)
