"""Check again whenever a file is saved, and show the next open exercise."""

import hashlib
import time
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from keras_cv_course.classroom.checking import NOT_ATTEMPTED, Verdict, judge
from keras_cv_course.classroom.student import commands as student
from keras_cv_course.classroom.student import screen, student_file
from keras_cv_course.classroom.student.keys import key_reader
from keras_cv_course.classroom.student.progress import Progress
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import catalogue

PAUSE = 0.3  # seconds between two looks at the file
LOOKS_BETWEEN_READS = 7  # a network drive may keep a file's old time and size: read it anyway, now and then
KEYS = "n next · h hint · l list · c check all · x reset · q quit"


@dataclass
class Watched:
    """A lesson that is watched."""

    exercises: object
    point: str
    path: Path
    found: dict = field(default_factory=dict)


class Watch:
    """The state of `watch`: lessons, the one that is open, the warm worker.

    Args:
        course: the course's folder.
        name: a day, a lesson, or "" for all.
        folder: the folder of the students' files; files that are not there are started.
        console: a `rich.console.Console`.
    """

    def __init__(self, course, name, folder, console=None):
        self.console = console or Console(highlight=False)
        self.progress = Progress(folder)
        self.lessons = []
        for entry in catalogue.lessons(course, name or None):
            exercises = student.exercises_beside(entry.path)
            if exercises is not None:
                path = Path(folder) / exercises.filename
                self.lessons.append(Watched(exercises, entry.one_liner, path))
        if not self.lessons:
            raise InputError(f"{name} has no exercises to watch")
        self.hints = 0
        self.resetting = False
        self.worker = None
        self.current = None
        self.look = None
        self.skipped = set()
        self.choose()

    @property
    def lesson(self):
        return self.current[0]

    @property
    def exercise(self):
        return self.current[1]

    def choose(self):
        """Go to the first exercise that is neither passed nor skipped; None when all are passed."""
        todo = [
            (lesson, exercise)
            for lesson in self.lessons
            for exercise in lesson.exercises
            if not self.progress.passed(lesson.exercises, exercise)
        ]
        rest = [pair for pair in todo if (pair[0].exercises.lesson, pair[1].name) not in self.skipped]
        if todo and not rest:
            self.skipped.clear()
        before = self.current
        self.current = (rest or todo or [None])[0]
        if self.current is None:
            return
        if not self.lesson.path.exists():
            student_file.start(self.lesson.exercises, self.lesson.point, self.lesson.path.parent)
            self.console.print(f"wrote {self.lesson.path}: open it in your editor")
        if before is None or before[0] is not self.lesson:
            if self.worker is not None:
                self.worker.stop()
            self.worker = student.worker_for(self.lesson.exercises)
            self.worker.start()
            # Before the first check, so that what is saved while it runs is not taken for seen.
            self.look = Look(self.lesson.path)
        if before is None or before[1] is not self.exercise:
            self.hints = 0

    def judge(self, every=False):
        """Check the open exercise, or all of its lesson."""
        lesson = self.lesson
        began = time.monotonic()
        try:
            text = student_file.read(
                lesson.path, f"{lesson.exercises.command} start {lesson.exercises.lesson}"
            )
            tree = student_file.parsed(text, lesson.path)
        except InputError as error:
            self.console.print(f"[red]![/] {escape(str(error))}")
            return
        blank = student_file.open_exercises(lesson.exercises, tree)
        for exercise in lesson.exercises if every else [self.exercise]:
            if exercise in blank:
                lesson.found[exercise.name] = Verdict(NOT_ATTEMPTED, attempt=exercise.task)
                continue
            first = "" if self.worker.warm else " (Keras is starting: some seconds, once)"
            with self.console.status(f"checking {exercise.name} ...{first}"):
                verdict = judge(lesson.exercises, exercise, self.worker, text, lesson.path.name)
            lesson.found[exercise.name] = verdict
            self.progress.record(lesson.exercises, exercise, verdict)
        if self.worker.process is None:
            # The code has ended it: a new one warms up while the student thinks.
            self.worker.start()
        self.seconds = time.monotonic() - began
        self.show()

    def show(self):
        """One screen: where we are, what came of the last check, the keys."""
        lesson, exercise = self.current
        console = self.console
        if console.is_terminal:
            console.clear()
        exercises = lesson.exercises
        number = exercises.number(exercise)
        verdict = lesson.found.get(exercise.name)
        passed = [one for one in exercises if self.progress.passed(exercises, one)]
        console.print(
            f"{screen.bar(len(passed), len(exercises))}  {exercises.lesson}  {escape(str(lesson.path))}"
        )
        if verdict is None or verdict.outcome == NOT_ATTEMPTED:
            console.print(f"\n[bold]{number} {exercise.name}[/]: {escape(exercise.task)}")
            console.print(f"  write: {', '.join(exercise.definitions)}   [dim]then save the file[/]")
        elif verdict.passed:
            console.print(
                f"\n[green]✓[/] [bold]{number} {exercise.name}[/] passed in {self.seconds:.1f} s; n goes on"
            )
        else:
            console.print(f"\n{screen.MARKS[verdict.outcome]} {verdict.outcome} ({self.seconds:.1f} s)")
            screen.one_verdict(console, exercises, exercise, verdict)
        if self.hints:
            student.show_hints(console, exercise, self.hints, again="h opens the next one.")
        if console.is_terminal:
            console.print(f"\n[dim]{KEYS}[/]")

    def overview(self):
        """All exercises of the lesson."""
        if self.console.is_terminal:
            self.console.clear()
        screen.verdicts(self.console, self.lesson.exercises, self.lesson.path, self.lesson.found)
        if self.console.is_terminal:
            self.console.print(f"\n[dim]{KEYS}[/]")

    def press(self, key):
        """What a key does; False when it is time to go."""
        resetting, self.resetting = self.resetting, False
        if key == "q":
            return False
        if key == "n":
            if not self.progress.passed(self.lesson.exercises, self.exercise):
                self.skipped.add((self.lesson.exercises.lesson, self.exercise.name))
            self.choose()
            if self.current is None:
                return False
            self.judge()
        elif key == "h":
            self.hints = min(self.hints + 1, len(self.exercise.hints))
            known = self.progress.of(self.lesson.exercises, self.exercise).get("hints", 0)
            self.progress.note(self.lesson.exercises, self.exercise, hints=max(known, self.hints))
            self.show()
        elif key == "l":
            self.overview()
        elif key == "c":
            self.judge(every=True)
            self.overview()
        elif key == "x" and not resetting:
            self.resetting = True
            self.console.print(
                f"x again puts the blanks of {self.exercise.name} back; your file is kept as a copy"
            )
        elif key == "x":
            try:
                copy = student_file.reset(self.lesson.exercises, self.exercise, self.lesson.path)
            except InputError as error:
                self.console.print(f"[red]![/] {escape(str(error))}")
                return True
            self.lesson.found.pop(self.exercise.name, None)
            self.show()
            self.console.print(f"your file until now: {copy}")
        return True

    def run(self):
        """Watch until q, Ctrl-C, or the last exercise is passed."""
        try:
            with key_reader() as key:
                if self.current is not None:
                    self.judge()
                while self.current is not None:
                    if self.look.changed():
                        self.judge()
                    pressed = key(PAUSE)
                    if pressed and not self.press(pressed):
                        break
                    verdict = self.lesson.found.get(self.exercise.name)
                    if verdict is not None and verdict.passed and not self.console.is_terminal:
                        # Nobody can press n: go on at once.
                        self.choose()
                        if self.current is not None:
                            self.judge()
        except KeyboardInterrupt:
            return
        finally:
            if self.worker is not None:
                self.worker.stop()
        if self.current is None:
            self.console.print("[green]All exercises are passed.[/]")


class Look:
    """Has a file changed since the last look? By its time and size, and now and then by its content."""

    def __init__(self, path):
        self.path, self.looks = path, 0
        self.seen, self.content = self._stat(), self._hash()

    def changed(self):
        self.looks += 1
        stat = self._stat()
        if stat == self.seen and self.looks % LOOKS_BETWEEN_READS:
            return False
        self.seen = stat
        content = self._hash()
        if content is None or content == self.content:  # an editor may be writing it this very moment
            return False
        self.content = content
        return True

    def _stat(self):
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _hash(self):
        try:
            return hashlib.sha256(self.path.read_bytes()).hexdigest()
        except OSError:
            return None
