"""The reference solutions in a trusted process, for checks that compare with them, and the time that they take."""

import threading
import time

from keras_cv_course.classroom.checking import judge
from keras_cv_course.classroom.launch import Launch
from keras_cv_course.classroom.skeleton import reference, slow_imports
from keras_cv_course.classroom.worker_process import Worker
from keras_cv_course.errors import InputError


class References:
    """One trusted process that holds the reference of every lesson, for the checks that compare with it."""

    def __init__(self, lessons):
        self.lessons, self.modules, self.lock = lessons, {}, threading.Lock()
        imports = {module for exercises in lessons.values() for module in slow_imports(exercises)}
        self.worker = Worker(imports=sorted(imports), launch=Launch(started=Worker.trusted.add))

    def __enter__(self):
        self.worker.start()
        return self

    def __exit__(self, *_):
        Worker.trusted.discard(self.worker.process)
        self.worker.stop()

    def module(self, lesson):
        with self.lock:
            if not self.worker.entered:
                self.worker.enter()
                self.modules.clear()
            if lesson not in self.modules:
                text = reference(self.lessons[lesson])
                self.modules[lesson] = self.worker.load(text, "the reference")
            return self.modules[lesson]

    def seconds(self, exercises):
        """{exercise: seconds that the reference takes for its checks}, in a process like a student's.

        Raises:
            InputError: the reference does not pass its own checks here.
        """
        found = {}
        with Worker(imports=slow_imports(exercises), launch=Launch(started=Worker.trusted.add)) as worker:
            for exercise in exercises:
                worker.ready()
                began = time.monotonic()
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
                found[exercise.name] = round(time.monotonic() - began, 2)
        return found
