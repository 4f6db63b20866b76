"""The commands behind `python -m sprints COMMAND`."""

import importlib
import sys
from pathlib import Path
from typing import Annotated, Literal

import tyro

from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.command_line import people_can_read, read

COURSE = Path(__file__).parent


def show(output: Path = Path("runs")):
    """List the lessons by day, each with its point and your last result.

    Args:
        output: the folder that lessons write their results to.
    """
    print(catalogue.listing(COURSE, output))


def notebook(
    name: tyro.conf.Positional[str],
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])],
    preset: Literal["quick", "class", "full"] = "class",
    force: bool = False,
):
    """Write a lesson as a notebook.

    Args:
        name: the lesson, such as day3.denoise.
        output: the .ipynb file to write.
        preset: quick, class or full: where the parameters cell takes its values from.
        force: write over a file that is there.
    """
    catalogue.find(COURSE, name)
    from keras_cv_course.lesson.notebook import notebook as make
    from keras_cv_course.lesson.notebook import write_notebook
    from keras_cv_course.lesson.start import load_keras_quietly

    load_keras_quietly()
    lesson = getattr(importlib.import_module(f"sprints.{name}"), name.split(".")[-1])
    write_notebook(output, make(lesson, preset=preset), force=force)
    print(f"wrote {output}; open it with: jupyter lab {output}")


def doctor():
    """Say what is installed, seen and writable here, and what to do about what is wrong."""
    from keras_cv_course.lesson.doctor import doctor as examine

    if examine([Path("runs"), Path("saved_models")]):
        sys.exit(1)


def main(arguments):
    """Call the command that the words name."""
    with people_can_read("sprints"):
        commands = {"list": show, "notebook": notebook, "doctor": doctor}
        read(commands, arguments, program="python -m sprints")
