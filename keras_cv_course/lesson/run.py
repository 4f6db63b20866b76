"""One run of a lesson: what it is told is kept, and becomes visible only when the run is complete."""

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
from keras_cv_course.classroom.student.mine import Mine
from keras_cv_course.errors import InputError
from keras_cv_course.lesson.card import model_card
from keras_cv_course.lesson.export import export
from keras_cv_course.lesson.machine import device, versions
from keras_cv_course.lesson.publish import publish, recover, write_json, write_text
from keras_cv_course.lesson.record import Record
from keras_cv_course.lesson.report import closing_table

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")

# `batches` shuffles; Keras' advice to do so is not news.
SHUFFLE_ADVICE = "`shuffle=True` was passed"


class Run:
    """Keeps a lesson's figures, metrics, training logs and trained model.

    Everything is written to `<output>/<lesson>.partial/` and moves to `<output>/<lesson>/` when the
    lesson is done, so that a run that is killed leaves the last good results alone and can be resumed.

    Attributes:
        seed: the run's seed; Keras, NumPy and Python are already seeded with it.
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
        mine,
        notebook,
    ):
        if precision not in PRECISIONS:
            raise InputError(f"unknown precision {precision!r}; choose one of: {', '.join(PRECISIONS)}")
        if not 0 <= seed < 2**32:
            raise InputError(f"seed must be between 0 and 2^32 - 1, got {seed}")
        self.lesson, self.arguments, self.preset, self.seed = lesson, arguments, preset, seed
        self.precision, self.tensorboard, self.notebook = precision, tensorboard, notebook
        self.values, self.peers, self.figures, self.saved = {}, [], [], None
        self.folder, self.saved_folder = output / lesson.name, saved_models / lesson.name
        self.work, self.staged = (
            folder.with_name(f"{folder.name}.partial") for folder in (self.folder, self.saved_folder)
        )
        self.epochs = {}
        self.mine = Mine(inspect.getfile(lesson.function), lesson.name, mine) if mine else None
        self.began = time.monotonic()
        if notebook:
            warnings.filterwarnings("ignore", message=SHUFFLE_ADVICE)
        self._open(resume)
        self.policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy(precision)
        keras.utils.set_random_seed(seed)

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
            **({"mine": self.mine.identity()} if self.mine else {}),
            **self.arguments,
        }

    def batches(self, *arrays, batch_size=64, steps=None):
        """A `tf.data.Dataset` of batches of the arrays' rows, in a new order every epoch.

        The order depends on the seed and the epoch alone, so a resumed run sees the batches that it
        would have seen. (With a seed set, Keras 3.15's own shuffling of arrays on TensorFlow repeats
        one order in every epoch.)

        Args:
            *arrays: equally long arrays, such as inputs and targets.
            batch_size: rows a batch; the last batch may be smaller.
            steps: batches an epoch, all whole: few rows come again and again, in a new order each time,
                and of many rows some wait for another epoch. Starting an epoch takes as long as many steps
                of a small network. None: each row once.
        """
        import tensorflow as tf

        if batch_size < 1:
            raise InputError(f"batch_size must be at least 1, got {batch_size}")
        if steps is not None and steps < 1:
            raise InputError(f"an epoch has 1 step or more, got {steps}")
        count = len(arrays[0])
        total = count if steps is None else steps * batch_size
        clock = self.clock = [0]

        def order():
            rng = np.random.default_rng((self.seed, clock[0]))
            yield np.concatenate([rng.permutation(count) for _ in range(math.ceil(total / count))])[:total]

        def cut(rows):
            starts = tf.data.Dataset.range(0, total, batch_size)
            return starts.map(lambda start: rows[start : start + batch_size])

        rows = tf.data.Dataset.from_generator(order, output_signature=tf.TensorSpec((total,), tf.int64))
        rows = rows.flat_map(cut).apply(
            tf.data.experimental.assert_cardinality(math.ceil(total / batch_size))
        )
        with tf.device("CPU"):
            tensors = [tf.constant(array) for array in arrays]
        return rows.map(lambda index: tuple(tf.gather(tensor, index) for tensor in tensors)).prefetch(2)

    def callbacks(self, name="model"):
        """The callbacks of one `fit`: training log, checkpoints for `--resume`, and TensorBoard if asked for.

        Args:
            name: tells several trainings of one lesson apart.
        """
        if name in self.epochs:
            raise InputError(f"this run already has a training named {name!r}; name each one differently")
        record = Record(self.work, name, clock=getattr(self, "clock", [0]))
        self.epochs[name] = record
        if not self.tensorboard:
            return [record]
        return [record, keras.callbacks.TensorBoard(self.work / "tensorboard" / name)]

    def history(self, name="model"):
        """The training log of one `fit`: {metric: its value after each epoch}, also after a resume."""
        with open(self.work / f"training.{name}.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return {key: [float(row[key]) for row in rows] for key in rows[0] if key != "epoch"}

    def metrics(self, **values):
        """Keep figures of merit: finite numbers by name."""
        for name, value in values.items():
            value = float(value)
            if not math.isfinite(value):
                raise InputError(
                    f"the metric {name} is {value}; the training diverged: try a smaller learning rate"
                )
            self.values[name] = value

    def peer(self, metric, name, value):
        """Note what a ready-made method or a paper reaches on one of the metrics."""
        self.peers.append({"metric": metric, "name": name, "value": float(value)})

    def figure(self, name, figure):
        """Keep a matplotlib figure as `<name>.png`."""
        path = self.work / f"{name}.png"
        figure.savefig(path, dpi=120)
        self._show(path)

    def animation(self, name, pictures, seconds=8):
        """Keep pictures of one size as `<name>.gif`, which plays them again and again.

        Args:
            name: of the file.
            pictures: (H, W) or (H, W, 3) uint8 arrays, two or more, in the order of time.
            seconds: that one turn takes; the last picture stays for a second more.

        Raises:
            InputError: there is no second picture, or they are not of one size and uint8.
        """
        forms = {(picture.shape, str(picture.dtype)) for picture in pictures}
        if len(pictures) < 2 or len(forms) != 1 or next(iter(forms))[1] != "uint8":
            raise InputError(f"an animation needs two or more uint8 pictures of one size, got {forms}")
        first, *others = (Image.fromarray(picture) for picture in pictures)
        each = max(20, round(1000 * seconds / len(pictures)))
        pauses = [*(each for _ in others), each + 1000]
        path = self.work / f"{name}.gif"
        first.save(path, save_all=True, append_images=others, duration=pauses, loop=0)
        self._show(path)

    def _show(self, path):
        self.figures.append(path.name)
        if self.notebook:
            from IPython import display

            display.display(display.Image(filename=path))

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
        bars = self.lesson.bars(self.arguments) if self.preset != "quick" else {}
        self.result = {
            **self.identity(),
            "metrics": self.values,
            "expected": {name: str(bar) for name, bar in bars.items()},
            "reached": {
                name: bar.reached(self.values[name]) for name, bar in bars.items() if name in self.values
            },
            "peers": self.peers,
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
        closing_table(self)

    def __enter__(self):
        self.quiet = warnings.catch_warnings()
        self.quiet.__enter__()
        if self.mine:
            self.mine.put_into(self.lesson.function)
        warnings.filterwarnings("ignore", message=SHUFFLE_ADVICE)
        return self

    def __exit__(self, kind, error, traceback):
        self.quiet.__exit__(kind, error, traceback)
        keras.config.set_dtype_policy(self.policy)
        if self.mine:
            self.mine.take_out_of(self.lesson.function)
        if kind is None:
            self.finish()
            return
        shutil.rmtree(self.staged, ignore_errors=True)
        if self.mine and issubclass(kind, (Exception, SystemExit)):
            shutil.rmtree(self.work, ignore_errors=True)
            raise self.mine.complaint(error) from error
        if issubclass(kind, InputError):
            shutil.rmtree(self.work, ignore_errors=True)
