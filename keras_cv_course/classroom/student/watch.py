"""Check again whenever a file is saved, and show the next open exercise."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from rich.markup import escape

from keras_cv_course.classroom.checking import NOT_ATTEMPTED, Verdict, judge
from keras_cv_course.classroom.student import commands as student
from keras_cv_course.classroom.student import student_file, watch_screen
from keras_cv_course.classroom.student.file_look import Look
from keras_cv_course.classroom.student.keys import key_reader
from keras_cv_course.classroom.student.progress import Progress
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.console import console as new_console

PAUSE = 0.3  # seconds between two looks at the file


@dataclass
class Watched:
    """A lesson that is watched."""

    exercises: object
    point: str
    path: Path
    found: dict = field(default_factory=dict)


class Interrupted(BaseException):  # noqa: N818
    """A key was pressed, or the file was saved, while a check was running.

    Not an `Exception`, which a check takes for the student's.
    """


class Watch:
    """The state of `watch`: lessons, the one that is open, the warm worker.

    Args:
        course: the course's folder.
        name: a day, a lesson, or "" for all.
        folder: the folder of the students' files; files that are not there are started.
        console: a `rich.console.Console`.
    """

    def __init__(self, course, name, folder, console=None):
        self.console = console or new_console()
        self.progress = Progress(folder)
        self.lessons = []
        for entry in catalogue.lessons(course, name or None):
            exercises = student.exercises_beside(entry.path)
            if exercises is not None:
                path = Path(folder) / exercises.filename
                self.lessons.append(Watched(exercises, entry.one_liner, path))
        if not self.lessons:
            raise InputError(f"{name} has no exercises to watch")
        self.order = [(lesson, exercise) for lesson in self.lessons for exercise in lesson.exercises]
        self.key, self.waiting = None, ""
        self.hints, self.seconds, self.width = 0, 0.0, self.console.width
        self.resetting = False
        self.worker = self.current = self.look = None
        self.go_to(self.next_open())

    @property
    def lesson(self):
        return self.current[0]

    @property
    def exercise(self):
        return self.current[1]

    def passed(self, lesson, exercise):
        """Whether an exercise is passed with the code that stands in its file now."""
        try:
            text = student_file.read(lesson.path)
        except InputError:
            return False
        return self.progress.passed(lesson.exercises, exercise, text)

    def next_open(self, after=None):
        """The next exercise that is not passed, from the beginning again after the last; None when all are."""
        places = list(range(len(self.order)))
        if after is not None:
            first = self.order.index(after) + 1
            places = places[first:] + places[:first]
        return next((self.order[place] for place in places if not self.passed(*self.order[place])), None)

    def go_to(self, pair):
        """Open an exercise; a lesson that was not open before starts its file and its worker."""
        before, self.current = self.current, pair
        self.hints = 0
        if pair is None or (before is not None and before[0] is self.lesson):
            return
        if not self.lesson.path.exists():
            student_file.start(self.lesson.exercises, self.lesson.point, self.lesson.path.parent)
            self.console.print(f"wrote {self.lesson.path}: open it in your editor")
        if self.worker is not None:
            self.worker.close()
        self.worker = student.worker_for(self.lesson.exercises)
        self.worker.idle = self.interrupt
        self.worker.start()
        # Before the first check, so that what is saved while it runs is not taken for seen.
        self.look = Look(self.lesson.path)

    def interrupt(self):
        """End a check that runs when a key is pressed or the file is saved: an endless loop is no prison."""
        pressed = self.key(0) if self.key else ""
        if pressed:
            self.waiting = pressed
        if pressed or self.look.changed(peek=True):
            raise Interrupted

    def judge(self, every=False):
        """Check the open exercise, or all of its lesson."""
        lesson, began = self.lesson, time.monotonic()
        self.look.changed()  # what is read now is seen
        try:
            start = f"{lesson.exercises.command} start {lesson.exercises.lesson}"
            text = student_file.read(lesson.path, start)
            tree = student_file.parsed(text, lesson.path)
        except InputError as error:
            lesson.found.clear()
            watch_screen.unusable_file(self, error)
            return
        blank = student_file.open_exercises(lesson.exercises, tree)
        watch_screen.header(self)
        try:
            for exercise in lesson.exercises if every else [self.exercise]:
                if exercise in blank:
                    lesson.found[exercise.name] = Verdict(NOT_ATTEMPTED, attempt=exercise.task)
                    continue
                first = "" if self.worker.warm else " (Keras is starting: some seconds, once)"
                with self.console.status(f"checking {exercise.name} ...{first}"):
                    verdict = judge(lesson.exercises, exercise, self.worker, text, lesson.path.name)
                lesson.found[exercise.name] = verdict
                self.progress.record(lesson.exercises, exercise, verdict, text)
        except Interrupted:
            lesson.found.pop(self.exercise.name, None)
        if self.worker.process is None:
            # The code has ended it, or somebody has: a new one warms up while the student thinks.
            self.worker.start()
        self.seconds = time.monotonic() - began
        watch_screen.open_exercise(self)

    def press(self, key):
        """What a key does; False when it is time to go."""
        resetting, self.resetting = self.resetting, False
        if key == "q":
            return False
        if key == "n":
            self.go_to(self.next_open(after=self.current))
            if self.current is None:
                return False
            self.judge()
        elif key == "p":
            self.go_to(self.order[self.order.index(self.current) - 1])
            self.judge()
        elif key == "h":
            self.hints = min(self.hints + 1, len(self.exercise.hints))
            known = self.progress.of(self.lesson.exercises, self.exercise).get("hints", 0)
            self.progress.note(self.lesson.exercises, self.exercise, hints=max(known, self.hints))
            watch_screen.open_exercise(self)
        elif key == "l":
            watch_screen.overview(self)
        elif key == "c":
            self.judge(every=True)
            watch_screen.overview(self)
        elif key == "x" and not resetting:
            self.resetting = True
            self.console.print(
                f"x again puts the blanks of {self.exercise.name} back; your file is kept as a copy"
            )
        elif key == "x":
            self.reset()
        return True

    def reset(self):
        """Put the blanks of the open exercise back; where the file is gone, start it anew."""
        lesson = self.lesson
        try:
            if lesson.path.exists():
                kept = student_file.reset(lesson.exercises, self.exercise, lesson.path)
                said = f"your file until now: {kept}"
            else:
                student_file.start(lesson.exercises, lesson.point, lesson.path.parent)
                said = f"wrote {lesson.path} anew"
        except InputError as error:
            self.console.print(f"[red]![/] {escape(str(error))}")
            return
        lesson.found.pop(self.exercise.name, None)
        watch_screen.open_exercise(self)
        self.console.print(said)

    def run(self):
        """Watch until q, Ctrl-C, or the last exercise is passed."""
        try:
            with key_reader() as self.key:
                if self.current is not None:
                    self.judge()
                while self.current is not None:
                    if self.look.changed():
                        self.judge()
                    if self.console.is_terminal and self.console.width != self.width:
                        self.width = self.console.width
                        watch_screen.open_exercise(self)
                    pressed, self.waiting = self.waiting or self.key(PAUSE), ""
                    if pressed and not self.press(pressed):
                        break
                    verdict = self.lesson.found.get(self.exercise.name)
                    if verdict is not None and verdict.passed and not self.console.is_terminal:
                        # Nobody can press n: go on at once.
                        self.go_to(self.next_open(after=self.current))
                        if self.current is not None:
                            self.judge()
        except KeyboardInterrupt:
            return
        finally:
            if self.worker is not None:
                self.worker.close()
        if self.current is None:
            self.console.print("[green]All exercises are passed.[/]")
