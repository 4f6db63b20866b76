"""The course: one folder a day, one file a lesson.

`python -m sprints` lists the lessons, `python -m sprints.day3.denoise` runs one.
"""

import gc
import sys
from pathlib import Path


def stand_in(lesson, file):
    """A student's file, read into what runs in place of the library's definitions (`--mine FILE`).

    Args:
        lesson: the `Lesson`.
        file: the student's file of its exercises.

    Raises:
        InputError: the lesson has no exercises, or the file cannot be used.
    """
    from keras_cv_course.classroom.student.mine import Mine

    return Mine(lesson, file)


# Only the command line of a lesson does something here: help and wrong options are answered before Keras is
# imported, and Keras is imported quietly. A plain import of this package does nothing.
if sys.argv[0] == "-m" and any(word.startswith(f"{__name__}.day") for word in sys.orig_argv):
    from keras_cv_course.lesson.command_line import begin

    # Keras brings half a million objects that stay: Python need not look through them again and again.
    gc.disable()
    _place = next(n for n, word in enumerate(sys.orig_argv) if word.startswith(f"{__name__}.day"))
    begin(
        Path(__file__).parent, sys.orig_argv[_place].removeprefix(f"{__name__}."), sys.orig_argv[_place + 1 :]
    )
    gc.freeze()
    gc.enable()
