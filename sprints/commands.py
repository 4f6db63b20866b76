"""The commands behind `python -m sprints COMMAND`."""

import difflib
import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Annotated, Literal

import tyro

from keras_cv_course.classroom.grading import commands as teacher
from keras_cv_course.classroom.student import commands as student
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.command_line import people_can_read, read

COURSE = Path(__file__).parent
Name = Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="LESSON")]


def show(name: tyro.conf.Positional[str | None] = None, output: Path = Path("runs")):
    """List the lessons by day, each with its point and your last result.

    Args:
        name: a day (day3) or a lesson; by default all.
        output: the folder that lessons write their results to.
    """
    print(catalogue.listing(COURSE, output, name))


def start(name: Name, into: Path = student.FOLDER, force: bool = False):
    """Write your file of a lesson's exercises: the library's code with blanks to fill in.

    Args:
        name: the lesson, such as day3.denoise.
        into: the folder that it goes to.
        force: put a fresh file where one is; yours is kept beside it, under a name with the date.
    """
    student.start(COURSE, name, into, force)


def check(name: Name, file: Path | None = None, exercise: str | None = None, sandbox: bool = False):
    """Check your file; exit code 0 when everything is passed, 1 when not. The file runs with all your rights: for
    somebody else's, there is --sandbox.

    Args:
        name: the lesson, such as day3.denoise.
        file: your file, where it is not exercises/day3_denoise.py.
        exercise: check this one alone: its number or name.
        sandbox: run the file in the sandbox of `grade`, which needs bubblewrap: for a file that is not yours.
    """
    if not student.check(COURSE, name, file, exercise, sandbox):
        sys.exit(1)


def watch(name: tyro.conf.Positional[str] = "", folder: Path = student.FOLDER):
    """Check again whenever you save; one exercise after the other.

    Args:
        name: a day (day3) or a lesson (day3.denoise); nothing means all.
        folder: where your files are; those that are not there yet are started.
    """
    from keras_cv_course.classroom.student.watch import Watch

    Watch(COURSE, name, folder).run()


def hint(name: Name, exercise: tyro.conf.Positional[str | None] = None, folder: Path = student.FOLDER):
    """Open one more hint on an exercise; the last one says what to reach.

    Args:
        name: the lesson, such as day3.denoise.
        exercise: its number or name; by default the first that is not passed.
        folder: where your files are.
    """
    student.hint(COURSE, name, exercise, folder)


def solution(
    name: Name,
    exercise: tyro.conf.Positional[str | None] = None,
    give_up: bool = False,
    folder: Path = student.FOLDER,
):
    """Show how the library does it, once you have passed, or given up.

    Args:
        name: the lesson, such as day3.denoise.
        exercise: its number or name; by default all of them.
        give_up: open it unsolved; that is noted in your progress.
        folder: where your files are.
    """
    student.solution(COURSE, name, exercise, give_up, folder)


def progress(folder: Path = student.FOLDER):
    """Show what you have done, by day.

    Args:
        folder: where your files are.
    """
    student.progress(COURSE, folder)


def notebook(
    name: Name,
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])],
    preset: Literal["quick", "default", "full"] = "default",
    student: bool = False,
    teacher: bool = False,
    markers: Literal["nbgrader", "otter"] = "nbgrader",
    install: str | None = None,
    runs: Path = Path("runs"),
    force: bool = False,
):
    """Write a lesson, or its exercises, as a notebook.

    Args:
        name: the lesson, such as day3.denoise.
        output: the .ipynb file to write.
        preset: quick, default or full: where the parameters cell takes its values from.
        student: the exercises with their blanks and a check cell each.
        teacher: the exercises with their solutions, between the marks of a grading system.
        markers: whose marks the teacher's notebook has.
        install: what pip installs in the first cell, for Colab: a wheel, an address or a requirement.
        runs: where results are; the figures of the lesson's last run go into the exercises' notebook.
        force: write over a file that is there.
    """
    if student and teacher:
        raise InputError("--student is without solutions and --teacher with them; choose one of the two")
    entry = catalogue.find(COURSE, name)
    from keras_cv_course.lesson.notebook import notebook as make
    from keras_cv_course.lesson.notebook import write_notebook
    from keras_cv_course.lesson.start import load_keras_quietly

    load_keras_quietly()
    if student or teacher:
        from keras_cv_course.classroom.notebooks.exercise_notebook import exercise_notebook

        made = exercise_notebook(entry, teacher, markers, install=install, runs=runs)
    else:
        lesson = getattr(importlib.import_module(f"sprints.{name}"), name.split(".")[-1])
        made = make(lesson, preset=preset, install=install)
    write_notebook(output, made, force=force)
    jupyter = importlib.util.find_spec("jupyterlab") is not None
    before = "" if jupyter else "; it needs JupyterLab: pip install -e .[notebook]"
    print(f"wrote {output}; open it with: jupyter lab {output}{before}")
    handed_in_as = name.replace(".", "_")
    if student and handed_in_as not in output.stem:
        print(f"To be graded, its name must hold the lesson's: {handed_in_as}.ipynb")


def grade(
    folder: tyro.conf.Positional[Path],
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("grades"),
    jobs: int = 2,
    lesson: str | None = None,
    lessons: tuple[str, ...] = (),
    seed: int | None = None,
    sandbox: bool = True,
    shard: str | None = None,
):
    """Grade a folder of submissions in a sandbox; the same command goes on with an interrupted grading.

    Args:
        folder: one file, folder or zip archive a student, notebooks too; files are named like day3_denoise.py.
            A folder that is called merge is ./merge, as `grade merge` is a command.
        output: where grades.csv, grades.json and index.html go; not inside FOLDER.
        jobs: submissions at once.
        lesson: the lesson that all files belong to, whatever their names.
        lessons: the lessons that everybody is to hand in; by default only what a student has handed in counts.
        seed: makes the hidden inputs repeatable; by default they come from a key that nobody knows.
        sandbox: run submissions in bubblewrap; --no-sandbox does without, see docs/instructors.md.
        shard: grade this share of the submissions alone, such as 3/8 for the third of eight jobs; when all have
            ended, `grade merge OUTPUT` writes the reports.
    """
    options = dict(jobs=jobs, lesson=lesson, lessons=lessons, seed=seed, sandbox=sandbox, shard=shard)
    teacher.grade(COURSE, folder, output, **options)


def merge(
    output: tyro.conf.Positional[Path],
    others: tyro.conf.Positional[tuple[Path, ...]] = (),
):
    """Write the reports of a class that several `grade --shard` have graded.

    Args:
        output: the folder that they have graded into; grades.csv, grades.json and index.html go there.
        others: folders of shards that had one of their own and the same --seed; their results are copied.
    """
    teacher.merge(COURSE, output, others)


def similar(
    folder: tyro.conf.Positional[Path],
    lesson: str | None = None,
    least: float = 0.5,
    output: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None,
):
    """List groups of submissions that are similar once the starter code is taken away.

    Args:
        folder: one file or one folder a student.
        lesson: the lesson that all files belong to, whatever their names.
        least: the smallest similarity to list, from 0 to 1.
        output: also write all pairs, to a .csv table or, with the code side by side, to an .html page.
    """
    teacher.similar(COURSE, folder, lesson, least, output)


def gate(lesson: tyro.conf.Positional[str | None] = None):
    """Prove the exercises: blanks not attempted, reference passes, mutants caught, nothing given away.

    Args:
        lesson: a lesson or a day; by default all.
    """
    if not teacher.gate(COURSE, lesson):
        sys.exit(1)


def doctor():
    """Say what is installed, seen and writable here, and what to do about what is wrong."""
    from keras_cv_course.classroom.doctor import doctor as examine

    if examine([Path("runs"), Path("saved_models")]):
        sys.exit(1)


def main(arguments):
    """Call the command that the words name."""
    with people_can_read("sprints", "the same command goes on"):
        commands = {
            "list": show,
            "start": start,
            "check": check,
            "watch": watch,
            "hint": hint,
            "solution": solution,
            "progress": progress,
            "notebook": notebook,
            "grade": grade,
            "similar": similar,
            "gate": gate,
            "doctor": doctor,
        }
        word = arguments[0]
        if not word.startswith("-") and word not in commands:
            raise InputError(_no_command(word, commands))
        program = "python -m sprints"
        if arguments[:2] == ["grade", "merge"]:
            _no_folder_called_merge(arguments[2:])
            read(merge, arguments[2:], program=f"{program} grade merge")
        elif word in commands:  # the help of one command is shorter than that of all
            read(commands[word], arguments[1:], program=f"{program} {word}")
        else:
            read(commands, arguments, program=program)


def _no_folder_called_merge(arguments):
    """Say how to grade a folder of that name, where `grade merge` cannot mean anything else.

    Raises:
        InputError: there is such a folder, and no folder of grades is named.
    """
    nothing_named = not arguments or arguments[0].startswith("-") and arguments[0] not in ("-h", "--help")
    if nothing_named and Path("merge").exists():
        raise InputError(
            "`grade merge OUTPUT` puts the shards of a grading together; to grade the folder that is called merge: "
            "python -m sprints grade ./merge"
        )


def _no_command(word, commands):
    """What to say of a word that is no command; perhaps it is a lesson's or a day's name."""
    close = difflib.get_close_matches(word, commands, n=1)
    if close:
        return f"there is no command {word!r}; did you mean {close[0]!r}?"
    if word.startswith("day"):
        run = f"python -m sprints.{word}" if "." in word else f"python -m sprints list {word}"
        return f"{word!r} is no command; did you mean: {run}?"
    return f"there is no command {word!r}; the commands are: {', '.join(commands)}"
