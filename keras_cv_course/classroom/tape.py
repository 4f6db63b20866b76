"""Recorded answers: what a submission could play back that has seen the right ones once, and computes nothing."""

from keras_cv_course.classroom.remote import Remote, StudentError


class Recorder:
    """A worker that also keeps every answer of another one, in order.

    Args:
        worker: the `Worker` that answers.
    """

    def __init__(self, worker):
        self.worker, self.tape = worker, []

    def __getattr__(self, name):
        return getattr(self.worker, name)

    def ask(self, action, *arguments, seconds=60, **named):
        try:
            answer = self.worker.ask(action, *arguments, seconds=seconds, **named)
        except StudentError as error:
            self.tape.append(error)
            raise
        if isinstance(answer, Remote):
            answer = Remote(self, answer._number, answer._path, answer._kind)
        self.tape.append(answer)
        return answer

    def load(self, source, filename, seconds=60, **composition):
        return self.ask("load", seconds=seconds, source=source, filename=filename, **composition)


class Player:
    """A worker that plays answers back, whatever it is asked.

    Args:
        tape: of a `Recorder`.
    """

    def __init__(self, tape):
        self.tape = list(tape)
        self.seconds, self.entered = None, True

    def enter(self):
        """Nothing to begin."""

    def printed(self):
        """A tape prints nothing."""
        return []

    def ask(self, action, *arguments, seconds=60, **named):
        if not self.tape:
            raise StudentError("the tape is at its end")
        answer = self.tape.pop(0)
        if isinstance(answer, StudentError):
            raise answer
        return (
            Remote(self, answer._number, answer._path, answer._kind) if isinstance(answer, Remote) else answer
        )

    def load(self, source, filename, seconds=60, **composition):
        return self.ask("load")


class Constant:
    """A worker that gives the same answer to everything.

    Args:
        answer: what a message can say.
    """

    def __init__(self, answer):
        self.answer, self.left = answer, 2000
        self.seconds, self.entered = None, True

    def enter(self):
        """Nothing to begin."""

    def printed(self):
        """A constant prints nothing."""
        return []

    def ask(self, action, *arguments, seconds=60, **named):
        self.left -= 1
        if self.left < 0:
            raise StudentError("asked without end")
        return self.answer

    def load(self, source, filename, seconds=60, **composition):
        return Remote(self, 0)
