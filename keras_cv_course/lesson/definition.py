"""What a lesson is: its name, knobs, presets and targets, and what its documentation says of them."""

import inspect
import typing

from keras_cv_course.errors import InputError
from keras_cv_course.lesson.documentation import range_of
from keras_cv_course.lesson.targets import Target, at_least

PRESETS = ("quick", "default", "full")

# The knobs that every lesson has. A preset may set them like the lesson's own; the function finds them on
# `run`.
SHARED_KNOBS = {
    "limit": (int | None, "use at most this many examples of each part."),
    "file": (str | None, "file or folder of the data set, where it is read from one of yours."),
    "batch_size": (int, "examples a training step."),
}


class Definition:
    """Everything that can be said of a lesson without running it.

    Args:
        name: such as day3.denoise.
        course: the package that the lesson belongs to, such as sprints.
        documentation: the `Documentation` of its module and function.
        own_knobs: {name: inspect.Parameter} of the function's own knobs.
        quick: knob values of the preset that shows within seconds that the lesson runs.
        full: knob values of the preset for a GPU.
        targets: what the presets `default` and `full` must reach on held-out data: value of the `dataset`
            knob -> {metric: target}, a target being `at_least(...)`, `at_most(...)` or a number (at least).
        batch_size: examples a training step by default; None for a lesson that trains nothing.
        limit: examples of each part by default.
        image_figure: function of a model and one image (H, W, 3) in [0, 1] of any size that returns a
            matplotlib figure; `--image FILE` draws it. Further arguments of it are knobs of the lesson, by name. None
            where there is nothing to draw.
        image_model: function that gives the model for `--image`; None: the one that the lesson has saved. The option
            `--model FILE` takes another one.

    Attributes:
        knobs: {name: inspect.Parameter} of the function's own knobs, then the shared ones.
        presets: {preset: {knob: value}}.

    Raises:
        InputError: a preset names a knob that is not there.
    """

    def __init__(
        self,
        name,
        course,
        documentation,
        own_knobs,
        quick,
        full,
        targets,
        batch_size=64,
        limit=None,
        image_figure=None,
        image_model=None,
    ):
        self.name, self.course, self.documentation = name, course, documentation
        self.targets, self.image_figure, self.image_model = targets, image_figure, image_model
        self.own_knobs = own_knobs
        self.knobs = own_knobs | shared_knobs(batch_size, limit)
        self.presets = {"quick": quick, "default": {}, "full": full}
        for preset, values in self.presets.items():
            self.check_names(values, f"preset {preset}")

    @property
    def one_liner(self):
        """The lesson's point: the first line of its module's docstring."""
        return self.documentation.one_liner

    @property
    def command(self):
        """How the lesson is run: "python -m sprints.day3.denoise"."""
        return f"python -m {self.course}.{self.name}"

    def defaults(self, preset):
        """The value of every knob under a preset.

        Raises:
            InputError: there is no such preset.
        """
        if preset not in PRESETS:
            raise InputError(f"unknown preset {preset!r}; choose one of: {', '.join(PRESETS)}")
        return {name: knob.default for name, knob in self.knobs.items()} | self.presets[preset]

    def targets_of(self, arguments):
        """The targets that hold for these knob values: {metric: Target}."""
        targets = self.targets.get(arguments.get("dataset"), {})
        return {
            metric: target if isinstance(target, Target) else at_least(target)
            for metric, target in targets.items()
        }

    def check_names(self, values, where):
        """Refuse values of knobs that the lesson does not have.

        Raises:
            InputError: a name in `values` is no knob.
        """
        unknown = set(values) - set(self.knobs)
        if unknown:
            raise InputError(
                f"{where} has no argument {', '.join(sorted(unknown))}; it has {', '.join(self.knobs)}"
            )

    def check_numbers(self, values):
        """Refuse numbers, alone or in a tuple, that lie outside the range of a knob that takes a float; see
        `documentation`. It is said before anything is loaded or trained.

        Raises:
            InputError: a number in `values`, {knob: value}, is outside of its range.
        """
        for name, value in values.items():
            kind = self.knobs[name].annotation if name in self.knobs else None
            if float in (kind, *typing.get_args(kind)):
                allowed = range_of(self.documentation.knobs.get(name, ""))
                for number in value if isinstance(value, tuple | list) else (value,):
                    if number is not None and number not in allowed:
                        raise InputError(f"{name} must be {allowed.words}, received {value}")


def shared_knobs(batch_size=64, limit=None):
    """{name: inspect.Parameter} of the knobs that every lesson has.

    Args:
        batch_size: its default; None leaves the knob out.
        limit: its default.
    """
    defaults = {"limit": limit, "file": None, "batch_size": batch_size}
    return {
        name: inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=defaults[name], annotation=annotation
        )
        for name, (annotation, _) in SHARED_KNOBS.items()
        if name != "batch_size" or batch_size is not None
    }
