"""The reference solutions in a trusted process, for checks that compare with them, and the time that they take."""

import contextlib
import threading

from keras_cv_course.classroom.checking import judge
from keras_cv_course.classroom.launch import Launch
from keras_cv_course.classroom.process_ending import end_group
from keras_cv_course.classroom.remote import Crashed, ReferenceEnded
from keras_cv_course.classroom.skeleton import reference, slow_imports
from keras_cv_course.classroom.worker_process import Worker
from keras_cv_course.errors import InputError


def _stop(process):
    Worker.trusted.discard(process)
    end_group(process)


TRUSTED = Launch(started=Worker.trusted.add, stop=_stop)


class TrustedWorker(Worker):
    """A `Worker` that holds no student's code: that it ends is no student's fault."""

    def enter(self, seconds=120):
        with no_students_fault():
            super().enter(seconds)

    def ask(self, action, *arguments, seconds=60, **named):
        with no_students_fault():
            return super().ask(action, *arguments, seconds=seconds, **named)


@contextlib.contextmanager
def no_students_fault():
    try:
        yield
    except Crashed as error:
        raise ReferenceEnded(f"the process of the reference solutions is lost: {error}") from None


class References:
    """One trusted process that holds the reference of every lesson, for the checks that compare with it."""

    def __init__(self, lessons):
        self.lessons, self.modules, self.lock = lessons, {}, threading.Lock()
        self.worker = self.new_worker()

    def __enter__(self):
        self.worker.start()
        return self

    def __exit__(self, *_):
        self.worker.stop()

    def new_worker(self):
        imports = {module for exercises in self.lessons.values() for module in slow_imports(exercises)}
        return TrustedWorker(imports=sorted(imports), launch=TRUSTED)

    def module(self, lesson):
        """The reference of a lesson; in a new process where the last one has ended.

        Raises:
            ReferenceEnded: the process has ended, or takes too long.
        """
        with self.lock:
            if self.worker.process is None:
                # Objects of the process that has ended still name their worker: another one, so that they name nothing.
                self.worker = self.new_worker()
            if not self.worker.entered:
                self.worker.enter()
                self.modules.clear()
            if lesson not in self.modules:
                text = reference(self.lessons[lesson])
                self.modules[lesson] = self.worker.load(text, "the reference")
            return self.modules[lesson]

    def seconds(self, exercises):
        """{exercise: seconds that the reference uses for its checks}, in a process like a student's; see `TimeUsed`.

        Raises:
            InputError: the reference does not pass its own checks here.
        """
        found = {}
        with Worker(imports=slow_imports(exercises), launch=TRUSTED) as worker:
            for exercise in exercises:
                worker.ready()
                before = worker.used()
                verdict = judge(
                    exercises,
                    exercise,
                    worker,
                    reference(exercises),
                    "reference.py",
                    reference_module=lambda: self.module(exercises.lesson),
                )
                if not verdict.passed:
                    raise InputError(
                        f"the reference of {exercises.lesson} does not pass {exercise.name} here "
                        f"({verdict.check}: {verdict.received}), so nothing was graded"
                    )
                found[exercise.name] = round(worker.used() - before, 2)
        return found
