"""Wall time of every epoch of a training."""

import time

import keras


class EpochTimer(keras.callbacks.Callback):
    """A callback that measures the wall time of every epoch.

    Attributes:
        seconds: of each epoch of the last training; the first one includes compilation.
    """

    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_train_begin(self, logs=None):
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.began = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.monotonic() - self.began)
