"""Classes of pixels without a network: a random forest on what is around each of them.

As in ilastik (Sommer et al., ISBI 2011) and scikit-image's trainable segmentation: intensity, edges and
texture at several scales, and trees that sort them.
"""

import numpy as np
from skimage.feature import multiscale_basic_features
from sklearn.ensemble import RandomForestClassifier


class PixelForest:
    """Learns from some pixels of some pictures, and answers for all pixels.

    Args:
        trees: number of trees.
        pixels: number of pixels to learn from.
        void: class of pixels without one.
        seed: of the choice of pixels and of the trees.
    """

    def __init__(self, trees=20, pixels=10_000, void=255, seed=0):
        self.trees, self.pixels, self.void, self.seed = trees, pixels, void, seed

    def fit(self, images, masks):
        """Learn from images (N, H, W, 3) in [0, 1] and their masks (N, H, W)."""
        features = np.stack([_features(image) for image in images])
        known = np.argwhere(masks != self.void)
        chosen = np.random.default_rng(self.seed).choice(known, min(self.pixels, len(known)), replace=False)
        places = tuple(chosen.T)
        self.forest = RandomForestClassifier(self.trees, random_state=self.seed)
        self.forest.fit(features[places], masks[places])
        return self

    def predict(self, images):
        """Images (N, H, W, 3) -> masks (N, H, W) of whole numbers."""
        features = np.stack([_features(image) for image in images])
        return self.forest.predict(features.reshape(-1, features.shape[-1])).reshape(features.shape[:-1])


def _features(image):
    """(H, W, features) of one picture, from 1 pixel to a quarter of its width."""
    widest = max(image.shape[:2]) / 4
    features = multiscale_basic_features(image, channel_axis=-1, sigma_min=1, sigma_max=widest)
    return features.astype("float32")
