"""Measures of generated images in the features of a classifier: each of them sees another fault.

As Heusel et al., NeurIPS 2017, with InceptionV3: what a classifier sees in the images is compared, not their
pixels, since a digit moved by one pixel is the same digit and far away in pixels.
"""

import keras
import numpy as np

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.class_coverage import class_coverage, class_shares
from keras_cv_course.metrics.frechet_distance import frechet_distance
from keras_cv_course.metrics.nearest_neighbour import copying
from keras_cv_course.metrics.precision_recall_of_sets import precision_recall_of_sets

COPIES = 500  # images of either kind that are compared with all training images, at most


class GANEvaluator:
    """Measures generated images with a classifier of the real ones.

    Its features are the classifier's last feature map, averaged over its pixels as InceptionV3's are. They are
    centred on the training images and divided by one number, so that their mean square is 1 there: distances that
    two classifiers find can then be compared.

    Args:
        classifier: a trained model with `endpoints(images)["features"]` and logits (N, classes) from its call.
        training: (N, H, W, C) real images in [0, 1] that the generator learns from.

    Raises:
        InputError: the classifier's features are the same for all training images.
    """

    def __init__(self, classifier, training):
        self.classifier, self.training = classifier, np.asarray(training)
        features = self._raw_features(self.training)
        self.mean = features.mean(axis=0)
        self.spread = float(np.sqrt(np.mean((features - self.mean) ** 2)))
        if not self.spread > 0:
            raise InputError("the classifier's features are the same for all training images: train it first")

    def features(self, images):
        """Images (N, H, W, C) in [0, 1] -> features (N, D)."""
        return (self._raw_features(images) - self.mean) / self.spread

    def labels(self, images):
        """Images -> the class (N,) with the largest logit."""
        return self._in_blocks(self.classifier, images).argmax(axis=-1)

    def frechet(self, generated, held_out):
        """Fréchet distance (see `measure`) of images (M, H, W, C) to held-out ones (N, H, W, C)."""
        return frechet_distance(self.features(held_out), self.features(generated))

    def copying(self, generated, held_out):
        """Probability (see `measure`) that a generated image is closer to the training images than a real one."""
        count = min(COPIES, len(generated), len(held_out))
        return copying(generated[:count], self.training, held_out[:count], shift=1)

    def measure(self, generated, held_out, classes):
        """All measures of generated images.

        Args:
            generated: (M, H, W, C) in [0, 1].
            held_out: (N, H, W, C) real ones that neither generator nor classifier has seen.
            classes: number of classes.

        Returns:
            {"frechet": Fréchet distance to the held-out images, in features, 0 at best; with few images it is too
            large, so compare it with that of equally many other real ones,
            "precision": share of the generated images that are among the held-out ones,
            "recall": share of the held-out images that are among the generated ones,
            "coverage": share of the classes that are generated,
            "rarest_class": share of the class that is generated least, 1 / classes at best,
            "copying": probability, in pixels, that a generated image is closer to the training images than a
            held-out one is, as they are or moved by a pixel: 0.5 for images as new as real ones, towards 1 for
            copies}.
        """
        features, real, labels = self.features(generated), self.features(held_out), self.labels(generated)
        # Balls around more rows reach farther: both sets as large as the smaller one.
        count = min(len(features), len(real))
        precision, recall = precision_recall_of_sets(real[:count], features[:count])
        return {
            "frechet": frechet_distance(real, features),
            "precision": precision,
            "recall": recall,
            "coverage": class_coverage(labels, classes),
            "rarest_class": float(class_shares(labels, classes).min()),
            "copying": self.copying(generated, held_out),
        }

    def _raw_features(self, images):
        maps = self._in_blocks(lambda block: self.classifier.endpoints(block)["features"], images)
        return maps.mean(axis=tuple(range(1, maps.ndim - 1)))

    def _in_blocks(self, function, images, block=500):
        starts = range(0, len(images), block)
        return np.concatenate(
            [keras.ops.convert_to_numpy(function(images[start : start + block])) for start in starts]
        )
