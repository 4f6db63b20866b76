"""How good are made images? Seven numbers, each of which another fault spoils.

What a classifier sees in the images is compared, not their pixels, as Heusel et al., NeurIPS 2017, do with
InceptionV3: a digit moved by one pixel is the same digit, and far away in pixels.
"""

import keras
import numpy as np

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.class_coverage import class_coverage, class_shares
from keras_cv_course.metrics.frechet_distance import frechet_distance
from keras_cv_course.metrics.kernel_distance import kernel_distance
from keras_cv_course.metrics.nearest_neighbour import copying
from keras_cv_course.metrics.precision_recall_of_sets import precision_recall_of_sets


class Judge:
    """A trained classifier that looks at images in the place of a person.

    Its features are the last feature map, averaged over its pixels as InceptionV3's are. They are moved by
    their mean over the training images and divided by one number, so that their mean square is 1 there:
    distances that two judges find can then be compared.

    Args:
        classifier: a model with `endpoints(images)["features"]` and logits (N, classes) from its call.
        training: (N, H, W, C) real images in [0, 1] that the generator learns from.

    Raises:
        InputError: the classifier sees the same in all training images.
    """

    def __init__(self, classifier, training):
        self.classifier, self.training = classifier, np.asarray(training)
        seen = self._seen(self.training)
        self.mean = seen.mean(axis=0)
        self.spread = float(np.sqrt(np.mean((seen - self.mean) ** 2)))
        if not self.spread > 0:
            raise InputError("the classifier sees the same in every training image: train it first")
        self.training_features = (seen - self.mean) / self.spread

    def features(self, images):
        """Images (N, H, W, C) in [0, 1] -> features (N, D)."""
        return (self._seen(images) - self.mean) / self.spread

    def labels(self, images):
        """Images -> the class (N,) that the classifier says."""
        return self._in_blocks(self.classifier, images).argmax(axis=-1)

    def frechet(self, made, held_out):
        """Fréchet distance (see `quality`) of images (M, H, W, C) to held-out ones (N, H, W, C)."""
        return frechet_distance(self.features(held_out), self.features(made))

    def quality(self, made, held_out, classes):
        """All measures of made images.

        Args:
            made: (M, H, W, C) in [0, 1].
            held_out: (N, H, W, C) real ones that neither generator nor classifier has seen.
            classes: number of classes.

        Returns:
            {"frechet": Fréchet distance to the held-out images, in features, 0 at best; few images make it
            too large, so compare it with that of equally many real ones,
            "kernel": kernel distance to them, about 0 at best,
            "precision": share of the made images that lie where training images do,
            "recall": share of the training images that lie where made ones do,
            "coverage": share of the classes that are made at all,
            "rarest_class": share of the class that is made least, 1 / classes at best,
            "copying": probability, in pixels, that a made image is closer to the training images than a
            held-out one is: 0.5 for images as new as real ones, towards 1 for copies}.
        """
        features, real, labels = self.features(made), self.features(held_out), self.labels(made)
        # Balls around more rows reach farther: both sets as large as the smaller one.
        count = min(len(features), len(self.training_features))
        precision, recall = precision_recall_of_sets(self.training_features[:count], features[:count])
        return {
            "frechet": frechet_distance(real, features),
            "kernel": kernel_distance(real, features),
            "precision": precision,
            "recall": recall,
            "coverage": class_coverage(labels, classes),
            "rarest_class": float(class_shares(labels, classes).min()),
            "copying": copying(made, self.training, held_out[: len(made)]),
        }

    def _seen(self, images):
        maps = self._in_blocks(lambda block: self.classifier.endpoints(block)["features"], images)
        return maps.mean(axis=tuple(range(1, maps.ndim - 1)))

    def _in_blocks(self, function, images, block=500):
        starts = range(0, len(images), block)
        return np.concatenate(
            [keras.ops.convert_to_numpy(function(images[start : start + block])) for start in starts]
        )
