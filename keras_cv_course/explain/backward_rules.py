"""Deconvnet and guided backpropagation: the gradient with another rule for ReLU.

Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 2.1 (deconvnet).
Springenberg, Dosovitskiy, Brox and Riedmiller, "Striving for Simplicity: The All Convolutional Net", ICLR 2015
workshop, section 3.4 and figure 1. Where R is the gradient that comes from above and f what went into a ReLU:

- backpropagation: (f > 0) R;
- deconvnet: (R > 0) R;
- guided: (f > 0)(R > 0) R.

Both keep what speaks for a class only, and look sharp; but maps of guided backpropagation hardly change when the
network's weights are replaced by random ones (Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018).
"""

import contextlib

import keras
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.explain.input_gradient import class_score, input_gradient

RULES = ("deconvnet", "guided")
LARGEST = {"relu": float("inf"), "relu6": 6.0}


def ruled_relu(rule, largest=float("inf")):
    """A function min(max(f, 0), largest) whose backward pass follows a rule.

    Args:
        rule: "deconvnet" or "guided".
        largest: where the activation is cut, 6 for ReLU6; beyond it the gradient is 0, as below 0.
    """

    @ops.custom_gradient
    def relu(features):
        def gradient(*arguments, upstream=None):
            upstream = arguments[0] if upstream is None else upstream
            kept = ops.maximum(upstream, 0)
            if rule == "guided":
                passes = ops.logical_and(features > 0, features < largest)
                kept = kept * ops.cast(passes, kept.dtype)
            return kept

        return ops.clip(features, 0, largest), gradient

    return relu


@contextlib.contextmanager
def relu_rule(model, rule):
    """Inside, every ReLU layer and every ReLU or ReLU6 activation of a layer has the rule's backward pass.

    A ReLU that a model computes without a layer, as `keras.ops.relu`, is not seen.

    Raises:
        InputError: another rule, or a model without any ReLU.
    """
    if rule not in RULES:
        raise InputError(f"the rule is one of {', '.join(RULES)}, received {rule!r}")
    kept = []
    try:
        for layer in model._flatten_layers():
            if type(layer) is keras.layers.ReLU and not layer.negative_slope and not layer.threshold:
                object.__setattr__(layer, "call", ruled_relu(rule, layer.max_value or float("inf")))
                kept.append((layer, "call", None))
                continue
            activation = getattr(layer, "activation", None)
            if activation in (keras.activations.relu, keras.activations.relu6):
                kept.append((layer, "activation", activation))
                object.__setattr__(layer, "activation", ruled_relu(rule, LARGEST[activation.__name__]))
        if not kept:
            raise InputError(f"{type(model).__name__} has no layer with a ReLU, so {rule} changes nothing")
        yield
    finally:
        for layer, name, value in kept:
            if value is None:
                object.__delattr__(layer, name)
            else:
                object.__setattr__(layer, name, value)


def ruled_saliency(model, images, classes, rule="guided"):
    """The gradient of each image's class score, with the rule for every ReLU.

    Args:
        model: a built classifier, images (N, H, W, C) -> logits (N, classes).
        images: (N, H, W, C) numbers in the range that the model expects.
        classes: (N,) the class to explain for each image.
        rule: "guided" or "deconvnet".

    Returns:
        (N, H, W, C) float32, with its sign.

    Raises:
        InputError: another rule, a model without ReLU, no such images, or a class out of range.
    """
    score = class_score(model, images, classes)
    with relu_rule(model, rule):
        return input_gradient(score, images)
