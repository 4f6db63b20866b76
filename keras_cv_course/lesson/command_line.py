"""The command line of a lesson, from its signature and its docstring (through tyro)."""

import argparse
import contextlib
import functools
import inspect
import io
import re
import sys
from pathlib import Path
from typing import Annotated, Literal

import docstring_parser
import tyro

from keras_cv_course.errors import InputError
from keras_cv_course.lesson.definition import PRESETS
from keras_cv_course.lesson.start import STARTED


def main(lesson, arguments=None):
    """Read the command line, run the lesson, and turn bad input into one line and exit code 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    with people_can_read(lesson.name):
        options = parse(lesson, arguments)
        image = options.pop("image", None)
        if image is not None:
            from keras_cv_course.lesson.photograph import photograph

            print(photograph(lesson, image, options["output"], options["saved_models"]))
            return
        lesson.process_began = STARTED
        lesson(**options)


def parse(lesson, arguments):
    """The lesson's arguments and the common options, by name."""
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    early.add_argument("--preset", default="class")
    try:
        preset = early.parse_known_args(arguments)[0].preset
    except argparse.ArgumentError:
        preset = "class"
    defaults = lesson.defaults(preset)
    said = docstring_parser.parse(lesson.function.__doc__)
    helps = {parameter.arg_name: parameter.description for parameter in said.params}

    def knob(name, parameter):
        kind = Annotated[parameter.annotation, tyro.conf.arg(help=helps.get(name, ""))]
        return parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, default=defaults[name], annotation=kind)

    def common(
        *,
        preset: Literal[PRESETS] = "class",
        seed: int = 0,
        output: Path = Path("runs"),
        saved_models: Path = Path("saved_models"),
        resume: bool = False,
        precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32",
        tensorboard: bool = False,
        mine: Path | None = None,
        image: Path | None = None,
    ):
        """The options that every lesson has.

        Args:
            preset: quick proves in seconds that it runs; class makes the point; full is the paper's setting.
            seed: seed of the weights, the shuffles and the noise.
            output: results go to OUTPUT/LESSON/.
            saved_models: the trained model goes to SAVED_MODELS/LESSON/.
            resume: go on with an interrupted run of the same arguments.
            precision: number format of the computation.
            tensorboard: also write TensorBoard's logs.
            mine: your own file of the lesson's exercises; what it defines stands in for the reference.
            image: a picture of your own: the model that the lesson has saved draws what it sees to
                OUTPUT/LESSON.image/, without training.
        """

    shared = dict(inspect.signature(common).parameters)
    if lesson.picture is None:
        del shared["image"]
    shared_helps = {p.arg_name: p.description for p in docstring_parser.parse(common.__doc__).params}

    def command(**values):
        return values

    parameters = [knob(name, parameter) for name, parameter in lesson.knobs.items()] + [
        parameter.replace(annotation=Annotated[parameter.annotation, tyro.conf.arg(help=shared_helps[name])])
        for name, parameter in shared.items()
    ]
    command.__signature__ = inspect.Signature(parameters)
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return read(
        command,
        arguments,
        program=f"python -m sprints.{lesson.name}",
        description=f"{lesson.one_liner}\n\n{said.short_description}",
    )


def read(command, arguments, program, description=None):
    """Call a function, or one of several by the name of a subcommand, with what the command line says.

    Args:
        command: a function, or {subcommand: function}; signatures and docstrings make options and help.
        arguments: the words of the command line.
        program: how the user called it.
        description: the first lines of the help; by default the function's own.

    Returns:
        What the function returns.

    Raises:
        InputError: an option is unknown or has no such value.
    """
    box = io.StringIO()
    parse = tyro.extras.subcommand_cli_from_dict if isinstance(command, dict) else tyro.cli
    try:
        with contextlib.redirect_stderr(box):
            parsed = parse(_deferred(command), args=list(arguments), prog=program, description=description)
    except SystemExit as stop:
        if not stop.code:
            raise
        raise InputError(_one_line(box.getvalue(), program)) from None
    return parsed()


def _deferred(command):
    """The same command line, which gives back the call to make in place of making it."""
    if isinstance(command, dict):
        return {name: _deferred(function) for name, function in command.items()}

    def call(*positional, **named):
        return functools.partial(command, *positional, **named)

    functools.update_wrapper(call, command)
    call.__signature__ = inspect.signature(command)
    return call


def _one_line(box, program):
    """tyro's box of lines and borders as one sentence."""
    inside = [line for line in box.splitlines() if line.startswith("│")] or box.splitlines()
    lines = [re.sub(r"[│─]+", " ", line).strip() for line in inside]
    sentence = re.sub(r"For full helptext.*$", "", " ".join(line for line in lines if line))
    sentence = re.sub(r"\s+", " ", sentence).strip().rstrip(".")
    return f"{sentence}. All options: {program} --help"


@contextlib.contextmanager
def people_can_read(name):
    """Exit code 2 and one line on standard error for bad input and for files that cannot be used."""
    try:
        yield
    except InputError as error:
        print(f"{name}: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(f"{name}: {error.strerror or error}{where}; nothing good was overwritten", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print(f"\n{name}: interrupted; the same command with --resume goes on", file=sys.stderr)
        sys.exit(130)
