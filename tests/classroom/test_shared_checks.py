"""What many checks ask alike, on networks that do it rightly and wrongly."""

import keras
import numpy as np
import pytest

from keras_cv_course.classroom.expectations import Wrong
from keras_cv_course.classroom.notebooks.here import Here
from keras_cv_course.classroom.shared_checks import (
    all_refused,
    every_weight_learns,
    fixed_weights,
    keeps,
    maps_are,
    same_numbers,
    weights_are,
)

INPUTS = np.random.default_rng(0).normal(size=(4, 5)).astype("float32")


class Dense(keras.Model):
    """A hidden layer and an output; `lazy` leaves the hidden one out, `scale` changes the numbers."""

    def __init__(self, units=3, scale=1.0, lazy=False, **kwargs):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError("units must be 1 or more")
        self.units, self.scale, self.lazy = units, scale, lazy
        self.hidden = keras.layers.Dense(5, "relu")
        self.norm = keras.layers.BatchNormalization()
        self.last = keras.layers.Dense(units)

    def build(self, shape):
        self.hidden.build(shape)
        self.norm.build((None, 5))
        self.last.build((None, 5))
        self.built = True

    def call(self, inputs, training=False):
        inputs = inputs if self.lazy else self.norm(self.hidden(inputs), training=training)
        return self.scale * self.last(inputs)


def held(**options):
    """The class as a student's module has it: `module.Dense()` makes one with these options."""
    here = Here()
    return here.hold({"Dense": lambda **more: Dense(**{**options, **more})})


def test_parity():
    right, wrong = held(), held(scale=1.01)

    def make(module):
        return module.Dense(units=2)

    same_numbers(right, held(), make, INPUTS, 1e-6, "outputs", "try", training=True)
    with pytest.raises(Wrong, match="expected outputs"):
        same_numbers(wrong, right, make, INPUTS, 1e-6, "outputs", "try")


def test_fixed_weights_depend_on_shapes_alone():
    layer = fixed_weights(held().Dense(), (None, 5))
    hidden, bias, *norm, kernel, last = layer.get_weights()
    assert (np.concatenate([bias, *norm, last]) > 0).all() and hidden.min() < 0 < hidden.max()
    np.testing.assert_array_equal(bias, norm[0])
    assert kernel.shape == (5, 3) and last.shape == (3,)


def test_weights_and_maps():
    layer = fixed_weights(held().Dense(), (None, 5))
    shapes = [(3,), (5, 3), (5,), (5, 5), (5,), (5,), (5,), (5,)]
    weights_are(layer, shapes, "try")
    with pytest.raises(Wrong, match="weights of shapes"):
        weights_are(layer, shapes[1:], "try")
    maps = {"a": np.zeros((2, 3)), "b": np.zeros(1)}
    maps_are(maps, {"a": (2, 3), "b": (1,)}, "try")
    for wrong in ({"a": (2, 3)}, {"a": (3, 2), "b": (1,)}, {"a": (2, 3), "c": (1,)}):
        with pytest.raises(Wrong):
            maps_are(maps, wrong, "try")
    with pytest.raises(Wrong, match="a dictionary of feature maps"):
        maps_are(np.zeros(1), {"a": (1,)}, "try")


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
def test_every_weight_learns():
    module = held()
    layer = module.Dense()
    layer.build((None, 5))
    targets = np.ones((4, 3), "float32")
    # The running statistics of the normalisation move as well.
    every_weight_learns(layer, INPUTS, targets)
    lazy = module.Dense(lazy=True)
    lazy.build((None, 5))
    with pytest.raises(Wrong, match=r"weights \(5, 5\) that move"):
        every_weight_learns(lazy, INPUTS, targets)


def test_arguments_kept_and_refused():
    module = held()
    keeps(module.Dense(units=4), units=4, scale=1.0)
    with pytest.raises(Wrong, match="self.units: 3"):
        keeps(module.Dense(units=4), units=3)
    all_refused(module.Dense, {"units 0": dict(units=0), "units -1": dict(units=-1)})
    with pytest.raises(Wrong, match="InputError for units 1"):
        all_refused(module.Dense, {"units 0": dict(units=0), "units 1": dict(units=1)})
