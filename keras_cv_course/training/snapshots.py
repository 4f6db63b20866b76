"""What a generator makes of the same inputs after every epoch: the frames that show its training."""

import os
from pathlib import Path

import keras
import numpy as np

from keras_cv_course.plot.image_sheet import eight_bits


class Snapshots(keras.callbacks.Callback):
    """Generates images of the same inputs before the first epoch and after every one, and keeps them in a folder.

    One file an epoch, written atomically: a training that is interrupted and resumed finds those of the epochs
    before, and overwrites those that it repeats. Put it before the callback that saves the weights.

    Args:
        generator: the model that makes images in [0, 1], such as `gan.generator`.
        inputs: (N, ...) its inputs: noise, or images for a translation.
        folder: of its own; it is made if it is not there.
        batch_size: images that are generated at once.
    """

    def __init__(self, generator, inputs, folder, batch_size=512):
        super().__init__()
        self.generator, self.inputs, self.folder = generator, inputs, Path(folder)
        self.batch_size = batch_size

    def on_train_begin(self, logs=None):
        if not self._path(0).exists():
            self._keep(0)

    def on_epoch_end(self, epoch, logs=None):
        self._keep(epoch + 1)

    def images(self):
        """All that was kept: {epoch: (N, H, W, C) uint8 images}, in order; 0 is before the training."""
        paths = sorted(self.folder.glob("epoch-*.npy"))
        return {int(path.stem.removeprefix("epoch-")): np.load(path) for path in paths}

    def _path(self, epoch):
        return self.folder / f"epoch-{epoch:06d}.npy"

    def _keep(self, epoch):
        self.folder.mkdir(parents=True, exist_ok=True)
        starts = range(0, len(self.inputs), self.batch_size)
        batches = [self.generator(self.inputs[start : start + self.batch_size]) for start in starts]
        images = np.concatenate([keras.ops.convert_to_numpy(images) for images in batches])
        partial = self.folder / "partial.npy"
        np.save(partial, eight_bits(images))
        os.replace(partial, self._path(epoch))
