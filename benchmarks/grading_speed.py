"""Seconds to grade 60 submissions of which 20 are hostile, killed twice on the way, over those of 60 honest ones.

The whole of day3.denoise, in the sandbox, two jobs; each grading is a process of its own. The ratio is to be <= 1.3.

    python benchmarks/grading_speed.py
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from keras_cv_course.classroom.skeleton import skeleton
from keras_cv_course.classroom.student.commands import exercises_of
from keras_cv_course.lesson.publish import write_json
from sprints.commands import COURSE

HOSTILE = Path(__file__).parents[1] / "tests" / "classroom" / "hostile"
KEPT = Path(__file__).parent / "results" / "grading_speed.json"
COMMAND = [
    sys.executable,
    "-m",
    "sprints",
    "grade",
    "class",
    "-o",
    "grades",
    "--lesson",
    "day3.denoise",
    "--jobs",
    "2",
]
COUNT, BAD = 60, 20


def seconds(folder, kills):
    """Seconds until the class in a folder is graded, by processes that are killed when so many are done."""
    began = time.perf_counter()
    for most in kills:
        process = subprocess.Popen(COMMAND, cwd=folder, stdout=subprocess.DEVNULL, start_new_session=True)
        while len(list(folder.glob("grades/students/*.json"))) < most and process.poll() is None:
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run(COMMAND, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main():
    honest = skeleton(exercises_of(COURSE, "day3.denoise")[0], only=[])
    hostile = sorted(HOSTILE.rglob("*.py"))[:BAD]
    found = {}
    for name, bad, kills in (("honest", [], []), ("hostile and killed twice", hostile, [15, 35])):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / "class").mkdir()
            for path in bad:
                shutil.copy(path, folder / "class")
            for number in range(COUNT - len(bad)):
                (folder / "class" / f"student_{number:02}.py").write_text(honest)
            found[name] = seconds(folder, kills)
            print(f"{name}: {found[name]:.0f} s", flush=True)
    found["ratio"] = found["hostile and killed twice"] / found["honest"]
    print(f"ratio {found['ratio']:.2f}")
    write_json(KEPT, {"date": time.strftime("%Y-%m-%d"), "cores": os.cpu_count(), **found})


if __name__ == "__main__":
    main()
