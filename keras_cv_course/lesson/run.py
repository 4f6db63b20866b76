"""One run of a lesson: its results are kept, and become visible only when the run is complete."""

import contextlib
import csv
import inspect
import json
import math
import shutil
import time
import warnings

import keras
import numpy as np
from PIL import Image

import keras_cv_course.gradient_order  # noqa: F401
from keras_cv_course.errors import InputError
from keras_cv_course.lesson.batches import batches
from keras_cv_course.lesson.card import model_card
from keras_cv_course.lesson.export import export
from keras_cv_course.lesson.machine import device, versions
from keras_cv_course.lesson.publish import locked, publish, recover, write_json, write_text
from keras_cv_course.lesson.record import Record
from keras_cv_course.lesson.report import closing_table

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
# Small networks spend more time between steps than in them. PyTorch admits 1 only, and the few steps of `quick` take
# less time than compiling ten into one.
STEPS_PER_EXECUTION = 10

HELD = {}  # the locks of this process' runs, by output folder

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
    ):
        if precision not in PRECISIONS:
            raise InputError(f"unknown precision {precision!r}; choose one of: {', '.join(PRECISIONS)}")
        if not 0 <= seed < 2**32:
            raise InputError(f"seed must be between 0 and 2^32 - 1, got {seed}")
        if output.resolve() == saved_models.resolve():
            raise InputError(f"results and saved models both go to {output}: name two folders")
        self.lesson, self.arguments, self.preset, self.seed = lesson, arguments, preset, seed
        self.precision, self.tensorboard, self.notebook = precision, tensorboard, notebook
        self.limit, self.file, self.batch_size = map(arguments.get, ("limit", "file", "batch_size"))
        self.own_arguments = {name: arguments[name] for name in lesson.own_knobs}
        self.rng = np.random.default_rng(seed)
        one = preset == "quick" or keras.backend.backend() == "torch"
        self.compile_options = {"steps_per_execution": 1 if one else STEPS_PER_EXECUTION}
        self.values, self.baselines, self.published, self.figures, self.saved = {}, [], [], {}, None
        self.folder, self.saved_folder = output / lesson.name, saved_models / lesson.name
        self.work, self.staged = (
            folder.with_name(f"{folder.name}.partial") for folder in (self.folder, self.saved_folder)
        )
        self.trainings, self.clock = [], [0]
        self.stand_in = stand_in
        self.began = time.monotonic()
        if notebook:
            warnings.filterwarnings("ignore", message=SHUFFLE_ADVICE)
        self._hold()
        try:
            self._open(resume)
        except BaseException:
            self._release()
            raise
        self.policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy(precision)
        keras.utils.set_random_seed(seed)

    def _hold(self):
        """Lock the two folders against other processes, until the run ends.

        A notebook's cell that starts anew takes the place of the run that it has started before.
        """
        said = "a run of {} is going on in {}; wait for it, or use another {}"
        HELD.pop(self.folder.resolve(), contextlib.ExitStack()).close()
        self.holds = contextlib.ExitStack()
        for folder, option in ((self.folder, "--output"), (self.saved_folder, "--saved-models")):
            words = said.format(self.lesson.name, folder.parent, option)
            self.holds.enter_context(locked(folder.with_name(f".{folder.name}.lock"), words))
        HELD[self.folder.resolve()] = self.holds

    def _release(self):
        self.holds.close()
        HELD.pop(self.folder.resolve(), None)

    def _open(self, resume):
        """Make the work folder, or take up the one of an interrupted run."""
        asked = json.loads(json.dumps(self.identity(), default=str))
        noted = self.work / "run.json"
        for folder in (self.folder, self.saved_folder):
            recover(folder)
        if resume and noted.exists():
            before = json.loads(noted.read_text(encoding="utf-8"))
            different = [key for key in asked if asked[key] != before.get(key)]
            if different:
                changes = ", ".join(f"{key} was {before.get(key)} and is {asked[key]}" for key in different)
                raise InputError(f"the interrupted run in {self.work} had other arguments: {changes}")
        elif resume:
            raise InputError(f"there is no interrupted run in {self.work} to resume; leave --resume out")
        else:
            shutil.rmtree(self.work, ignore_errors=True)
        shutil.rmtree(self.staged, ignore_errors=True)
        self.work.mkdir(parents=True, exist_ok=True)
        self.staged.mkdir(parents=True)
        write_json(noted, asked)

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
            *arrays: equally long arrays, such as inputs and targets.
            batch_size: rows a batch; None is the knob.
            steps: batches an epoch; None: each row once.
        """
        # One clock a data set: each training has epochs of its own.
        self.clock = [0]
        size = self.batch_size if batch_size is None else batch_size
        return batches(arrays, size, self.seed, self.clock, steps)

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
        if not self.tensorboard:
            return [record]
        return [record, keras.callbacks.TensorBoard(self.work / "tensorboard" / name)]

    def history(self, name="model"):
        """The training log of one `fit`: {metric: its value after each epoch}, also after a resume."""
        with open(self.work / f"training.{name}.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return {key: [float(row[key]) for row in rows] for key in rows[0] if key != "epoch"}

    def show(self, model):
        """Print a model's layers; a notebook also shows the source of its class.

        Args:
            model: a built `keras.Model`.

        Returns:
            The model.
        """
        model.summary(expand_nested=True)
        if self.notebook and not type(model).__module__.startswith("keras."):
            from IPython import display

            source = inspect.getsource(type(model))
            words = f"The class `{type(model).__name__}`, from `{type(model).__module__}`"
            display.display(
                display.Markdown(
                    f"<details><summary>{words}</summary>\n\n```python\n{source}```\n\n</details>"
                )
            )
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
                raise InputError(f"the metric {name} is {value}: {self._why_not_finite()}")
            self.values[name] = value

    def _why_not_finite(self):
        for training in self.trainings:
            if not (self.work / f"training.{training}.csv").exists():
                continue
            for key, values in self.history(training).items():
                wrong = [epoch for epoch, value in enumerate(values, 1) if not math.isfinite(value)]
                if wrong:
                    return (
                        f"the training {training!r} diverged, its {key} is {values[wrong[0] - 1]} in epoch "
                        f"{wrong[0]}; try a smaller learning rate"
                    )
        return (
            "all training logs are finite, so it is the data that it cannot be measured on: a part without "
            "objects, masks of void alone, a single class, or constant images; look at the test part"
        )

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
        """Keep images of one size as `<name>.gif`, which plays them again and again.

        Args:
            name: of the file.
            images: (H, W) or (H, W, 3) uint8 arrays, two or more, in the order of time.
            alt: what it shows, in words, for those who cannot see it.
            seconds: that one turn takes; the last image stays for a second more.

        Raises:
            InputError: there is no second image, or they are not of one size and uint8.
        """
        forms = {(image.shape, str(image.dtype)) for image in images}
        if len(images) < 2 or len(forms) != 1 or next(iter(forms))[1] != "uint8":
            raise InputError(f"an animation needs two or more uint8 images of one size, got {forms}")
        first, *others = (Image.fromarray(image) for image in images)
        each = max(20, round(1000 * seconds / len(images)))
        pauses = [*(each for _ in others), each + 1000]
        path = self.work / f"{name}.gif"
        first.save(path, save_all=True, append_images=others, duration=pauses, loop=0, comment=alt.encode())
        self._show(path, alt)

    def _show(self, path, alt):
        self.figures[path.name] = alt
        if self.notebook:
            from IPython import display

            display.display(display.Image(filename=path, alt=alt))

    def save(self, model, signature, note="", endpoints=None):
        """Keep the trained model as `model.keras` and as `serve/`, a SavedModel that needs TensorFlow only.

        Args:
            model: a built `keras.Model`.
            signature: shape of the exported input, such as (None, None, None, 1); None is free.
            note: a sentence for the model card: what goes in, what comes out.
            endpoints: more that `serve/` answers: name -> (function of one float32 tensor, its shape).
        """
        served = export(model, self.staged, signature, endpoints)
        self.saved = {
            "model": model,
            "signature": signature,
            "note": note,
            "served": served,
            "endpoints": endpoints or {},
        }

    def finish(self):
        """Write the metrics and the model card, let everything be seen, and print the closing table."""
        keras.config.set_dtype_policy(self.policy)
        targets = self.lesson.targets_of(self.arguments) if self.preset != "quick" else {}
        self.result = {
            **self.identity(),
            "metrics": self.values,
            "targets": {name: str(target) for name, target in targets.items()},
            "reached": {
                name: target.reached(self.values[name])
                for name, target in targets.items()
                if name in self.values
            },
            "baselines": self.baselines,
            "published": self.published,
            "figures": self.figures,
            "seconds": round(time.monotonic() - (self.lesson.process_began or self.began), 1),
            "seconds_of_work": round(time.monotonic() - self.began, 1),
            "versions": versions(),
            "backend": keras.backend.backend(),
            "device": device(),
            "date": time.strftime("%Y-%m-%d %H:%M:%S"),
        }
        write_json(self.work / "metrics.json", json.loads(json.dumps(self.result, default=str)))
        if self.saved:
            write_text(self.staged / "README.md", model_card(self))
            publish(self.staged, self.saved_folder, last=("README.md",))
        else:
            self.staged.rmdir()
        shutil.rmtree(self.work / "checkpoints", ignore_errors=True)
        (self.work / "run.json").unlink()
        publish(self.work, self.folder, last=("metrics.json",))
        self._release()
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
            shutil.rmtree(self.staged, ignore_errors=True)
            own = self.stand_in and issubclass(kind, (Exception, SystemExit))
            if own or issubclass(kind, InputError):
                shutil.rmtree(self.work, ignore_errors=True)
            if own:
                raise self.stand_in.complaint(error) from error
        finally:
            self._release()
