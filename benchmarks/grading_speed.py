"""Seconds to grade 60 submissions of which 20 are hostile, killed twice on the way, over those of 60 honest ones.

The whole of day3.denoise in the sandbox with the command's own limits; each grading is a process of its own. The
ratio is to be at most 1.3. Either side does the same work: 60 files, two jobs, the same key, so the same inputs.

    python benchmarks/grading_speed.py
"""

import json
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
LAWFUL = ("dynamic_imports", "knows_two_answers")  # no attack: an odd solution, and a wrong one
KEPT = Path(__file__).parent / "results" / "grading_speed.json"
LESSON = "day3.denoise"
COMMAND = [sys.executable, "-m", "sprints", "grade", "class", "-o", "grades"]
COMMAND += ["--lesson", LESSON, "--jobs", "2", "--seed", "1"]
COUNT, BAD, KILLED_AT = 60, 20, (15, 35)


def hostile_files():
    """`BAD` of the hostile submissions, spread evenly over their kinds."""
    files = [path for path in sorted(HOSTILE.rglob("*.py")) if path.stem not in LAWFUL]
    return [files[place * len(files) // BAD] for place in range(BAD)]


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


def points(folder):
    """{student: points} of a grading."""
    students = json.loads((folder / "grades" / "grades.json").read_text(encoding="utf-8"))["students"]
    return {name: (result["points"], result["seconds"]) for name, result in students.items()}


def main():
    exercises = exercises_of(COURSE, LESSON)[0]
    honest = skeleton(exercises, only=[])
    found = {}
    for name, bad, kills in (("honest", [], ()), ("hostile and killed twice", hostile_files(), KILLED_AT)):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / "class").mkdir()
            for path in bad:
                shutil.copy(path, folder / "class")
            for number in range(COUNT - len(bad)):
                (folder / "class" / f"student_{number:02}.py").write_text(honest)
            found[name] = round(seconds(folder, kills), 1)
            graded = points(folder)
            assert len(graded) == COUNT
            right = [student for student, (reached, _) in graded.items() if reached == exercises.points]
            assert len(right) == COUNT - len(bad), sorted(set(graded) - set(right))
            print(f"{name}: {found[name]:.0f} s", flush=True)
            for student, (reached, taken) in sorted(graded.items(), key=lambda pair: -pair[1][1])[: BAD + 2]:
                print(f"  {taken:6.1f} s  {reached:2} points  {student}")
    found["ratio"] = round(found["hostile and killed twice"] / found["honest"], 3)
    print(f"ratio {found['ratio']:.2f}")
    about = {"date": time.strftime("%Y-%m-%d"), "cores": os.cpu_count(), "lesson": LESSON}
    write_json(KEPT, {**about, "submissions": COUNT, "hostile": BAD, "killed at": list(KILLED_AT), **found})


if __name__ == "__main__":
    main()
