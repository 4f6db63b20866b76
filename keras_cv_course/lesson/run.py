"""One run of a lesson: its results are kept, and become visible only when the run is complete."""

import contextlib
import importlib.util
import json
import math
import time
import warnings

import keras
import numpy as np

import keras_cv_course.gradient_order  # noqa: F401
from keras_cv_course.data.mapped_images import MappedImages
from keras_cv_course.errors import InputError
from keras_cv_course.lesson.batches import batches
from keras_cv_course.lesson.devices.choice import replicas
from keras_cv_course.lesson.devices.processes import own_folders
from keras_cv_course.lesson.export import export
from keras_cv_course.lesson.mapped_batches import mapped_batches
from keras_cv_course.lesson.notebook_view import show_class, show_image
from keras_cv_course.lesson.publish import write_json, write_text
from keras_cv_course.lesson.record import Record, first_divergence, training_log
from keras_cv_course.lesson.results.model_card import model_card
from keras_cv_course.lesson.results.report import closing_table, result
from keras_cv_course.lesson.results.run_folders import RunFolders
from keras_cv_course.plot.animation import save_animation

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
# Small networks spend more time between steps than in them. PyTorch admits 1 only, and the few steps of `quick` take
# less time than compiling ten into one.
STEPS_PER_EXECUTION = 10

UNMEASURABLE = (
    "all training logs are finite, so it is the data that it cannot be measured on: a part without objects, masks of "
    "void alone, a single class, or constant images; look at the test part"
)

# `batches` shuffles; Keras' advice to do so is not news.
SHUFFLE_ADVICE = "`shuffle=True` was passed"


class Run:
    """Keeps a lesson's figures, metrics, training logs and trained model.

    Everything is written to `<output>/<lesson>.partial/` and moves to `<output>/<lesson>/` when the
    lesson is done, so that a run that is killed leaves the last good results alone and can be resumed.

    Attributes:
        seed: the run's seed; Keras, NumPy and Python are already seeded with it.
        rng: a `numpy.random.Generator` of that seed.
        limit, file, batch_size: the knobs that every lesson has.
        compile_options: for `compile`: how many training steps run at once.
        arguments: the value of every knob.
        values: the metrics so far, by name.
        folder: where the results are when the run is done.
    """

    def __init__(
        self,
        lesson,
        arguments,
        preset,
        seed,
        output,
        saved_models,
        resume,
        precision,
        tensorboard,
        stand_in,
        notebook,
        devices=None,
    ):
        if precision not in PRECISIONS:
            raise InputError(f"unknown precision {precision!r}; choose one of: {', '.join(PRECISIONS)}")
        if not 0 <= seed < 2**32:
            raise InputError(f"seed must be between 0 and 2^32 - 1, got {seed}")
        if tensorboard and importlib.util.find_spec("tensorflow") is None:
            raise InputError(
                "--tensorboard needs TensorFlow, which is not installed: leave it out; every run keeps its training "
                "logs as CSV files"
            )
        self.lesson, self.arguments, self.preset, self.seed = lesson, arguments, preset, seed
        self.precision, self.tensorboard, self.notebook = precision, tensorboard, notebook
        self.limit, self.file, self.batch_size = map(arguments.get, ("limit", "file", "batch_size"))
        self.own_arguments = {name: arguments[name] for name in lesson.own_knobs}
        self.rng = np.random.default_rng(seed)
        self.replicas = replicas(devices)
        one = preset == "quick" or keras.backend.backend() == "torch"
        one |= bool(self.replicas) and not self.replicas.several_steps
        self.compile_options = {"steps_per_execution": 1 if one else STEPS_PER_EXECUTION}
        self.values, self.baselines, self.published, self.figures, self.saved = {}, [], [], {}, None
        self.closing = contextlib.ExitStack()  # what the end of the run, good or bad, closes
        self.folders = RunFolders(
            lesson.name, *self.closing.enter_context(own_folders(output, saved_models, lesson.name, resume))
        )
        self.folder, self.saved_folder = self.folders.results, self.folders.models
        self.work, self.staged = self.folders.work, self.folders.staged
        self.trainings, self.clock = [], [0]
        self.stand_in = stand_in
        self.began = time.monotonic()
        if notebook:
            warnings.filterwarnings("ignore", message=SHUFFLE_ADVICE)
        self.folders.open(self.identity(), resume)
        self.policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy(precision)
        keras.utils.set_random_seed(seed)
        if self.replicas:
            self.replicas.enter()
            self.closing.callback(self.replicas.leave)

    def identity(self):
        """What makes two runs the same run."""
        return {
            "lesson": self.lesson.name,
            "preset": self.preset,
            "seed": self.seed,
            "precision": self.precision,
            **({"stand_in": self.stand_in.identity()} if self.stand_in else {}),
            **self.arguments,
        }

    def batches(self, *arrays, batch_size=None, steps=None):
        """A data set of batches of the arrays' rows for `fit`, in a new order every epoch; see `batches`.

        Args:
            *arrays: equally long arrays, such as inputs and targets, in memory or on disk.
            batch_size: rows a batch; None is the knob.
            steps: batches an epoch; None: each row once.
        """
        # One clock a data set: each training has epochs of its own.
        self.clock = [0]
        size = self.batch_size if batch_size is None else batch_size
        on_disk = any(isinstance(array, MappedImages) for array in arrays)
        made = mapped_batches if on_disk else batches
        if self.replicas:
            return self.replicas.batches(made, arrays, size, self.seed, self.clock, steps)
        return made(arrays, size, self.seed, self.clock, steps)

    def callbacks(self, name="model", of=1):
        """The callbacks of one `fit`: training log, checkpoints for `--resume`, and TensorBoard if asked for.

        Args:
            name: tells several trainings of one lesson apart.
            of: how many trainings the lesson has; each of several announces itself by name and number.
        """
        if name in self.trainings:
            raise InputError(f"this run already has a training named {name!r}; name each one differently")
        self.trainings.append(name)
        announcement = f"training {len(self.trainings)} of {of}: {name}" if of > 1 else ""
        record = Record(self.work, name, self.clock, announcement)
        together = self.replicas.callbacks() if self.replicas else []
        if not self.tensorboard:
            return [*together, record]
        return [*together, record, keras.callbacks.TensorBoard(self.work / "tensorboard" / name)]

    def history(self, name="model"):
        """The training log of one `fit`: {metric: its value after each epoch}, also after a resume."""
        return training_log(self.work, name)

    def show(self, model):
        """Print a model's layers; a notebook also shows the source of its class.

        Args:
            model: a built `keras.Model`.

        Returns:
            The model.
        """
        model.summary(expand_nested=True)
        if self.notebook:
            show_class(model)
        return model

    def metrics(self, **values):
        """Keep metrics: finite numbers by name, each described in the lesson's docstring.

        Raises:
            InputError: one is NaN or infinite; the training logs tell a training that diverged from data that
                the metric cannot be measured on.
        """
        for name, value in values.items():
            value = float(value)
            if not math.isfinite(value):
                cause = first_divergence(self.work, self.trainings) or UNMEASURABLE
                raise InputError(f"the metric {name} is {value}: {cause}")
            self.values[name] = value

    def baseline(self, metric, name, value):
        """Note what another method reaches on one of the metrics, on the same data."""
        self.baselines.append({"metric": metric, "name": name, "value": float(value)})

    def paper(self, metric, name, value):
        """Note what a paper or a public model reports for one of the metrics."""
        self.published.append({"metric": metric, "name": name, "value": float(value)})

    def compare(self, metric, truth, estimates, ours):
        """Measure several methods in the same way: ours is kept as the metric, the others as its baselines.

        Args:
            metric: function (truth, estimate) -> number; its name is the metric's.
            truth: what the estimates are compared with.
            estimates: {method: its estimate}.
            ours: which of them is the lesson's own.

        Returns:
            {method: number}.
        """
        values = {name: float(metric(truth, estimate)) for name, estimate in estimates.items()}
        self.metrics(**{metric.__name__: values[ours]})
        for name, value in values.items():
            if name != ours:
                self.baseline(metric.__name__, name, value)
        return values

    def figure(self, name, figure, alt):
        """Keep a matplotlib figure as `<name>.png`.

        Args:
            name: of the file.
            figure: a matplotlib `Figure`.
            alt: what it shows, in words, for those who cannot see it.
        """
        path = self.work / f"{name}.png"
        figure.savefig(path, dpi=120, metadata={"Description": alt})
        self._show(path, alt)

    def animation(self, name, images, alt, seconds=8):
        """Keep images of one size as `<name>.gif`, which plays them again and again; see `save_animation`."""
        path = self.work / f"{name}.gif"
        save_animation(path, images, alt, seconds)
        self._show(path, alt)

    def _show(self, path, alt):
        self.figures[path.name] = alt
        if self.notebook:
            show_image(path, alt)

    def save(self, model, signature, note="", endpoints=None):
        """Keep the trained model as `model.keras` and as `serve/`, a SavedModel that needs TensorFlow only.

        Args:
            model: a built `keras.Model`.
            signature: shape of the exported input, such as (None, None, None, 1); None is free.
            note: a sentence for the model card: what goes in, what comes out.
            endpoints: more that `serve/` answers: name -> (function of one float32 tensor, its shape).
        """
        served = export(model, self.staged, signature, endpoints)
        kept = {"signature": signature, "note": note, "served": served, "endpoints": endpoints or {}}
        self.saved = {"model": model, **kept}

    def finish(self):
        """Write the metrics and the model card, let everything be seen, and print the closing table."""
        keras.config.set_dtype_policy(self.policy)
        self.result = result(self)
        write_json(self.work / "metrics.json", json.loads(json.dumps(self.result, default=str)))
        if self.saved:
            write_text(self.staged / "README.md", model_card(self))
        self.folders.publish(with_model=bool(self.saved))
        self.folders.release()
        self.closing.close()
        closing_table(self)

    def __enter__(self):
        self.quiet = warnings.catch_warnings()
        self.quiet.__enter__()
        if self.stand_in:
            self.stand_in.put_into(self.lesson.function)
        warnings.filterwarnings("ignore", message=SHUFFLE_ADVICE)
        return self

    def __exit__(self, kind, error, traceback):
        self.quiet.__exit__(kind, error, traceback)
        keras.config.set_dtype_policy(self.policy)
        if self.stand_in:
            self.stand_in.take_out_of(self.lesson.function)
        try:
            if kind is None:
                self.finish()
                return
            own = self.stand_in and issubclass(kind, (Exception, SystemExit))
            self.folders.discard(keep_for_resume=not (own or issubclass(kind, InputError)))
            if own:
                raise self.stand_in.complaint(error) from error
        finally:
            self.folders.release()
            self.closing.close()
