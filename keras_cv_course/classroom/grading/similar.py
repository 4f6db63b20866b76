"""Submissions that are similar once the starter code is taken away, by copydetect (winnowing).

Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD 2003.
"""

import contextlib
import html
import itertools
import os
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_cv_course.classroom.printable import printable, printable_lines, table
from keras_cv_course.classroom.skeleton import reference, skeleton

WINDOW = 25  # characters, after names are replaced: copydetect's own default
LEAST_TOKENS = 40  # below this there is too little of one's own to compare
LIBRARY = "(the library's solution)"  # compared like a student
STYLE = """
body { font: 14px/1.4 system-ui, "DejaVu Sans", sans-serif; margin: 1.5rem; color: #222; }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; }
pre { overflow-x: auto; background: #f7f7f7; padding: .6rem;
font: 12px/1.35 ui-monospace, "DejaVu Sans Mono", monospace; }
mark { background: #ffe08a; } h1, h2, p { overflow-wrap: anywhere; }
@media (max-width: 50rem) { body { margin: .8rem; } .pair { grid-template-columns: minmax(0, 1fr); } }
"""


@dataclass
class Pair:
    """Two students whose work is similar.

    Args:
        first: a student.
        second: another, or `LIBRARY`.
        lesson: the lesson.
        similarity: the larger of the two shares of a file's own code that the other has too, in [0, 1].
        shared: how many characters of code they share, names aside.
        texts: the two files.
        slices: of each file, [(first, last)] characters that the other has too.
    """

    first: str
    second: str
    lesson: str
    similarity: float
    shared: int
    texts: tuple
    slices: tuple


def similar(submissions, lessons, least=0.5):
    """The `Pair`s of a class, most similar first.

    Args:
        submissions: the `Submission`s.
        lessons: {lesson: its `Exercises`}.
        least: the smallest similarity to report.
    """
    import copydetect

    found = []
    for name, exercises in lessons.items():
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            given = Path(folder) / "skeleton.py"
            given.write_text(skeleton(exercises), encoding="utf-8")
            boilerplate = np.array(sorted(_fingerprint(copydetect, given).hashes))
            texts = {one.student: one.texts[name] for one in submissions if name in one.texts}
            texts[LIBRARY] = reference(exercises)
            prints = {}
            for number, (student, text) in enumerate(texts.items()):
                path = Path(folder) / f"{number}.py"
                path.write_text(text, encoding="utf-8", errors="backslashreplace")
                prints[student] = _fingerprint(copydetect, path, boilerplate)
            for (first, one), (second, other) in itertools.combinations(prints.items(), 2):
                if min(len(one.hashes), len(other.hashes)) == 0:
                    continue
                shared, shares, slices = copydetect.compare_files(one, other)
                if shared >= LEAST_TOKENS and max(shares) >= least:
                    slices = tuple([tuple(map(int, pair)) for pair in np.transpose(some)] for some in slices)
                    own = (texts[first], texts[second])
                    found.append(Pair(first, second, name, float(max(shares)), int(shared), own, slices))
    return sorted(found, key=lambda pair: -pair.similarity)


def clusters(pairs):
    """Groups of students who are similar to one another, directly or by way of others: [(lesson, students)].

    Largest first; the library's solution is in a group like a student.
    """
    group = {}
    for pair in pairs:
        own = [group.setdefault((pair.lesson, name), {name}) for name in (pair.first, pair.second)]
        if own[0] is not own[1]:
            own[0].update(own[1])
            for name in own[1]:
                group[pair.lesson, name] = own[0]
    distinct = {(lesson, tuple(sorted(members))) for (lesson, _), members in group.items()}
    return sorted(distinct, key=lambda found: (-len(found[1]), found))


def as_csv(pairs):
    """One line a pair."""
    rows = [["similarity", "lesson", "first", "second", "shared"]]
    rows += [[round(pair.similarity, 3), pair.lesson, pair.first, pair.second, pair.shared] for pair in pairs]
    return table(rows)


def as_html(pairs):
    """A page of all pairs, the two files side by side, what they share marked. Everything is escaped."""
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Similar submissions</title>",
        "<meta name='viewport' content='width=device-width, initial-scale=1'>",
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<style>{STYLE}</style></head><body><h1>Similarity without the starter code</h1>",
        "<p>Similar is no proof: short exercises have few right answers. Read both before you judge.</p>",
    ]
    for lesson, members in clusters(pairs):
        parts.append(f"<p><b>{_plain(lesson)}</b>: {', '.join(_plain(name) for name in members)}</p>")
    for pair in pairs:
        heading = f"{pair.similarity:.0%} · {pair.lesson} · {pair.first} and {pair.second}"
        files = zip((pair.first, pair.second), pair.texts, pair.slices, strict=True)
        columns = "".join(
            f"<div><b>{_plain(name)}</b><pre>{_marked(text, slices)}</pre></div>"
            for name, text, slices in files
        )
        parts.append(f"<h2>{_plain(heading)}</h2><div class='pair'>{columns}</div>")
    return "".join([*parts, "</body></html>\n"])


def _marked(text, slices):
    """A text as HTML in which some characters are marked."""
    pieces, place = [], 0
    for first, last in sorted(slices):
        first = max(first, place)
        if last > first:
            pieces += [_plain_lines(text[place:first]), f"<mark>{_plain_lines(text[first:last])}</mark>"]
            place = last
    return "".join([*pieces, _plain_lines(text[place:])])


def _plain(text):
    return html.escape(printable(text))


def _plain_lines(text):
    return html.escape(printable_lines(text))


def _fingerprint(copydetect, path, boilerplate=None):
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        return copydetect.CodeFingerprint(str(path), WINDOW, 1, boilerplate=boilerplate)
