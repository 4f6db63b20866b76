"""Pairs of submissions that are alike once what all were given is taken away, by copydetect (winnowing).

Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD 2003.
"""

import contextlib
import itertools
import os
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_cv_course.classroom.skeleton import skeleton

WINDOW = 25  # characters, after names are replaced: copydetect's own default
LEAST_TOKENS = 40  # below this there is too little of one's own to compare


@dataclass
class Pair:
    """Two students whose work is alike.

    Args:
        first: a student.
        second: another.
        lesson: the lesson.
        likeness: the larger of the two shares of a file's own code that the other has too, in [0, 1].
        shared: how many characters of code they share, names aside.
    """

    first: str
    second: str
    lesson: str
    likeness: float
    shared: int


def similar(submissions, lessons, least=0.5):
    """The `Pair`s of a class, most alike first.

    Args:
        submissions: the `Submission`s.
        lessons: {lesson: its `Exercises`}.
        least: the smallest likeness to report.
    """
    import copydetect

    found = []
    for name, exercises in lessons.items():
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            given = Path(folder) / "skeleton.py"
            given.write_text(skeleton(exercises), encoding="utf-8")
            boilerplate = np.array(sorted(_fingerprint(copydetect, given).hashes))
            prints = {}
            for number, one in enumerate(submissions):
                if name in one.texts:
                    path = Path(folder) / f"{number}.py"
                    path.write_text(one.texts[name], encoding="utf-8")
                    prints[one.student] = _fingerprint(copydetect, path, boilerplate)
            for (first, one), (second, other) in itertools.combinations(prints.items(), 2):
                if min(len(one.hashes), len(other.hashes)) == 0:
                    continue
                shared, shares, _ = copydetect.compare_files(one, other)
                if shared >= LEAST_TOKENS and max(shares) >= least:
                    found.append(Pair(first, second, name, float(max(shares)), int(shared)))
    return sorted(found, key=lambda pair: -pair.likeness)


def _fingerprint(copydetect, path, boilerplate=None):
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        return copydetect.CodeFingerprint(str(path), WINDOW, 1, boilerplate=boilerplate)
