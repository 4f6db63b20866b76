"""The simplest generator there is: principal components, each drawn from a normal distribution.

Tipping and Bishop, "Probabilistic Principal Component Analysis", 1999: what a linear model knows of images.
"""

import numpy as np
from sklearn.decomposition import PCA


def gaussian_images(training, count, rng, share=0.95):
    """Images with the mean and, but for the smallest components, the covariance of the training images.

    Args:
        training: (N, H, W, C) images in [0, 1].
        count: images to make.
        rng: a `numpy.random.Generator`.
        share: of the training images' variance that the components must hold.

    Returns:
        (count, H, W, C) float32 in [0, 1].
    """
    flat = np.asarray(training, "float32").reshape(len(training), -1)
    components = PCA(share, whiten=True, svd_solver="full").fit(flat)
    codes = rng.standard_normal((count, components.n_components_))
    made = np.clip(components.inverse_transform(codes), 0, 1).astype("float32")
    return made.reshape(count, *training.shape[1:])
