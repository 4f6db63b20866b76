"""Class activation maps: where in the image a network saw the class.

Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR 2016, equations 1 and 2 (CAM). Selvaraju et
al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", ICCV 2017, equations 1 and 2.
"""

import numpy as np
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.explain.input_gradient import class_score, input_gradient, one_hot
from keras_cv_course.explain.layer_outputs import layer_gradient


def class_activation_map(model, images, classes):
    """CAM, M_c(x, y) = sum over k of w_k^c f_k(x, y): the last maps, weighted by the class' row of the dense layer.

    Its mean over all places is the logit less the bias. The network must be averaged maps and one dense layer behind
    its features, as ResNet and EfficientNet are; nothing but that is asked of its training.

    Args:
        model: a built classifier of this library: with `endpoints(images)["features"]`, global average pooling and a
            dense layer `classifier`.
        images: (N, H, W, C) numbers in the range that the model expects.
        classes: (N,) the class to explain for each image.

    Returns:
        (N, h, w) float32, with its sign.

    Raises:
        InputError: another kind of network, no such images, or a class out of range.
    """
    class_score(model, images, classes)
    features = _features(model, images)
    kernel = ops.convert_to_numpy(model.classifier.kernel) if hasattr(model, "classifier") else None
    if kernel is None or kernel.shape[0] != features.shape[-1]:
        raise InputError(
            "CAM needs global average pooling and one dense layer behind the last maps, "
            f"which {type(model).__name__} has not; take grad_cam"
        )
    weights = one_hot(classes, len(features), kernel.shape[-1]) @ kernel.T
    return np.einsum("nhwk,nk->nhw", features, weights)


def grad_cam(model, images, classes, layer=None):
    """Grad-CAM: ReLU(sum over k of a_k^c A_k), with a_k^c the mean over all places of dS_c / dA_k.

    Args:
        model: a built classifier, images (N, H, W, C) -> logits (N, classes).
        images: (N, H, W, C) numbers in the range that the model expects.
        classes: (N,) the class to explain for each image.
        layer: name of the layer with the maps A, (N, h, w, K), however deep; None takes the features of a model with
            `endpoints` and `classify`.

    Returns:
        (N, h, w) float32, 0 or more.

    Raises:
        InputError: there is no such layer, its output is no maps, or the model has no endpoints; no such images, or a
            class out of range.
    """
    maps, gradients = maps_and_gradients(model, images, classes, layer)
    return np.maximum(np.einsum("nhwk,nk->nhw", maps, gradients.mean(axis=(1, 2))), 0)


def maps_and_gradients(model, images, classes, layer=None):
    """The maps A of a layer, and the gradient dS_c / dA of each image's logit: two arrays (N, h, w, K).

    The arguments and errors are those of `grad_cam`.
    """
    if layer is None:
        class_score(model, images, classes)
        maps = _features(model, images)
        selected = one_hot(classes, len(maps), np.shape(model.classify(maps[:1]))[-1])
        gradients = input_gradient(
            lambda tensor: ops.sum(ops.multiply(model.classify(tensor), selected), axis=-1), maps
        )
    else:
        maps, gradients = layer_gradient(model, images, classes, layer)
    if maps.ndim != 4:
        raise InputError(
            f"Grad-CAM needs maps (N, h, w, channels), layer {layer!r} has outputs of shape {maps.shape}"
        )
    return maps, gradients


def _features(model, images):
    if not hasattr(model, "endpoints") or not hasattr(model, "classify"):
        raise InputError(f"{type(model).__name__} has no endpoints; name a layer of it")
    return ops.convert_to_numpy(model.endpoints(ops.convert_to_tensor(images, "float32"))["features"])


def enlarged(maps, size):
    """Maps (N, h, w) at the images' size (height, width), by bilinear interpolation, as figures need them."""
    maps = ops.convert_to_tensor(np.asarray(maps, "float32")[..., None])
    return ops.convert_to_numpy(ops.image.resize(maps, size, interpolation="bilinear"))[..., 0]
