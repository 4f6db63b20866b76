"""Small classifiers that the exercises of day1.transfer train a little, and which of their weights then move."""

import numpy as np

# The weights of `plain_backbone((3, 4))` in the order of `get_weights`: a convolution's kernel, then the
# normalisation's scale, offset, moving mean and moving variance; the same again for stage 2.
MOVES = {0: [], "conv2": [5, 6, 7], 3: [5, 6, 7], 7: [0, 1, 2, 5, 6, 7]}


def moved_in_backbone(model, rng):
    """Train a little on images of another mean; which weights of the backbone moved, by number."""
    images = 3 + rng.random((8, 8, 8, 3), dtype="float32")
    answers = rng.normal(0, 3, (8, 2)).astype("float32")
    before = model.backbone.get_weights()
    model.fit(images, answers, epochs=2, batch_size=4, verbose=0)
    after = model.backbone.get_weights()
    return [place for place, (old, new) in enumerate(zip(before, after, strict=True)) if (old != new).any()]


def linear(mine, images, rng):
    """A classifier whose backbone is one dense layer with drawn weights, and the features of images, by hand."""
    layers = mine.keras.layers
    backbone = mine.keras.Sequential([layers.Flatten(), layers.Dense(4)])
    model = built(mine.TransferClassifier(backbone, 3))
    kernel = rng.normal(0, 0.1, (images[0].size, 4)).astype("float32")
    backbone.set_weights([kernel, np.zeros(4, "float32")])
    return model, images.reshape(len(images), -1) @ kernel


def built(model):
    """The model, built for images of 8x8x3."""
    model.build((None, 8, 8, 3))
    return model
