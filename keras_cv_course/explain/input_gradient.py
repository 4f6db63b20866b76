"""The gradient of a network's score with respect to its input, on every backend.

Keras has no function for it: each backend has its own. But every backend takes steps of gradient descent. A
perturbation of the input that starts at 0 becomes -gradient after one step of length 1, exactly.
"""

import keras
import numpy as np
from keras import ops

from keras_cv_course.errors import InputError


class Perturbed(keras.Model):
    """A score of inputs + perturbation, where the perturbation is all that trains.

    Args:
        score: function of a tensor like the inputs; the network inside is not tracked, so it does not train.
        shape: of the inputs, the first axis included.
    """

    def __init__(self, score, shape):
        super().__init__(dtype="float32")
        self.score = score
        self.perturbation = self.add_weight(shape=shape, initializer="zeros", name="perturbation")

    def call(self, inputs):
        return self.score(inputs + self.perturbation)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.sum(y_pred)


class InputGradient:
    """Gradients of one score at many inputs of the same shape, one after the other.

    Args:
        score: function of a tensor like the inputs -> scores, (N,) for example. A network in it must be called with
            `training=False`, and stay as it is as long as this lives.
        shape: of the inputs, the first axis included.
        compiled: whether the step is compiled, which repays from some ten gradients on.

    Call:
        inputs (N, ...) -> float32 array of the same shape: the gradient of the sum of all scores; where each example
        has a score of its own, that of each one's score.
    """

    def __init__(self, score, shape, compiled=True):
        self.model = Perturbed(
            lambda tensor: score(tensor), shape
        )  # a bare network would be tracked, and train
        # JAX compiles by XLA only; for TensorFlow a graph is enough, and is there sooner.
        jit = compiled and keras.backend.backend() == "jax"
        self.model.compile(keras.optimizers.SGD(1.0), run_eagerly=not compiled, jit_compile=jit)

    def __call__(self, inputs):
        perturbation = self.model.perturbation
        perturbation.assign(np.zeros(perturbation.shape, "float32"))
        self.model.train_on_batch(np.asarray(inputs, "float32"))
        return -ops.convert_to_numpy(perturbation)


def input_gradient(score, inputs):
    """The gradient at one input; see `InputGradient`."""
    return InputGradient(score, np.shape(inputs), compiled=False)(inputs)


def class_score(model, images, classes):
    """The logit of each image's class, checked before anything is computed.

    Args:
        model: a built classifier, images (N, H, W, C) -> logits (N, classes).
        images: (N, H, W, C) finite numbers.
        classes: (N,) integers.

    Returns:
        A function: tensor like the images -> (N,) logits, without softmax. The gradient of a probability vanishes
        where the network is certain, and depends on all other classes.

    Raises:
        InputError: the images are no such array, or a class is out of range.
    """
    images = np.asarray(images)
    if images.ndim != 4 or not len(images) or images.dtype.kind not in "fiu" or not np.isfinite(images).all():
        raise InputError(
            f"images must be (N, H, W, C) finite numbers, received {images.dtype} of shape {images.shape}; "
            "one image alone needs a first axis of 1"
        )
    outputs = np.shape(model(images[:1].astype("float32"), training=False))
    if len(outputs) != 2:
        raise InputError(
            f"expected a classifier with logits (N, classes), received a model with outputs {outputs}"
        )
    selected = one_hot(classes, len(images), outputs[-1])
    return lambda tensor: ops.sum(ops.multiply(model(tensor, training=False), selected), axis=-1)


def one_hot(classes, count, width):
    """(count, width) float32, 1 at each example's class.

    Raises:
        InputError: there is not one integer from 0 to width - 1 for each example.
    """
    classes = np.asarray(classes)
    if classes.shape != (count,) or classes.dtype.kind not in "iu":
        raise InputError(
            f"expected {count} class numbers, one an image, received {classes.dtype} of shape {classes.shape}"
        )
    if classes.min() < 0 or classes.max() >= width:
        raise InputError(f"classes are 0 to {width - 1}, received {classes.min()} to {classes.max()}")
    return np.eye(width, dtype="float32")[classes]
