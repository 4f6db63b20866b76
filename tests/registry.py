"""All models, each in a small configuration. Registering a model here is what proves it.

Every argument differs from its default, so that a forgotten `get_config` entry cannot hide.
"""

import keras
import numpy as np

from keras_cv_course.classify.global_pooling import GlobalPoolingClassifier
from keras_cv_course.reconstruct.anomaly import AnomalyDetector
from keras_cv_course.reconstruct.convolutional_autoencoder import ConvolutionalAutoencoder
from keras_cv_course.reconstruct.denoising import DenoisingAutoencoder
from keras_cv_course.reconstruct.dense_autoencoder import DenseAutoencoder
from keras_cv_course.reconstruct.manifold import ManifoldAutoencoder
from tests import (
    registry_classify_a,
    registry_classify_b,
    registry_detect,
    registry_generate,
    registry_segment,
)
from tests.harness import Case

_rng = np.random.default_rng(20261120)


def _images(count, height, width, channels):
    return _rng.random((count, height, width, channels), dtype="float32")


_wide = _images(8, 12, 8, 3)
_odd = _images(8, 7, 9, 2)
_signals = np.cumsum(_rng.standard_normal((16, 60), dtype="float32"), axis=1) / 4
_points = _rng.standard_normal((32, 4), dtype="float32")

CASES = {
    "denoising": Case(
        make=lambda: DenoisingAutoencoder(filters=(12, 6), channels=3, brightness=0.4),
        inputs=_wide,
        targets=np.clip(_wide + 0.1, 0, 1),
        loss="mse",
        signature=(None, None, None, 3),
        other_inputs=_images(2, 16, 20, 3),
        overfit=0.5,
        published={
            "the network of TensorFlow's tutorial, by hand: 160 + 1160 + 584 + 1168 + 145": (
                DenoisingAutoencoder,
                (None, 28, 28, 1),
                3_217,
            )
        },
    ),
    "dense_autoencoder": Case(
        make=lambda: DenseAutoencoder(
            image_shape=(7, 9, 2),
            latent=10,
            hidden=(32,),
            activation="tanh",
            code_activation="tanh",
            output_activation="linear",
        ),
        inputs=_odd,
        targets=_odd,
        loss="mse",
        signature=(None, 7, 9, 2),
    ),
    "convolutional_autoencoder": Case(
        make=lambda: ConvolutionalAutoencoder((7, 9, 2), latent=10, filters=(8, 12), activation="tanh"),
        inputs=_odd,
        targets=_odd,
        loss="mse",
        signature=(None, 7, 9, 2),
    ),
    "anomaly_detector": Case(
        make=lambda: AnomalyDetector(length=60, units=(20, 10), scaling="standard"),
        inputs=_signals,
        signature=(None, 60),
        prepare=lambda model: model.adapt(_signals),
        published={"140-32-16-8-16-32-140, by hand": (AnomalyDetector, (None, 140), 10_484)},
    ),
    "manifold_autoencoder": Case(
        make=lambda: ManifoldAutoencoder(
            dimensions=4, latent=3, hidden=(16,), activation="swish", unfold=0.1, radius=1.5, pull=0.2
        ),
        inputs=_points,
        signature=(None, 4),
        overfit=0.8,
    ),
}
CASES["global_pooling_classifier"] = Case(
    make=lambda: GlobalPoolingClassifier(filters=(8, 12), classes=3),
    inputs=_images(6, 9, 10, 2),
    targets=np.array([0, 1, 2, 0, 1, 2]),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    signature=(None, None, None, 2),
    other_inputs=_images(2, 12, 7, 2),
    published={"by hand: 160 + 4640 + 9248 + 330": (GlobalPoolingClassifier, (None, 28, 28, 1), 14_378)},
)
CASES |= registry_classify_a.CASES
CASES |= registry_classify_b.CASES
CASES |= registry_detect.CASES
CASES |= registry_generate.CASES
CASES |= registry_segment.CASES
