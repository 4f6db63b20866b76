"""BasicModel_ConvNet_One_Conv of captum's tests, whose explanations are published numbers."""

import keras
import numpy as np

IMAGES = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)


def captums_network():
    """A 3x3 convolution of ones with two channels, ReLU "relu1", a dense layer with four equal rows, ReLU."""
    layers = keras.layers
    network = keras.Sequential([
        keras.Input((4, 4, 1)),
        layers.Conv2D(2, 3),
        layers.ReLU(name="relu1"),
        layers.Flatten(),
        layers.Dense(4, name="dense"),
        layers.ReLU(),
    ])  # fmt: skip
    # Their flattening takes all of the first channel, then the second one: 5 weights of 1, 3 of -1.
    row = np.float32([1, 1, 1, 1, 1, -1, -1, -1]).reshape(2, 4).T.reshape(-1, 1)
    network.set_weights([np.ones((3, 3, 1, 2)), np.float32([-50, -75]), np.tile(row, 4), np.zeros(4)])
    return network
