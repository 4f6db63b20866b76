"""Features of InceptionV3, trained on ImageNet: those of published Fréchet distances (FID).

Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium", NeurIPS
2017, section 4. Published values are computed with an older file of weights; compare only within this one.
"""

import numpy as np
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.training.imagenet_backbone import imagenet_backbone

SIZE = 299


class InceptionFeatures:
    """Images -> the 2,048 features of the last pooling of InceptionV3.

    Args:
        weights: "imagenet", which are downloaded once, or None for random ones.
        block: images that pass through the network at once.

    Call:
        images (N, H, W, 1 or 3) in [0, 1], of any size -> (N, 2048) float32.

    Raises:
        InputError: no network and no file of weights, or it is corrupt; arrays that are no images.
    """

    def __init__(self, weights="imagenet", block=32):
        self.network, self.block = imagenet_backbone("inceptionv3", SIZE, weights=weights), block

    def __call__(self, images):
        images = np.asarray(images, "float32")
        if images.ndim != 4 or images.shape[-1] not in (1, 3) or not len(images):
            raise InputError(f"images must be (N, H, W, 1 or 3), N at least 1, got {images.shape}")
        if not (np.isfinite(images).all() and images.min() >= 0 and images.max() <= 1):
            raise InputError(f"images must be in [0, 1], got {images.min():g} to {images.max():g}")
        starts = range(0, len(images), self.block)
        return np.concatenate([self._seen(images[start : start + self.block]) for start in starts])

    def _seen(self, images):
        coloured = np.broadcast_to(images, (*images.shape[:3], 3))
        large = ops.image.resize(coloured, (SIZE, SIZE), interpolation="bilinear")
        return ops.convert_to_numpy(ops.mean(self.network(large), axis=(1, 2)))
