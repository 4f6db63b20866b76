"""A training's log and its state: written by a Keras callback, so that a killed run can go on, and read again."""

import csv
import io
import math
import os
import sys
import time

import keras
import numpy as np

SECONDS_BETWEEN_CHECKPOINTS = 2


class Record(keras.callbacks.Callback):
    """Writes `training.<name>.csv` after every epoch and, every other second, a checkpoint.

    When a checkpoint is found at the start of `fit`, the weights, the optimizer and the seeds of the
    random layers go back to it and training goes on with the epoch after it; a training that had
    reached its end is not repeated.

    Args:
        folder: the run's work folder.
        name: the training's name.
        clock: a list of one number, which is kept at the current epoch.
        announcement: a line to print before the training, or "".
    """

    def __init__(self, folder, name, clock, announcement=""):
        super().__init__()
        self.announcement = announcement
        self.checkpoints = folder / "checkpoints"
        self.log = log_file(folder, name)
        self.name, self.clock = name, clock
        self.rows = []
        self.saved = time.monotonic()

    def set_params(self, params):
        # All callbacks share this dictionary, and Keras' own progress bar comes after this one: where nobody
        # looks on, one line an epoch (2) takes the place of a bar that is drawn again at every step (1).
        if not (sys.stdout.isatty() or "ipykernel" in sys.modules) and params.get("verbose"):
            params["verbose"] = 2
        super().set_params(params)

    def on_train_begin(self, logs=None):
        if self.announcement:
            print(self.announcement, flush=True)
        self.checkpoints.mkdir(exist_ok=True)
        self.model.optimizer.build(self.model.trainable_variables)
        found = sorted(self.checkpoints.glob(f"{self.name}.epoch-*.npz"))
        if not found:
            return
        with np.load(found[-1]) as state:
            for variable, value in zip(self.state(), state.values(), strict=True):
                variable.assign(value)
        done = int(found[-1].stem.removeprefix(f"{self.name}.epoch-"))
        # As keras.callbacks.BackupAndRestore does: `fit` starts with this epoch.
        self.model._initial_epoch = done
        with open(self.log, newline="", encoding="utf-8") as file:
            self.rows = list(csv.DictReader(file))[:done]

    def on_epoch_begin(self, epoch, logs=None):
        self.clock[0] = epoch

    def on_epoch_end(self, epoch, logs=None):
        self.rows.append({"epoch": epoch, **(logs or {})})
        partial = self.log.with_suffix(".partial")
        with open(partial, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, self.rows[0].keys())
            writer.writeheader()
            writer.writerows(self.rows)
        os.replace(partial, self.log)
        last = epoch + 1 == self.params["epochs"]
        if last or time.monotonic() - self.saved > SECONDS_BETWEEN_CHECKPOINTS:
            self.checkpoint(epoch + 1)

    def state(self):
        """All that the next step depends on: weights, seeds of random layers, the optimizer's moments."""
        return [*self.model.variables, *self.model.optimizer.variables]

    def checkpoint(self, done):
        """Keep the state after `done` epochs in place of the one before."""
        before = list(self.checkpoints.glob(f"{self.name}.epoch-*.npz"))
        content = io.BytesIO()
        np.savez(content, *(keras.ops.convert_to_numpy(variable) for variable in self.state()))
        partial = self.checkpoints / f"partial.{self.name}"
        partial.write_bytes(content.getvalue())
        os.replace(partial, self.checkpoints / f"{self.name}.epoch-{done:06d}.npz")
        for path in before:
            path.unlink()
        self.saved = time.monotonic()


def log_file(folder, name):
    """The path of a training's log."""
    return folder / f"training.{name}.csv"


def training_log(folder, name):
    """What a training has logged: {metric: its value after each epoch}."""
    with open(log_file(folder, name), newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {key: [float(row[key]) for row in rows] for key in rows[0] if key != "epoch"}


def first_divergence(folder, names):
    """A sentence on the first of these trainings whose log holds a number that is not finite; "" where none does."""
    for name in names:
        if not log_file(folder, name).exists():
            continue
        for key, values in training_log(folder, name).items():
            for epoch, value in enumerate(values, 1):
                if not math.isfinite(value):
                    return (
                        f"the training {name!r} diverged, its {key} is {value} in epoch {epoch}; "
                        "try a smaller learning rate"
                    )
    return ""
