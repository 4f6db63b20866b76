"""Put together what shards have graded, and write the reports of the whole class."""

import time
from pathlib import Path

from keras_cv_course.classroom.grading.grade_report import write_reports
from keras_cv_course.classroom.grading.grading import exercises_of_course, lessons_of_class
from keras_cv_course.classroom.grading.grading_key import open_key, read_key
from keras_cv_course.classroom.grading.kept_results import (
    KeptResults,
    digest_of,
    notes_in,
    open_notes,
    write_notes,
)
from keras_cv_course.classroom.grading.shard import Shard
from keras_cv_course.classroom.grading.submissions import collect
from keras_cv_course.classroom.printable import printable
from keras_cv_course.errors import InputError
from keras_cv_course.file_lock import locked
from keras_cv_course.lesson.publish import write_json

SAME = ("folder", "lesson", "wanted", "sandboxed")


def merge(course, output, others=(), limits=None):
    """Write the reports of a class that shards have graded.

    Args:
        course: the course's folder.
        output: the folder of the grades; most often the one that all shards have graded into.
        others: folders of shards that had one of their own; their results are copied into `output`.
        limits: the `Limits` that the shards were given.

    Returns:
        {student: result}, as one grading of the whole class gives them.

    Raises:
        InputError: no shard has graded there, shards had different options or secrets, or submissions are not graded
            yet.
    """
    output = Path(output)
    folders = list(dict.fromkeys([output, *map(Path, others)]))
    shards = [notes for folder in folders for notes in notes_in(folder)]
    if not shards:
        raise InputError(f"no shard has graded into {' or '.join(map(str, folders))}; name their --output")
    first = shards[0]
    for key in SAME:
        found = [repr(notes[key]) for notes in shards]
        if len(set(found)) > 1:
            raise InputError(
                f"the shards had different options: {key} was {' and '.join(sorted(set(found)))}"
            )
    keys = {read_key(folder) for folder in folders} - {None}
    if len(keys) != 1:
        raise InputError(
            "the shards drew their inputs from different secrets: grade into one --output, or give all the same --seed"
        )
    known = exercises_of_course(course)
    submissions = collect(first["folder"], list(known), first["lesson"])
    lessons = lessons_of_class(submissions, known, first["wanted"])
    (key,), digest = keys, digest_of(lessons, limits, first["sandboxed"])
    places = [KeptResults(folder, key, digest) for folder in folders]
    with locked(output / ".lock", f"a grading is going on in {output}; wait for it, or use another --output"):
        results, copied = {}, []
        for one in submissions:
            found = ((place, place.before(one)) for place in places)
            place, result = next((pair for pair in found if pair[1] is not None), (None, None))
            results[one.student] = result
            if result is not None and place is not places[0]:
                copied.append((places[0].place(one), result))
        _check_complete(results, shards)
        for path, result in copied:
            write_json(path, result)
        open_key(output, key=key)
        notes = open_notes(output, first["folder"], first["lesson"])
        write_notes(output, notes | {name: first[name] for name in SAME})
        about = {
            "folder": printable(first["folder"]),
            "sandboxed": first["sandboxed"],
            **{name: _all_words(shards, name) for name in ("sandbox", "memory")},
            "graded": time.strftime("%Y-%m-%d %H:%M:%S"),
            "seconds": max(notes.get("seconds", 0) for notes in shards),
        }
        write_reports(output, results, lessons, about)
    return results


def _check_complete(results, shards):
    missing = [place for place, result in enumerate(results.values()) if result is None]
    if not missing:
        return
    counts = {Shard.parse(notes["shard"]).of for notes in shards if notes.get("shard")}
    cure = "run the shards again"
    if len(counts) == 1:
        (count,) = counts
        numbers = sorted({place % count + 1 for place in missing})
        cure = f"run --shard {', '.join(f'{number}/{count}' for number in numbers[:20])} again"
        cure += f" ({len(numbers)} of them)" if len(numbers) > 20 else ""
    raise InputError(
        f"{len(missing):,} of {len(results):,} submissions are not graded yet, or were handed in anew, such as that of "
        f"{list(results)[missing[0]]}; {cure}, it goes on where it was"
    )


def _all_words(shards, name):
    return "; ".join(sorted({notes[name] for notes in shards if notes.get(name)}))
