"""A watch over both players: says when one has won, since then the other learns nothing more.

Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014, section 4: with nothing left to tell apart,
the discriminator's loss is 2 ln 2 = 1.386 and the generator's ln 2 = 0.693. In practice the discriminator
stays a little ahead all the time; what counts is that neither runs away.
"""

import math

import keras

from keras_cv_course.errors import InputError

# Losses with cross-entropy: where nobody can tell, and bands of some width about what goes well.
CANNOT_TELL = {"discriminator_loss": 2 * math.log(2), "generator_loss": math.log(2)}
HEALTHY = {"discriminator_loss": (0.2, 1.6), "generator_loss": (0.4, 4.0)}

DISCRIMINATOR_WINS = (
    "the discriminator wins: it tells made images at sight, and its slope teaches the generator little. "
    "Usual causes: the learning rate is too high, or the discriminator too large for the generator; real "
    "images are called 1 and not 0.9 (smooth); so few images that it knows them by heart; made images that "
    "differ by something trivial, such as their range; real and made images in one batch of its norms"
)
GENERATOR_WINS = (
    "the generator wins: the discriminator does no better than guessing. Usual causes: the learning rate is "
    "too high, or the discriminator too small for the generator; it gets no gradient; labels that are "
    "swapped; a collapse to a few images that are never found out: look whether all samples are alike"
)


class Balance(keras.callbacks.Callback):
    """Prints one line when a player's loss has been out of its healthy band for some epochs.

    A loss that is not finite ends the training with an `InputError`; put this callback before those that
    save, so that nothing broken is kept.

    Args:
        healthy: {name in the logs: (lowest, highest) mean loss of an epoch}; the discriminator's name starts
            with "discriminator", any other is a generator's. The default is for cross-entropy: other losses,
            such as least squares or one with an L1 term, need their own.
        patience: epochs in a row that are out of the band before anything is said.

    Attributes:
        said: the lines that were printed, at most one for either winner.

    Raises:
        InputError: a patience below 1, or a band whose ends are not in order; in training, a loss that is not
            in the logs, or not finite.
    """

    def __init__(self, healthy=None, patience=3):
        super().__init__()
        self.healthy = dict(HEALTHY if healthy is None else healthy)
        self.patience = patience
        for name, (low, high) in self.healthy.items():
            if not low < high:
                raise InputError(f"healthy[{name!r}] must be (lowest, highest), got {(low, high)}")
        if patience < 1:
            raise InputError(f"patience must be 1 epoch or more, got {patience}")
        self.said, self.epoch = [], 0

    def on_train_begin(self, logs=None):
        self.said, self.outside = [], dict.fromkeys(self.healthy, 0)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        for name, loss in (logs or {}).items():
            if not math.isfinite(float(loss)):
                raise InputError(
                    f"{name} is {float(loss)} in epoch {self.epoch + 1}: the training diverged; try a "
                    "smaller learning rate (the papers' Adam has 2e-4 and beta_1 of 0.5), look for NaN among "
                    "the images, or train in float32"
                )

    def on_epoch_end(self, epoch, logs=None):
        for name, (low, high) in self.healthy.items():
            if name not in logs:
                raise InputError(f"no {name} among the losses to watch: there are {', '.join(logs)}")
            loss = float(logs[name])
            side = -1 if loss < low else 1 if loss > high else 0
            # As many epochs in a row as the number says, negative below the band.
            before = self.outside[name]
            self.outside[name] = before + side if side * before >= 0 and side else side
            if abs(self.outside[name]) >= self.patience:
                winner = (side < 0) == name.startswith("discriminator")
                where = f"{'below' if side < 0 else 'above'} {low if side < 0 else high:g}"
                self._say(f"{name} is {loss:.3g}, for {self.patience} epochs {where}", winner)

    def _say(self, what, discriminator_wins):
        verdict = DISCRIMINATOR_WINS if discriminator_wins else GENERATOR_WINS
        if not any(verdict in line for line in self.said):
            self.said.append(f"{what}: {verdict}")
            print(f"\nWarning: {self.said[-1]}.")
