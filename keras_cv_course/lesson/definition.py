"""A lesson: one function with knobs, presets and bars, that can be called, run and read."""

import inspect
import sys
from pathlib import Path

from keras_cv_course.errors import InputError

PRESETS = ("quick", "class", "full")


class Bar:
    """A promise about one metric: `at_least(6.0)` or `at_most(0.0075)`."""

    def __init__(self, sign, value):
        self.sign, self.value = sign, value

    def reached(self, value):
        return value >= self.value if self.sign == "≥" else value <= self.value

    def __str__(self):
        return f"{self.sign} {self.value:g}"


def at_least(value):
    """The metric must be `value` or more. In `expect` a bare number means the same."""
    return Bar("≥", value)


def at_most(value):
    """The metric must be `value` or less."""
    return Bar("≤", value)


def lesson(quick, full, expect, picture=None):
    """Make a lesson of a function `f(run, knob=default, ...)` whose docstring describes every knob.

    The function's own defaults are the preset `class`.

    Args:
        quick: knob values of the preset that proves in seconds that the lesson runs.
        full: knob values of the preset with real data and the paper's setting, for a GPU.
        expect: what the presets `class` and `full` must reach on held-out data:
            value of the `dataset` knob -> {metric: bar}, a bar being a number (at least) or `at_most(...)`.
        picture: function of the saved model and one picture (H, W, 3) in [0, 1] of any size that gives a
            matplotlib figure; it is what `--image FILE` draws. None where there is nothing to draw.
    """
    return lambda function: Lesson(function, quick, full, expect, picture)


class Lesson:
    """A lesson that can be called from a program and run from the command line.

    See `lesson` for the arguments. Calling it takes the knobs by name and the common options of
    `start`; it returns the finished `Run`, whose `values` are the metrics.
    """

    def __init__(self, function, quick, full, expect, picture=None):
        self.function = function
        self.picture = picture
        self.name = _name(function)
        self.knobs = {
            name: parameter
            for name, parameter in inspect.signature(function).parameters.items()
            if name != "run"
        }
        self.presets = {"quick": quick, "class": {}, "full": full}
        self.expect = expect
        self.process_began = None  # set where a process runs this one lesson: its start-up counts
        for preset, values in self.presets.items():
            self._check_names(values, f"preset {preset}")

    @property
    def one_liner(self):
        """The lesson's point: the first line of its module's docstring."""
        return inspect.getmodule(self.function).__doc__.strip().splitlines()[0]

    def defaults(self, preset):
        """The value of every knob under a preset."""
        if preset not in PRESETS:
            raise InputError(f"unknown preset {preset!r}; choose one of: {', '.join(PRESETS)}")
        return {name: knob.default for name, knob in self.knobs.items()} | self.presets[preset]

    def bars(self, arguments):
        """The bars that hold for these knob values: {metric: Bar}."""
        bars = self.expect.get(arguments.get("dataset"), {})
        return {metric: bar if isinstance(bar, Bar) else at_least(bar) for metric, bar in bars.items()}

    def __call__(self, **options):
        """Run the lesson and keep its results.

        Args:
            **options: the options of `start` and the lesson's own arguments, by name.

        Returns:
            The finished `Run`.

        Raises:
            InputError: an argument, a file or a data set cannot be used.
        """
        run = self.start(**options)
        with run:
            self.function(run, **run.arguments)
        return run

    def start(
        self,
        preset="class",
        seed=0,
        output="runs",
        saved_models="saved_models",
        resume=False,
        precision="float32",
        tensorboard=False,
        mine=None,
        notebook=False,
        **knobs,
    ):
        """The `Run` that the lesson's steps report to; a notebook calls this, the steps, then `finish`.

        Args:
            preset: "quick", "class" or "full": the values of all knobs that are not given.
            seed: seed of the weights, the shuffles and the noise.
            output: results go to `<output>/<lesson>/`.
            saved_models: the trained model goes to `<saved_models>/<lesson>/`.
            resume: go on with an interrupted run of the same arguments.
            precision: Keras' dtype policy: float32, mixed_bfloat16 or mixed_float16.
            tensorboard: also write TensorBoard's logs.
            mine: file with the student's own definitions, which stand in for the reference's.
            notebook: show figures and the closing table in the notebook that calls.
            **knobs: the lesson's own arguments.
        """
        from keras_cv_course.lesson.run import Run

        self._check_names(knobs, self.name)
        return Run(
            self,
            arguments=self.defaults(preset) | knobs,
            preset=preset,
            seed=seed,
            output=Path(output),
            saved_models=Path(saved_models),
            resume=resume,
            precision=precision,
            tensorboard=tensorboard,
            mine=mine,
            notebook=notebook,
        )

    def main(self, arguments=None):
        """The command line: `python -m sprints.day3.denoise --help` shows it."""
        from keras_cv_course.lesson.command_line import main

        main(self, arguments)

    def _check_names(self, values, where):
        unknown = set(values) - set(self.knobs)
        if unknown:
            raise InputError(
                f"{where} has no argument {', '.join(sorted(unknown))}; it has {', '.join(self.knobs)}"
            )


def _name(function):
    """`day3.denoise` for the function in sprints/day3/denoise.py, run as a module, a script or imported."""
    module = sys.modules[function.__module__]
    if function.__module__ != "__main__":
        parts = function.__module__.split(".")
    elif module.__spec__ is not None:
        parts = module.__spec__.name.split(".")
    else:
        parts = Path(inspect.getfile(function)).resolve().with_suffix("").parts
    return ".".join(parts[-2:])
