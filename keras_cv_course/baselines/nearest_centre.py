"""Nearest class mean: the class whose mean image is the closest; a linear classifier without a training.

T. Hastie, R. Tibshirani, J. Friedman, "The Elements of Statistical Learning", 2nd edition, 2009, section 4.3: linear
discriminant analysis with one variance for all pixels.
"""

import numpy as np

from keras_cv_course.errors import InputError


class NearestCentre:
    """Isotropic Gaussians of one variance around the mean image of each class.

        z_k = -|x - m_k|^2 / (2 s^2)

    m_k is the mean of class k, s^2 the mean squared distance of a pixel from that of its own class's mean.

    Args:
        images: (N, ...) training images.
        labels: (N,) integers; every class from 0 to the largest must be there.
        number: of the round, where this is the `train` of `self_train`; it changes nothing.

    Attributes:
        centres: (classes, ...) float64, the mean images.

    Raises:
        InputError: the labels are not integers, one an image, or a class has no image.
    """

    def __init__(self, images, labels, number=0):
        images, labels = np.asarray(images, "float64"), np.asarray(labels)
        if labels.shape != (len(images),) or not np.issubdtype(labels.dtype, np.integer) or not len(labels):
            raise InputError(
                f"expected {len(images)} integer labels, one an image, received {labels.dtype} of shape "
                f"{labels.shape}"
            )
        counts = np.bincount(labels)
        if counts.min() == 0:
            raise InputError(f"class {counts.argmin()} has no image; every class needs one to have a mean")
        self.centres = np.stack([images[labels == label].mean(axis=0) for label in range(len(counts))])
        self.variance = np.mean((images - self.centres[labels]) ** 2) or 1.0  # 0: one image a class

    def predict(self, images):
        """Images (N, ...) -> logits (N, classes)."""
        apart = np.asarray(images, "float64")[:, None] - self.centres
        return -(apart.reshape(*apart.shape[:2], -1) ** 2).sum(axis=2) / (2 * self.variance)
