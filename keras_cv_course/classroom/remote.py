"""A student's module, called as if it were here, and what its code raises."""

import re

from keras_cv_course.classroom.printable import printable
from keras_cv_course.classroom.worker.messages import BadMessage

BLANK = re.compile(r"\w+\.\w+\.\d+: ")  # day3.denoise.2: ...


class StudentError(Exception):
    """The student's code raised something.

    Attributes:
        kinds: names of the exception's class and its bases.
        line: number of the last line of the student's file that was being run, or None.
        code: that line.
        blank: whether it is the skeleton's own NotImplementedError (others are errors like any).
    """

    def __init__(self, message, kinds=("Exception",), line=None, code=""):
        super().__init__(message)
        self.kinds, self.line, self.code = list(kinds), line, code
        self.blank = self.kinds[0] == "NotImplementedError" and BLANK.match(message) is not None


class Crashed(StudentError):  # noqa: N818
    """The student's code ended its process, sent what is no message, or took too long.

    Attributes:
        late: whether it took too long.
    """

    late = False


class ReferenceEnded(Exception):  # noqa: N818
    """The process of the reference solutions is gone or does not answer: the grader's failure, not the student's."""


class Remote:
    """Something in a worker: its attributes are `Remote` too, calling it calls it there."""

    def __init__(self, worker, number, path="", kind="object"):
        self._worker, self._number, self._path, self._kind = worker, number, path, kind

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Remote(self._worker, self._number, f"{self._path}.{name}".lstrip("."))

    def __call__(self, *arguments, **named):
        return self._worker.ask("call", self, list(arguments), named, seconds=self._worker.seconds)

    def __repr__(self):
        return f"an object of class {self._kind}" if not self._path else f"<{self._path}>"


def value(remote):
    """What an attribute of a `Remote` holds: `value(model.filters)`."""
    return remote._worker.ask("value", remote, seconds=remote._worker.seconds)


def handle(thing):
    if isinstance(thing, Remote):
        if thing._path:
            return {"$name": [thing._number, thing._path]}
        return {"$object": thing._number}
    raise BadMessage(f"{type(thing).__name__} cannot be sent")


def student_error(said):
    said = said if isinstance(said, dict) else {}
    line, kinds = said.get("line"), said.get("kinds")
    good = isinstance(kinds, list) and kinds and all(isinstance(kind, str) for kind in kinds)
    return StudentError(
        printable(said.get("message", ""), 2000),
        [printable(kind, 100) for kind in kinds[:20]] if good else ["Exception"],
        line if type(line) is int and 0 < line < 10**7 else None,
        printable(said.get("code", ""), 200),
    )
