"""A callback that warns when one network of a GAN has overpowered the other.

Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014, section 4: at the optimum, where generated images
are distributed as real ones, the best discriminator gives 1/2 to each: its loss is 2 ln 2 = 1.386 and the
generator's ln 2 = 0.693. In practice the discriminator stays somewhat ahead throughout.
"""

import math

import keras
import numpy as np

from keras_cv_course.errors import InputError

# Losses with cross-entropy: where all logits are 0, and ranges in which our trainings go well.
AT_CHANCE = {"discriminator_loss": 2 * math.log(2), "generator_loss": math.log(2)}
HEALTHY = {"discriminator_loss": (0.2, 1.6), "generator_loss": (0.4, 4.0)}

DISCRIMINATOR_AHEAD = (
    "the discriminator rejects nearly all generated images, and the generator may learn little from it. Usual "
    "causes: too high a learning rate; a discriminator too large for the generator; no label smoothing; so few "
    "images that it has memorised them; generated images that differ in something trivial, such as their range; "
    "real and generated images in one batch of its batch normalisation"
)
GENERATOR_AHEAD = (
    "the discriminator does no better than guessing. Usual causes: too high a learning rate; a discriminator too "
    "small for the generator, or without gradient; exchanged labels; a mode collapse that goes unnoticed: check "
    "whether all samples are alike"
)


class GANMonitor(keras.callbacks.Callback):
    """Prints a warning when a loss has been out of its healthy range for some epochs.

    A loss that is not finite ends the training with an `InputError` that names the cause as far as it can be seen:
    the inputs, which are checked before the first step; half precision; or a training that diverged. Put this
    callback before those that save, so that no diverged weights are kept.

    Args:
        healthy: {name in the logs: (lowest, highest) mean loss of an epoch}; the discriminator's name begins with
            "discriminator", any other is a generator's. The default is for cross-entropy: other losses, such as
            least squares or one with an L1 term, need their own.
        patience: epochs in a row out of the range before a warning.
        inputs: arrays that `fit` gets, such as images (N, H, W, C), to be checked.

    Attributes:
        warnings: the lines that were printed, at most one for each side.

    Raises:
        InputError: a patience below 1, or a range whose ends are not in order; when training begins, inputs that are
            not finite; in training, a loss that is not in the logs, or not finite.
    """

    def __init__(self, healthy=None, patience=3, inputs=()):
        super().__init__()
        self.inputs = inputs
        self.healthy = dict(HEALTHY if healthy is None else healthy)
        self.patience = patience
        for name, (low, high) in self.healthy.items():
            if not low < high:
                raise InputError(f"healthy[{name!r}] must be (lowest, highest), got {(low, high)}")
        if patience < 1:
            raise InputError(f"patience must be 1 epoch or more, got {patience}")
        self.warnings, self.epoch, self.finite = [], 0, {}

    def on_train_begin(self, logs=None):
        self.warnings, self.outside, self.finite = [], dict.fromkeys(self.healthy, 0), {}
        for images in self.inputs:
            broken = ~np.isfinite(images).all(axis=tuple(range(1, np.ndim(images))))
            if broken.any():
                raise InputError(
                    f"{broken.sum()} of {len(broken)} training images hold NaN or infinity, the first in row "
                    f"{broken.argmax()}: repair them or take them out"
                )

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        for name, loss in (logs or {}).items():
            if not math.isfinite(float(loss)):
                raise InputError(self._cause(name, float(loss)))
            self.finite[name] = float(loss)

    def _cause(self, name, loss):
        """Why a loss is not finite, as far as it can be seen, and what to do."""
        before = f"after {self.finite[name]:.3g}" if name in self.finite else "from the first steps on"
        words = f"{name} is {loss} in epoch {self.epoch + 1}, {before}: "
        if keras.config.dtype_policy().compute_dtype == "float16":
            return f"{words}float16 ends at 65,504; train in float32, or in mixed_bfloat16"
        if not len(self.inputs):
            words += "look for NaN among the images; if there is none, "
        return f"{words}the training diverged; try a smaller learning rate (the papers' Adam: 2e-4, beta_1 of 0.5)"

    def on_epoch_end(self, epoch, logs=None):
        for name, (low, high) in self.healthy.items():
            if name not in logs:
                raise InputError(f"no {name} among the losses to monitor: there are {', '.join(logs)}")
            loss = float(logs[name])
            side = -1 if loss < low else 1 if loss > high else 0
            # As many epochs in a row as the number says, negative below the range.
            before = self.outside[name]
            self.outside[name] = before + side if side * before >= 0 and side else side
            if abs(self.outside[name]) >= self.patience:
                discriminator_ahead = (side < 0) == name.startswith("discriminator")
                where = f"{'below' if side < 0 else 'above'} {low if side < 0 else high:g}"
                self._warn(f"{name} is {loss:.3g}, for {self.patience} epochs {where}", discriminator_ahead)

    def _warn(self, observation, discriminator_ahead):
        diagnosis = DISCRIMINATOR_AHEAD if discriminator_ahead else GENERATOR_AHEAD
        if not any(diagnosis in line for line in self.warnings):
            self.warnings.append(f"{observation}: {diagnosis}")
            print(f"\nWarning: {self.warnings[-1]}.")
