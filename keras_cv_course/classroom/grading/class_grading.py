"""Grade a class: what was graded before is kept, the others are judged, several at once; then the reports."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from keras_cv_course.classroom.grading.grade_report import write_reports
from keras_cv_course.classroom.grading.kept_results import KeptResults, digest_of, write_notes
from keras_cv_course.classroom.grading.references import References
from keras_cv_course.classroom.grading.submission_grader import SubmissionGrader
from keras_cv_course.classroom.printable import printable
from keras_cv_course.classroom.sandbox.limits import Limits
from keras_cv_course.classroom.sandbox.memory_scope import in_words, memory_scope
from keras_cv_course.classroom.sandbox.sandbox import WEAKER, Sandbox
from keras_cv_course.errors import InputError
from keras_cv_course.lesson.memory_limit import limited_memory

ROOM = 4 * 2**30  # bytes that the checks of all jobs may take together
SLOWER = 10  # times slower than the reference a student's code may be, and some seconds


class ClassGrading:
    """One call of `grade`.

    Args:
        lessons: {lesson: its `Exercises`}, of the reports' columns.
        solutions: modules that are the solution of any exercise of the course.
        output: the folder of the grades.
        key: of `grading_key`.
        notes: of `open_notes`.
        limits: the `Limits`, or None to take them from the reference.
        program: bubblewrap's path, or None.
        everybody: whether every lesson counts for every student, handed in or not.
    """

    def __init__(self, lessons, solutions, output, key, notes, limits, program, everybody):
        self.lessons, self.solutions, self.output = lessons, solutions, output
        self.key, self.notes, self.limits, self.program = key, notes, limits, program
        self.everybody = everybody
        self.sandboxes, self.scope = {}, ()

    def run(self, submissions, folder, jobs, console, report=True):
        """Grade, write the reports if they are wanted, and give back {student: result}."""
        began = time.monotonic()
        write_notes(self.output, self.notes)
        digest = digest_of(self.lessons, self.limits, sandboxed=self.program is not None)
        kept = KeptResults(self.output, self.key, digest)
        done = {one.student: kept.before(one) for one in submissions}
        done = {
            student: result for student, result in done.items() if result is not None and not failed(result)
        }
        if done:
            console.print(f"{len(done)} of {len(submissions)} were graded before and are kept")
        todo = [one for one in submissions if one.student not in done]
        with contextlib.ExitStack() as stack:
            if todo:
                grader = self.prepare(stack, console)
                # A check computes with what a student's code gives back, and two shapes may make a third of any size.
                stack.enter_context(limited_memory(ROOM))
                for one, result in self.results(grader, todo, jobs, progress_bar(console), stack, len(done)):
                    done[one.student] = kept.keep(one, result)
        results = {one.student: done[one.student] for one in submissions}
        about = {
            "folder": printable(folder),
            "sandbox": f"bubblewrap ({self.program})" if self.program else WEAKER,
            "sandboxed": self.program is not None,
            "memory": in_words(self.scope),
            "graded": time.strftime("%Y-%m-%d %H:%M:%S"),
            "seconds": round(time.monotonic() - began, 1),
        }
        if todo:
            write_notes(
                self.output, self.notes | {name: about[name] for name in ("sandbox", "memory", "seconds")}
            )
        if report:
            write_reports(self.output, results, self.lessons, about)
        return results

    def prepare(self, stack, console):
        """The `SubmissionGrader`, with its sandboxes and the references, whose time is measured once."""
        limits = self.limits or Limits()
        for scope in dict.fromkeys([memory_scope(limits.memory) if self.program else (), ()]):
            self.scope = scope
            for name, exercises in self.lessons.items():
                self.sandboxes[name] = Sandbox(exercises, limits, self.program, self.solutions, scope)
                stack.callback(self.sandboxes[name].close)
            try:
                next(iter(self.sandboxes.values())).try_out()
                break
            except InputError:
                if not scope:
                    raise
        references = stack.enter_context(References(self.lessons))
        if self.limits is None:
            for name, exercises in self.lessons.items():
                if name not in self.notes["reference"]:
                    with console.status(f"how long does the reference of {name} take here?"):
                        self.notes["reference"][name] = references.seconds(exercises)
            write_notes(self.output, self.notes)
        return SubmissionGrader(
            self.lessons, self.sandboxes, references, self.limits_of, self.key, self.everybody
        )

    def limits_of(self, lesson, exercise):
        """Seconds of one request and of one exercise."""
        if self.limits is not None:
            return self.limits.request, self.limits.exercise
        most, taken = Limits(), self.notes["reference"][lesson][exercise.name]
        return min(most.request, 3 + SLOWER * taken), min(most.exercise, 6 + SLOWER * taken)

    def results(self, grader, todo, jobs, bar, stack, done):
        """Yield (submission, result) as they come, with a progress bar that begins at `done`."""
        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        with bar:
            task = bar.add_task("", total=len(todo) + done, completed=done)
            running = {pool.submit(grader.grade, submission): submission for submission in todo}
            try:
                for future in as_completed(running):
                    submission = running[future]
                    yield submission, future.result()
                    bar.update(task, advance=1, description=escape(submission.student))
            except BaseException:
                for future in running:
                    future.cancel()
                for sandbox in self.sandboxes.values():
                    sandbox.stop_all()
                raise


def failed(result):
    """Whether the grader itself has failed on a student's work: then it is tried again."""
    return any(lesson["failures"] for lesson in result["lessons"].values())


def progress_bar(console):
    return Progress(
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
        console=console,
    )
