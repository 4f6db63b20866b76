"""Principal component analysis of images, with an autoencoder's interface.

K. Pearson, "On Lines and Planes of Closest Fit to Systems of Points in Space", Philosophical Magazine 1901. Of all
linear codes of one size it has the smallest squared error on its training images (P. Baldi, K. Hornik, "Neural
Networks and Principal Component Analysis", Neural Networks 2(1), 1989). scikit-learn fits it.
"""

import numpy as np
from sklearn.decomposition import PCA

from keras_cv_course.errors import InputError


class PrincipalComponents:
    """The mean image and the orthogonal directions of largest variance.

    Args:
        latent: size of the code: number of components.

    Raises:
        InputError: at `fit`, when there are fewer images, or fewer pixels, than components.
    """

    def __init__(self, latent):
        self.latent = latent

    def fit(self, images):
        """Fit to images (N, height, width, channels); returns the object itself."""
        most = min(len(images), images[0].size)
        if not 1 <= self.latent <= most:
            raise InputError(
                f"{len(images)} images of {images[0].size} pixels have 1 to {most} principal components, "
                f"received latent={self.latent}"
            )
        self.image_shape = images.shape[1:]
        self.pca = PCA(self.latent, random_state=0).fit(images.reshape(len(images), -1))
        return self

    def encode(self, images):
        """Images (N, height, width, channels) -> codes (N, latent)."""
        return self.pca.transform(images.reshape(len(images), -1))

    def decode(self, codes):
        """Codes (N, latent) -> images (N, height, width, channels), float32, not clipped to [0, 1]."""
        return self.pca.inverse_transform(codes).reshape(-1, *self.image_shape).astype("float32")

    def predict(self, images):
        """decode(encode(images))."""
        return self.decode(self.encode(np.asarray(images)))
