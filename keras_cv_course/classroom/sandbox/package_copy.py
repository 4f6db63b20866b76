"""The copy of this package that a submission may import: without solutions, without the classroom."""

import compileall
import shutil
from pathlib import Path

import keras_cv_course
from keras_cv_course.classroom.skeleton import needed_modules


def package_without(exercises, solutions, folder):
    """Copy the package without solutions and without this machinery: what a student's file may import.

    Where the lesson's own file imports what is the solution of another lesson, that is there compiled, without
    source.
    """
    package = Path(keras_cv_course.__file__).parent
    closed = {Path(*module.split(".")).with_suffix(".py") for module in solutions}
    needed = {Path(*module.split(".")).with_suffix(".py") for module in needed_modules(exercises)}
    for path in package.rglob("*.py"):
        name = path.relative_to(package.parent)
        if name.parts[1] == "classroom" or (name in closed and name not in needed):
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        if name in closed:
            compileall.compile_file(target, quiet=2, legacy=True, stripdir=folder)
            target.unlink()
