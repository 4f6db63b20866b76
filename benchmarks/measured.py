"""Keeps what a benchmark has measured: results/NAME.json, with the date, the machine and the versions."""

import sys
import time
from pathlib import Path

from keras_cv_course.lesson.publish import write_json

RESULTS = Path(__file__).parent / "results"


def keep(file, found):
    """Write the record of a script; other arguments are other records.

    Args:
        file: the script's `__file__`.
        found: what it measured: numbers and texts in dictionaries and lists.
    """
    from keras_cv_course.lesson import machine

    RESULTS.mkdir(exist_ok=True)
    name = "_".join([Path(file).stem, *(word.lstrip("-") for word in sys.argv[1:])])
    about = {"date": time.strftime("%Y-%m-%d"), "device": machine.device(), "versions": machine.versions()}
    write_json(RESULTS / f"{name}.json", {**about, "found": found})
