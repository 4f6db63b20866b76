"""A lesson with the student's own definitions in place of the reference's."""

import ast
import hashlib
import inspect
import linecache
import sys
import traceback
import types
from pathlib import Path

from keras_cv_course.classroom.exercise import exercises_beside
from keras_cv_course.classroom.skeleton import definition, reference
from keras_cv_course.classroom.student import student_file
from keras_cv_course.classroom.worker.definitions import compose, find, is_blank
from keras_cv_course.errors import InputError


class Mine:
    """A student's file, ready to stand in for the reference.

    An exercise of which anything is still blank is taken whole from the reference.

    Args:
        lesson: the `Lesson`; its exercises are beside its file.
        file: the student's file.

    Attributes:
        own: names of the exercises that are the student's.
        borrowed: names of those that are the reference's.
        text: the student's file as it was read.

    Raises:
        InputError: the lesson has no exercises, or the file cannot be used.
    """

    def __init__(self, lesson, file):
        self.exercises, self.command, lesson = (
            exercises_beside(inspect.getfile(lesson.function)),
            f"python -m {lesson.course}",
            lesson.name,
        )
        self.file = Path(file)
        if self.exercises is None:
            raise InputError(f"{lesson} has no exercises, so --mine has nothing to put in place")
        self.text = student_file.read(file, f"{self.command} start {lesson}")
        tree = student_file.parsed(self.text, file)
        self.own, self.borrowed, self.names, given = [], [], set(), {}
        solved = reference(self.exercises)
        for exercise in self.exercises:
            nodes = {name: find(tree, name) for name in exercise.definitions}
            if any(node is None or is_blank(node) for node in nodes.values()):
                self.borrowed.append(exercise.name)
                given |= {name: definition(solved, name) for name in exercise.definitions}
            else:
                self.own.append(exercise.name)
                self.names |= {name.split(".")[0] for name in exercise.definitions}
        if not self.own:
            raise InputError(
                f"{file}: every exercise of {lesson} has blanks yet; there is nothing of yours to run"
            )
        linecache.cache[str(file)] = (len(self.text), None, self.text.splitlines(keepends=True), str(file))
        self.module = types.ModuleType("mine")
        self.module.__file__ = str(file)
        sys.modules["mine"] = self.module
        code = compile(compose(self.text, str(file), given), str(file), "exec")
        try:
            exec(code, self.module.__dict__)
        except (Exception, SystemExit) as error:
            raise self.complaint(error) from error

    def put_into(self, function):
        """Replace what a lesson's function uses by the student's; the names that were replaced."""
        solved = ast.parse(reference(self.exercises))
        defined = {node.name for node in solved.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
        # Tables of functions too, such as CORRUPTIONS: those of the student's file hold the student's functions.
        defined |= {
            target.id
            for node in solved.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        replaced = sorted(defined & set(function.__globals__) & set(vars(self.module)))
        self.before = {name: function.__globals__[name] for name in replaced}
        function.__globals__.update({name: getattr(self.module, name) for name in replaced})
        return replaced

    def take_out_of(self, function):
        function.__globals__.update(self.before)

    def identity(self):
        """What tells this code from other code: the file's name and the start of its hash."""
        return f"{self.file} {hashlib.sha256(self.text.encode()).hexdigest()[:12]}"

    def in_words(self):
        """For the closing table: whose code it was."""
        said = f"with your own code from {self.file}: {', '.join(self.own)}"
        return f"{said}; from the reference: {', '.join(self.borrowed)}" if self.borrowed else said

    def complaint(self, error):
        """An exception as an `InputError` that names the line of the student's file.

        Bad arguments and files, of which no line of the student's knows, keep their own message.
        """
        frames = [
            frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(self.file)
        ]
        if not frames and isinstance(error, (InputError, OSError)):
            return error
        where = f"line {frames[-1].lineno} ({(frames[-1].line or '').strip()}): " if frames else ""
        return InputError(
            f"with {self.file}: {where}{type(error).__name__}: {error}; "
            f"{self.command} check {self.exercises.lesson} --file {self.file} says more"
        )
