"""Judge one submission: every exercise of each of its lessons, in the sandbox."""

import base64
import contextlib
import time

from keras_cv_course.classroom.checking import (
    ERROR,
    FILE,
    NOT_ATTEMPTED,
    NOT_JUDGED,
    PASSED,
    WRONG,
    Verdict,
    judge,
)
from keras_cv_course.classroom.example_images import image_of
from keras_cv_course.classroom.grading.grading_key import seed_of
from keras_cv_course.classroom.grading.remarks import remarks_on
from keras_cv_course.classroom.printable import printable, printable_lines
from keras_cv_course.classroom.remote import ReferenceEnded, StudentError


class SubmissionGrader:
    """Judges submissions.

    Args:
        lessons: {lesson: its `Exercises`}.
        sandboxes: {lesson: its `Sandbox`}.
        references: the `References`.
        limits_of: function (lesson, exercise) that gives the seconds of one request and of the exercise.
        key: of `grading_key`.
        everybody: whether every lesson counts for every student, handed in or not.
    """

    def __init__(self, lessons, sandboxes, references, limits_of, key, everybody):
        self.lessons, self.sandboxes, self.references = lessons, sandboxes, references
        self.limits_of, self.key, self.everybody = limits_of, key, everybody

    def grade(self, submission):
        """The result of one student: {"lessons": {lesson: {"points", "exercises", "remarks", ...}}, ...}."""
        began, graded = time.monotonic(), {}
        for name in self.lessons:
            handed_in = name in submission.texts or name in submission.refused
            if self.everybody or handed_in or self.belongs_nowhere(submission):
                graded[name] = self.lesson(submission, name)
        return {
            "lessons": graded,
            "points": sum(lesson["points"] for lesson in graded.values()),
            "of": sum(lesson["of"] for lesson in graded.values()),
            "seconds": round(time.monotonic() - began, 1),
        }

    def belongs_nowhere(self, submission):
        """Whether nothing of a submission belongs to a lesson: then it is named under every lesson."""
        return not any(name in self.lessons for name in (*submission.texts, *submission.refused))

    def lesson(self, submission, name):
        """One student's result for one lesson."""
        exercises, text = self.lessons[name], submission.texts.get(name)
        remarks, failures, images = list(submission.remarks.get(name, [])), [], {}
        if text is None:
            why = submission.refused.get(name) or submission.refused.get("")
            outcome = NOT_ATTEMPTED if why is None else ERROR
            why = why or "no file for this lesson"
            verdicts = {one.name: Verdict(outcome, "the file", received=why) for one in exercises}
            remarks += [why] if outcome == ERROR else []
        else:
            verdicts = {}
            try:
                self.verdicts(submission, name, text, verdicts, images, remarks, failures)
            except Exception as error:  # ours, not the student's: the class is graded all the same
                failures.append(f"{type(error).__name__}: {printable(error, 300)}")
                for one in exercises:
                    verdicts.setdefault(one.name, Verdict(NOT_JUDGED))
        points = {one.name: verdicts[one.name].points for one in exercises}
        return {
            "points": sum(points.values()),
            "of": exercises.points,
            "exercises": {
                one.name: {**verdicts[one.name].as_dict(), "points": points[one.name], "of": one.points}
                for one in exercises
            },
            "images": images,
            "file": submission.names.get(name, ""),
            "code": printable_lines(text or ""),
            "remarks": [printable(remark, 300) for remark in remarks],
            "errors": errors_of(verdicts),
            "failures": failures,
        }

    def verdicts(self, submission, lesson, text, verdicts, images, remarks, failures):
        """Add remarks on the file, and verdict and image of every exercise, earlier ones first: later ones may hold
        their solutions; and where the grader itself failed.
        """
        exercises, filename = self.lessons[lesson], submission.names[lesson]
        seed, broken = seed_of(self.key, submission), None
        with self.sandboxes[lesson].worker() as worker:
            with contextlib.suppress(StudentError):
                worker.ready(seconds=120)
            remarks += remarks_on(text, exercises, worker, self.limits_of(lesson, exercises.exercises[0])[0])
            for exercise in exercises:
                if broken is not None:  # a file that does not load does so for no exercise
                    verdicts[exercise.name] = broken
                    continue
                worker.allow()
                with contextlib.suppress(StudentError):
                    # Python and Keras start on the house's time, not on the student's.
                    worker.ready(seconds=120)
                try:
                    verdict = self.verdict(lesson, exercise, worker, text, filename, seed)
                except ReferenceEnded as error:
                    failures.append(f"{exercise.name}: {printable(error, 300)}")
                    verdict = Verdict(NOT_JUDGED)
                verdicts[exercise.name] = verdict
                if verdict.outcome == ERROR and verdict.check == FILE:
                    broken = verdict
                if verdict.outcome in (PASSED, WRONG) and exercise.image is not None:
                    image = image_of(exercises, exercise, worker, text, filename)
                    if image is not None:
                        images[exercise.name] = base64.b64encode(image).decode()

    def verdict(self, lesson, exercise, worker, text, filename, seed):
        """The `Verdict` on one exercise; once more if the reference's process has ended meanwhile.

        Raises:
            ReferenceEnded: it has ended twice.
        """
        request, whole = self.limits_of(lesson, exercise)
        for again in (False, True):
            worker.allow(whole)
            try:
                return judge(
                    self.lessons[lesson],
                    exercise,
                    worker,
                    text,
                    filename,
                    reference_module=lambda: self.references.module(lesson),
                    seed=seed,
                    seconds=request,
                )
            except ReferenceEnded:
                if again:
                    raise


def errors_of(verdicts):
    """What a student's code said as it broke, by exercise: the student's words, not the grader's."""
    found = {}
    for name, verdict in verdicts.items():
        if verdict.outcome == ERROR or "an object of class" in verdict.received:
            found.setdefault(verdict.received, []).append(name)
    return [f"{', '.join(names)}: {received}" for received, names in found.items() if received]
