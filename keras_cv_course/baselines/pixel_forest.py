"""Semantic segmentation without a network: a forest that classifies every pixel by features of its surroundings.

Sommer, Straehle, Köthe and Hamprecht, "ilastik: Interactive Learning and Segmentation Toolkit", ISBI 2011, for the
features (colour, edges and texture at several scales); Geurts, Ernst and Wehenkel, "Extremely Randomized Trees",
Machine Learning 63, 2006, for the trees; Shotton et al., "Real-Time Human Pose Recognition in Parts from Single
Depth Images", CVPR 2011, for the differences to pixels some way off, from which trees can read shapes.
"""

import numpy as np
from scipy import ndimage
from sklearn.ensemble import ExtraTreesClassifier

SCALES = (1, 2, 4, 8)  # standard deviations of the Gaussian filters, in pixels
CHUNK = 50  # images whose features are in memory at once


class PixelForest:
    """A forest of extremely randomised trees on features of single pixels.

    Args:
        trees: number of trees.
        images: learn from at most so many images, evenly spread over those given.
        pixels: learn from so many of their pixels, as many of each image.
        min_leaf: fewest training pixels in a leaf.
        void: class of the pixels that do not count.
        seed: of the choice of pixels and of the trees.
    """

    def __init__(self, trees=20, images=1000, pixels=100_000, min_leaf=2, void=255, seed=0):
        self.trees, self.images, self.pixels = trees, images, pixels
        self.min_leaf, self.void, self.seed = min_leaf, void, seed

    def fit(self, images, masks):
        """Learn from images (N, H, W, C) and their masks (N, H, W); returns the forest."""
        rows = np.unique(np.linspace(0, len(images) - 1, min(self.images, len(images))).astype(int))
        rng, features, classes = np.random.default_rng(self.seed), [], []
        each = -(-self.pixels // len(rows))
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            for maps, mask in zip(pixel_features(images[some]), masks[some], strict=True):
                places = np.flatnonzero(mask != self.void)
                places = rng.choice(places, min(each, len(places)), replace=False)
                features.append(maps.reshape(-1, maps.shape[-1])[places])
                classes.append(mask.ravel()[places])
        self.forest = ExtraTreesClassifier(
            self.trees, min_samples_leaf=self.min_leaf, n_jobs=-1, random_state=self.seed
        )
        self.forest.fit(np.concatenate(features), np.concatenate(classes))
        return self

    def predict(self, images):
        """Images (N, H, W, C) -> masks (N, H, W) of integers."""
        masks = []
        for start in range(0, len(images), CHUNK):
            features = pixel_features(images[start : start + CHUNK])
            predicted = self.forest.predict(features.reshape(-1, features.shape[-1]))
            masks.append(predicted.reshape(features.shape[:-1]))
        return np.concatenate(masks)


def pixel_features(images, scales=SCALES):
    """Features of every pixel: its values, and at each scale the smoothed values, gradient and curvatures, and how
    the smoothed values differ from those of eight pixels two standard deviations away.

    Args:
        images: (N, H, W, C).
        scales: standard deviations of the Gaussian filters, in pixels.

    Returns:
        (N, H, W, C (1 + 12 scales)) float32.
    """
    images = np.asarray(images, "float32")
    features, (height, width) = [images], images.shape[1:3]
    for scale in scales:
        smooth = ndimage.gaussian_filter(images, (0, scale, scale, 0))
        down, right = np.gradient(smooth, axis=(1, 2))
        features += [smooth, np.hypot(down, right)]
        # Eigenvalues of the matrix of second derivatives: curvature along and across a line.
        down_down, down_right = np.gradient(down, axis=(1, 2))
        right_right = np.gradient(right, axis=2)
        mean = (down_down + right_right) / 2
        spread = np.hypot((down_down - right_right) / 2, down_right)
        features += [mean + spread, mean - spread]
        away = 2 * round(scale)
        padded = np.pad(smooth, ((0, 0), (away, away), (away, away), (0, 0)), mode="symmetric")
        for top in (0, away, 2 * away):
            for left in (0, away, 2 * away):
                if (top, left) != (away, away):
                    features.append(padded[:, top : top + height, left : left + width] - smooth)
    return np.concatenate(features, axis=-1)
