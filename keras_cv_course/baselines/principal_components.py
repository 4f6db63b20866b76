"""Principal component analysis of images, with the face of an autoencoder: the best that is linear.

Pearson, "On Lines and Planes of Closest Fit to Systems of Points in Space", Philosophical Magazine 1901.
Of all linear codes of one size, this one has the least squared error on its training images (Baldi and
Hornik, Neural Networks 1989). scikit-learn does the work.
"""

import numpy as np
from sklearn.decomposition import PCA

from keras_cv_course.errors import InputError


class PrincipalComponents:
    """The mean image and the directions in which images differ most.

    Args:
        latent: numbers in a code.

    Raises:
        InputError: at `fit`, when there are fewer images, or fewer pixels, than numbers in a code.
    """

    def __init__(self, latent):
        self.latent = latent

    def fit(self, images):
        """Learn from images (N, height, width, channels); returns the object itself."""
        most = min(len(images), images[0].size)
        if not 1 <= self.latent <= most:
            raise InputError(f"{len(images)} images of {images[0].size} pixels have 1 to {most} "
                             f"principal components, got latent={self.latent}")  # fmt: skip
        self.image_shape = images.shape[1:]
        self.pca = PCA(self.latent, random_state=0).fit(images.reshape(len(images), -1))
        return self

    def encode(self, images):
        """Images (N, height, width, channels) -> codes (N, latent)."""
        return self.pca.transform(images.reshape(len(images), -1))

    def decode(self, codes):
        """Codes (N, latent) -> images (N, height, width, channels); they may leave [0, 1] a little."""
        return self.pca.inverse_transform(codes).reshape(-1, *self.image_shape).astype("float32")

    def predict(self, images):
        """decode(encode(images))."""
        return self.decode(self.encode(np.asarray(images)))
