"""Grad-CAM++: a class activation map in which every place has a weight of its own.

Chattopadhay, Sarkar, Howlader and Balasubramanian, "Grad-CAM++: Generalized Gradient-Based Visual Explanations for Deep
Convolutional Networks", WACV 2018, section 3 (arXiv:1710.11063).
"""

import numpy as np

from keras_cv_course.explain.class_activation import maps_and_gradients


def grad_cam_plus_plus(model, images, classes, layer=None):
    """ReLU(sum over k of w_k^c A_k), with w_k^c the sum over the places (i, j) of alpha_ij^kc ReLU(dY_c / dA_ij^k).

    Grad-CAM gives each map the mean gradient over all places, so a map that has found two objects counts as much as one
    that has found one. Here each place has its share alpha. With Y_c = exp(S_c), the higher derivatives that alpha is
    made of are powers of the gradient g = dS_c / dA of the logit, as long as the network is piecewise linear:

        alpha = g^2 / (2 g^2 + (sum over all places of A) g^3).

    The factor exp(S_c) of dY_c / dA is one number for the whole map, and is left out.

    Args:
        model: a built classifier, images (N, H, W, C) -> logits (N, classes).
        images: (N, H, W, C) numbers in the range that the model expects.
        classes: (N,) the class to explain for each image.
        layer: as for `grad_cam`.

    Returns:
        (N, h, w) float32, 0 or more, up to a factor of each image.

    Raises:
        InputError: as for `grad_cam`.
    """
    maps, gradients = maps_and_gradients(model, images, classes, layer)
    squares = np.square(gradients)
    below = 2 * squares + maps.sum(axis=(1, 2), keepdims=True) * squares * gradients
    shares = np.divide(squares, below, out=np.zeros_like(squares), where=below != 0)
    weights = (shares * np.maximum(gradients, 0)).sum(axis=(1, 2))
    return np.maximum(np.einsum("nhwk,nk->nhw", maps, weights), 0)
