"""Our published sizes against `keras.applications`: with the same weights, the same logits."""

import keras
import numpy as np
import pytest

from keras_cv_course.training.imagenet_weights import (
    PUBLISHED,
    copy_from_keras,
    copy_to_keras,
    keras_application,
    preprocess,
)

# Small ones: VGG's first dense layer has 8 million weights then, in place of 103 million, and the same arithmetic.
SIZE = 64
images = np.random.default_rng(0).random((1, SIZE, SIZE, 3), dtype="float32")


def shake(model, rng):
    """Weights of which each one shows: kernels that keep the signal's size, biases and means off zero."""
    for weight in model.weights:
        name = weight.path.split("/")[-1]
        if name == "kernel":
            weight.assign(weight * 2**0.5)  # from Glorot's variance to He's, which ReLU needs
        elif name in ("gamma", "moving_variance"):
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
        else:
            weight.assign(rng.normal(0, 0.1, weight.shape))


def zeros(initializer, shape, dtype=None, **kwargs):
    return keras.ops.zeros(shape, dtype)


@pytest.mark.parametrize("name", ["vgg16", "vgg19", "resnet50"])
def test_logits_are_theirs_in_both_directions(name, monkeypatch):
    # Ours starts at zero: it takes no time, and whatever it answers it was given.
    monkeypatch.setattr(keras.initializers.HeNormal, "__call__", zeros)
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    theirs = keras_application(name, weights=None, size=SIZE)
    ours = PUBLISHED[name].make(classes=1000)
    ours.build((None, SIZE, SIZE, 3))
    inputs = preprocess(name, images) / 60  # about 1 a pixel

    shake(theirs, rng)
    copy_from_keras(name, theirs, ours)
    logits, expected = np.asarray(ours(inputs)), np.asarray(theirs(inputs))
    assert expected.shape == (1, 1000) and expected.std() > 0.3
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-4)

    # And back: other weights of ours, in theirs.
    for weight in ours.trainable_weights[-8:]:
        weight.assign(weight * 1.1 + 0.01)
    changed = np.asarray(ours(inputs))
    assert np.abs(changed - logits).max() > 0.1
    copy_to_keras(name, ours, theirs)
    np.testing.assert_allclose(np.asarray(theirs(inputs)), changed, rtol=0, atol=1e-4)


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_layer_has_one_counterpart_on_either_side(name):
    """Not one weight of ours is left behind: the same number of parameters, trained or not."""
    with keras.StatelessScope(initialize_variables=False):  # shapes without numbers
        theirs = keras_application(name, weights=None)
        ours = PUBLISHED[name].make(classes=1000)
        ours.build((None, 224, 224, 3))
    counterparts = PUBLISHED[name].layers(ours)
    assert set(counterparts) == {layer.name for layer in theirs.layers if layer.weights}
    paired = [weight for layer in counterparts.values() for weight in layer.weights]
    assert sorted(map(id, paired)) == sorted(map(id, ours.weights))
