"""No generator without a network, and no cheat, reaches all targets of day4.dcgan."""

import keras
import numpy as np
import pytest

from keras_cv_course import data
from keras_cv_course.baselines.image_generators import (
    cheats,
    class_gaussians,
    gaussian,
    kernel_density,
    manifold_parzen,
)
from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.generate.adversarial.gan_evaluator import GANEvaluator
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day4.dcgan import dcgan


@pytest.fixture(scope="module")
def parts():
    return data.load("handwriting", limit=3000, size=16)


@pytest.fixture(scope="module")
def evaluator(parts):
    keras.utils.set_random_seed(0)
    classifier = ConvolutionalClassifier(filters=(16, 32), units=(64,), classes=10)
    classifier.build((None, 16, 16, 1))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    classifier.compile(adam_with_warmup(1e-2, 6 * 47), loss, steps_per_execution=10)
    classifier.fit(parts.train.images, parts.train.labels, batch_size=64, epochs=6, verbose=0)
    return GANEvaluator(classifier, parts.train.images)


def test_every_cheat_misses_a_target(parts, evaluator):
    """Issue 17: a Gaussian has all classes, blank images are no copies; each misses another target."""
    images, labels, rng = parts.train.images, parts.train.labels, np.random.default_rng(0)
    rivals = {
        **cheats(images[:1000]),
        "Gaussian": gaussian(images, 1000, rng, share=0.99),
        "one Gaussian a class": class_gaussians(images, 1000, rng, labels),
        "kernel density": kernel_density(images, 1000, rng, 0.1),
        "manifold Parzen": manifold_parzen(images, 1000, rng, 80),
        "one image of each class": images[[np.argmax(labels == label) for label in range(10)]].repeat(100, 0),
    }
    targets = dcgan.targets_of({"dataset": "handwriting"})
    missed, measured = {}, {}
    for name, generated in rivals.items():
        measured[name] = evaluator.measure(generated, parts.test.images, 10)
        missed[name] = {
            metric
            for metric, value in measured[name].items()
            if metric in targets and not targets[metric].reached(value)
        }
    assert all(missed.values()), measured
    assert measured["Gaussian"]["coverage"] >= 0.8 and "frechet" in missed["Gaussian"]
    assert {"precision", "recall", "coverage"} <= missed["blank images"] and "copying" not in missed[
        "blank images"
    ]
    assert "copying" in missed["training images"] & missed["training images, moved"]
    # Real images that neither network has seen are neither far away nor copies.
    real = evaluator.measure(parts.validation.images, parts.test.images, 10)
    assert all(
        targets[metric].reached(real[metric]) for metric in ("frechet", "precision", "recall", "copying")
    )
