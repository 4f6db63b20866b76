"""The command line of a lesson, from its signature and its docstring (through tyro)."""

import argparse
import contextlib
import functools
import importlib
import inspect
import io
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Literal

import docstring_parser
import tyro

from keras_cv_course.errors import InputError
from keras_cv_course.lesson.definition import PRESETS, SHARED_KNOBS
from keras_cv_course.lesson.outline import outline
from keras_cv_course.lesson.start import STARTED, load_keras_quietly, say_interruptions, write_in_any_encoding

GO_ON = "the same command with --resume goes on"


def begin(course, name, arguments):
    """The first second of `python -m sprints.day3.denoise ...`: what is wrong with the words is said before
    Keras and the lesson are imported; then Keras is loaded quietly.

    Args:
        course: the course's folder.
        name: the lesson, such as day3.denoise.
        arguments: the words after it.
    """
    say_interruptions(name, GO_ON)
    path = Path(course, *name.split(".")).with_suffix(".py")
    if not path.exists():
        return  # Python says so itself
    with people_can_read(name):
        parse(outline(path), arguments)
        load_keras_quietly(together=True)


def main(lesson, arguments=None):
    """Read the command line, run the lesson, and turn bad input into one line and exit code 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    with people_can_read(lesson.name):
        options = parse(lesson, arguments)
        image, model, mine, cache = (options.pop(name, None) for name in ("image", "model", "mine", "cache"))
        if cache is not None:
            from keras_cv_course.data.disk_cache import VARIABLE

            os.environ[VARIABLE] = str(cache.expanduser().absolute())
        if image is not None:
            from keras_cv_course.lesson.own_image import apply_to_image

            folders = options["output"], options["saved_models"]
            print(apply_to_image(lesson, image, *folders, model=model, knobs=options))
            return
        if model is not None:
            raise InputError("--model names the network for an image of yours: add --image FILE")
        stand_in = course_of(lesson).stand_in(lesson, mine) if mine else None
        lesson.process_began = STARTED
        lesson(**options, stand_in=stand_in)


def course_of(lesson):
    """The package of the course that a lesson belongs to. One with exercises has a function `stand_in(lesson,
    file)` that reads a student's file into what `Run` takes; then its lessons have the option --mine."""
    with contextlib.suppress(ImportError, ValueError):
        return importlib.import_module(lesson.course)
    return None


def parse(lesson, arguments):
    """The lesson's arguments and the common options, by name.

    Args:
        lesson: the lesson's `Definition`.
        arguments: the words of the command line.

    Raises:
        InputError: an option is unknown or has no such value, or a number is not finite.
    """
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    early.add_argument("--preset", default="default")
    try:
        preset = early.parse_known_args(arguments)[0].preset
    except argparse.ArgumentError:
        preset = "default"
    defaults = lesson.defaults(preset)
    helps = {name: words for name, (_, words) in SHARED_KNOBS.items()} | lesson.documentation.knobs

    def knob(name, parameter):
        kind = Annotated[parameter.annotation, tyro.conf.arg(help=helps.get(name, ""))]
        return parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, default=defaults[name], annotation=kind)

    def common(
        *,
        preset: Literal[PRESETS] = "default",
        seed: int = 0,
        output: Path = Path("runs"),
        saved_models: Path = Path("saved_models"),
        resume: bool = False,
        precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32",
        tensorboard: bool = False,
        devices: int | None = None,
        cache: Path | None = None,
        mine: Path | None = None,
        image: Path | None = None,
        model: Path | None = None,
    ):
        """The options that every lesson has.

        Args:
            preset: quick shows in seconds that it runs; default makes the point; full is for a GPU.
            seed: seed of the weights, the shuffles and the noise.
            output: results go to OUTPUT/LESSON/.
            saved_models: the trained model goes to SAVED_MODELS/LESSON/.
            resume: go on with an interrupted run of the same arguments.
            precision: number format of the computation.
            tensorboard: also write TensorBoard's logs.
            devices: on how many devices each batch is divided; by default on all that the backend sees.
            cache: folder for the decoded images of sets that are too large for memory; by default
                $KERAS_HOME/decoded.
            mine: your own file of the lesson's exercises; what it defines takes the place of the library's.
            image: an image of your own: the lesson's trained model is applied to it, without training; the
                figure goes to OUTPUT/LESSON.image/.
            model: with --image: a .keras file of yours that takes the place of the lesson's model.
        """

    shared = dict(inspect.signature(common).parameters)
    if lesson.image_figure is None:
        del shared["image"], shared["model"]
    if not hasattr(course_of(lesson), "stand_in"):
        del shared["mine"]
    shared_helps = {p.arg_name: p.description for p in docstring_parser.parse(common.__doc__).params}

    def command(**values):
        return values

    parameters = [knob(name, parameter) for name, parameter in lesson.knobs.items()] + [
        parameter.replace(annotation=Annotated[parameter.annotation, tyro.conf.arg(help=shared_helps[name])])
        for name, parameter in shared.items()
    ]
    command.__signature__ = inspect.Signature(parameters)
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    options = read(
        command,
        arguments,
        program=lesson.command,
        description=f"{lesson.one_liner}\n\n{lesson.documentation.summary}",
    )
    lesson.check_numbers(options)
    return options


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
    # Its borders are ASCII where standard error cannot show others.
    inside = [line for line in box.splitlines() if line.startswith(("│", "|"))] or box.splitlines()
    lines = [re.sub(r"[│─|]+|-{3,}", " ", line).strip() for line in inside]
    sentence = re.sub(r"For full helptext.*$", "", " ".join(line for line in lines if line))
    sentence = re.sub(r" in \S+( \S+)* --help", "", sentence)  # where the option is: in what was called
    sentence = re.sub(r"\.? *(Perhaps you meant|Argument helptext|Available subcommands)", r"; \1", sentence)
    sentence = sentence.replace("{None} STR", "STR").replace(" (required)", "")
    sentence = re.sub(r"\s+", " ", sentence).strip().rstrip(".")
    return f"{sentence}. All options: {program} --help"


@contextlib.contextmanager
def people_can_read(name, then=GO_ON):
    """One line on standard error, and exit code 2, for bad input, for files that cannot be used and for what is
    larger than this machine; exit code 130 for Ctrl-C.

    Args:
        name: who speaks: the lesson, or the command.
        then: what to do after an interruption, in words.
    """
    write_in_any_encoding()
    try:
        yield
    except InputError as error:
        said, code = " ".join(str(error).split()), 2
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        said, code = f"{error.strerror or error}{where}; nothing good was overwritten", 2
    except KeyboardInterrupt:
        said, code = f"interrupted; {then}", 130
    except Exception as error:
        said, code = _lost_process(error), 1
        if said:
            print(f"{name}: {said}", file=sys.stderr, flush=True)
            os._exit(code)  # at its usual end JAX waits minutes for the process that is gone
        said, code = _larger_than_the_machine(error), 2
        if said is None:
            raise
    else:
        return
    print(f"{name}: {said}", file=sys.stderr)
    sys.exit(code)


def _lost_process(error):
    """What to say where another process of the same run has ended, or None."""
    if "keras" not in sys.modules:
        return None
    from keras_cv_course.lesson.devices.processes import lost_process

    return lost_process(error)


def _larger_than_the_machine(error):
    """What to say of an error that means too much memory or too deep a nesting, or None for any other one."""
    if isinstance(error, RecursionError):
        return "the input is nested too deeply"
    # TensorFlow's and JAX's own classes, known by name: this module is read before either is imported.
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if kinds & {"MemoryError", "ResourceExhaustedError", "OutOfMemoryError"} or "RESOURCE_EXHAUSTED" in str(
        error
    ):
        return "the memory of this machine is not enough; try a smaller batch_size, size or limit"
    return None
