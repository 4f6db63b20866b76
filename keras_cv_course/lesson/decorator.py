"""`@lesson(...)`: make a lesson of a function; it can be called from a program and run from a command
line."""

import inspect
import sys
from pathlib import Path

from keras_cv_course.lesson.definition import Definition
from keras_cv_course.lesson.documentation import Documentation


def lesson(quick, full, targets, batch_size=64, limit=None, image_figure=None, image_model=None):
    """Make a lesson of a function `f(run, knob=default, ...)`.

    The function's own defaults are the preset `default`. See `Definition` for the arguments.
    """
    return lambda function: Lesson(
        function, quick, full, targets, batch_size, limit, image_figure, image_model
    )


class Lesson(Definition):
    """A lesson that runs.

    Calling it takes the knobs by name and the options of `start`; it returns the finished `Run`, whose
    `values` are the metrics.

    Args:
        function: the lesson's function; its docstring describes every knob and every metric, the docstring of
            its module says what the lesson is about. The rest is as in `Definition`.
    """

    def __init__(
        self, function, quick, full, targets, batch_size=64, limit=None, image_figure=None, image_model=None
    ):
        self.function = function
        course, name = _course_and_name(function)
        documentation = Documentation(sys.modules[function.__module__].__doc__, function.__doc__)
        own_knobs = {
            knob: parameter
            for knob, parameter in inspect.signature(function).parameters.items()
            if knob != "run"
        }
        super().__init__(
            name, course, documentation, own_knobs, quick, full, targets, batch_size, limit, image_figure,
            image_model,
        )  # fmt: skip
        self.process_began = None  # set where a process runs this one lesson: its start-up counts

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
            self.function(run, **run.own_arguments)
        return run

    def start(
        self,
        preset="default",
        seed=0,
        output="runs",
        saved_models="saved_models",
        resume=False,
        precision="float32",
        tensorboard=False,
        stand_in=None,
        notebook=False,
        devices=None,
        **knobs,
    ):
        """The `Run` that the lesson's steps report to; a notebook calls this, the steps, then `finish`.

        Args:
            preset: "quick", "default" or "full": the values of all knobs that are not given.
            seed: seed of the weights, the shuffles and the noise.
            output: results go to `<output>/<lesson>/`.
            saved_models: the trained model goes to `<saved_models>/<lesson>/`.
            resume: go on with an interrupted run of the same arguments.
            precision: Keras' dtype policy: float32, mixed_bfloat16 or mixed_float16.
            tensorboard: also write TensorBoard's logs.
            stand_in: definitions to run in place of the library's, such as the classroom's `Mine`.
            notebook: show figures and the closing table in the notebook that calls.
            devices: on how many devices each batch is divided; None for all that the backend sees.
            **knobs: the lesson's own arguments and the shared ones.
        """
        from keras_cv_course.lesson.run import Run

        self.check_names(knobs, self.name)
        self.check_numbers(knobs)
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
            stand_in=stand_in,
            notebook=notebook,
            devices=devices,
        )

    def main(self, arguments=None):
        """The command line: `python -m sprints.day3.denoise --help` shows it."""
        from keras_cv_course.lesson.command_line import main

        main(self, arguments)


def _course_and_name(function):
    """("sprints", "day3.denoise") for sprints/day3/denoise.py, run as a module, a script or imported."""
    module = sys.modules[function.__module__]
    if function.__module__ != "__main__":
        parts = function.__module__.split(".")
    elif module.__spec__ is not None:
        parts = module.__spec__.name.split(".")
    else:
        parts = Path(inspect.getfile(function)).resolve().with_suffix("").parts
    return (parts[-3] if len(parts) > 2 else ""), ".".join(parts[-2:])
