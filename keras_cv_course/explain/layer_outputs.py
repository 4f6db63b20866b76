"""The output of a layer somewhere inside a network, and the gradient of a score with respect to it."""

import contextlib

import keras
import numpy as np
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.explain.input_gradient import class_score, input_gradient


def find_layer(model, name):
    """The layer of this name, however deep.

    Raises:
        InputError: there is none; the message says which there are.
    """
    layers = {layer.name: layer for layer in model._flatten_layers(include_self=False)}
    if name not in layers:
        raise InputError(f"the model has no layer {name!r}; choose one of: {', '.join(layers)}")
    return layers[name]


@contextlib.contextmanager
def intercepted(layer, change):
    """Inside, `change(output)` goes on through the network in place of the layer's output."""
    original = layer.call

    def call(*inputs, **options):
        return change(original(*inputs, **options))

    object.__setattr__(layer, "call", call)
    try:
        yield
    finally:
        object.__delattr__(layer, "call")


def layer_output(model, images, name):
    """What a layer makes of the images.

    Args:
        model: a built network.
        images: (N, H, W, C).
        name: of a layer, however deep, that is used once in a pass.

    Returns:
        float32 array, (N, h, w, channels) for a convolution.

    Raises:
        InputError: there is no such layer, or it is not used exactly once, as an activation that layers share.
    """
    seen = []

    def keep(output):
        seen.append(output)
        return output

    with intercepted(find_layer(model, name), keep):
        model(images, training=False)
    if len(seen) != 1 or not keras.ops.is_tensor(seen[0]):
        raise InputError(
            f"layer {name!r} has {len(seen)} outputs in a pass, expected one tensor; choose another layer"
        )
    return ops.convert_to_numpy(seen[0]).astype("float32")


def last_maps(model, images):
    """The name of the last layer in a pass whose output are maps (N, h, w, channels) of more than one place.

    Args:
        model: a built network.
        images: (N, H, W, C).

    Raises:
        InputError: there is no such layer: a network without convolutions.
    """
    called = []

    def noting(name):
        def note(output):
            called.append((name, getattr(output, "shape", ())))
            return output

        return note

    layers = model._flatten_layers(include_self=False, recursive=True)
    with contextlib.ExitStack() as stack:
        for layer in layers:
            if not isinstance(layer, keras.layers.InputLayer):
                stack.enter_context(intercepted(layer, noting(layer.name)))
        model(images, training=False)
    once = [name for name, _ in called]
    maps = [
        name for name, shape in called
        if len(shape) == 4 and shape[1] * shape[2] > 1 and once.count(name) == 1
    ]  # fmt: skip
    if not maps:
        raise InputError(
            f"{type(model).__name__} has no layer with maps (N, h, w, channels): it has no convolution, so there are "
            "no places that a class activation map could show"
        )
    return maps[-1]


def layer_gradient(model, images, classes, name):
    """The output of a layer, and the gradient of each image's class score with respect to it.

    Args:
        model: a built classifier, images (N, H, W, C) -> logits (N, classes).
        images: (N, H, W, C) numbers in the range that the model expects.
        classes: (N,) the class to explain for each image.
        name: as for `layer_output`.

    Returns:
        Two float32 arrays of the same shape.

    Raises:
        InputError: as for `layer_output`; no such images, or a class out of range.
    """
    score = class_score(model, images, classes)
    images = np.asarray(images, "float32")
    output, layer = layer_output(model, images, name), find_layer(model, name)

    def perturbed(perturbation):
        with intercepted(layer, lambda tensor: tensor + ops.cast(perturbation, tensor.dtype)):
            return score(images)

    return output, input_gradient(perturbed, np.zeros_like(output))
