"""How long the epochs of a training take."""

import time

import keras


class EpochClock(keras.callbacks.Callback):
    """A callback that notes how long every epoch takes.

    Attributes:
        seconds: one number for each epoch of the last training; the first one includes compiling.
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
