import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.gan_evaluator import GANEvaluator
from keras_cv_course.metrics.frechet_distance import frechet_distance
from keras_cv_course.metrics.precision_recall_of_sets import precision_recall_of_sets


class TwoPixels(keras.Model):
    """Its features are the two pixels of an image, its class the brighter one."""

    def endpoints(self, images):
        # A map of two rows, the second three times the first.
        return {"features": keras.ops.reshape(images, (-1, 1, 1, 2)) * np.float32([[[1]], [[3]]])}

    def call(self, images):
        return keras.ops.reshape(images, (-1, 2))


def images(count, seed, first=(0.2, 0.8)):
    rng = np.random.default_rng(seed)
    centres = np.asarray(first)[rng.integers(0, len(first), count)]
    pixels = np.stack([centres, 1 - centres], axis=-1) + 0.02 * rng.standard_normal((count, 2))
    return np.clip(pixels, 0, 1).astype("float32").reshape(count, 1, 2, 1)


training, held_out = images(400, 1), images(200, 2)


def test_features_are_averaged_over_the_map_and_measured_from_the_training_images():
    uniform = np.random.default_rng(0).random((1200, 1, 2, 1), dtype="float32")
    evaluator = GANEvaluator(TwoPixels(), uniform)
    pixels = uniform.reshape(-1, 2)
    spread = np.sqrt(pixels.var(axis=0).mean())
    np.testing.assert_allclose(
        evaluator.features(uniform), (pixels - pixels.mean(axis=0)) / spread, atol=1e-4
    )
    np.testing.assert_array_equal(evaluator.labels(uniform), uniform[:, 0, 1, 0] > uniform[:, 0, 0, 0])


def test_each_fault_spoils_its_number():
    evaluator = GANEvaluator(TwoPixels(), training)

    def measure(generated):
        return evaluator.measure(generated, held_out, classes=2)

    good, collapsed, copies = measure(images(300, 3)), measure(images(300, 4, [0.2])), measure(training[:300])
    assert good["coverage"] == 1 and good["rarest_class"] > 0.4 and 0.35 < good["copying"] < 0.65
    assert min(good["precision"], good["recall"]) > 0.8
    assert collapsed["coverage"] == 0.5 and collapsed["rarest_class"] == 0 and collapsed["recall"] < 0.6
    assert copies["copying"] == 1
    blank = measure(np.full((300, 1, 2, 1), 1.0, "float32") - 0.01 * images(300, 5))
    assert blank["precision"] < 0.05 and blank["recall"] < 0.05 and blank["copying"] < 0.05
    assert blank["frechet"] > 10 * good["frechet"]
    expected = frechet_distance(evaluator.features(held_out), evaluator.features(training[:300]))
    assert copies["frechet"] == pytest.approx(expected)
    assert evaluator.frechet(training[:300], held_out) == pytest.approx(expected)


@pytest.mark.parametrize(("generated", "real"), [(300, 60), (60, 200)])
def test_precision_and_recall_compare_equally_many(generated, real):
    """Balls around more images reach farther apart; with sets of different sizes the numbers would be others."""
    rng = np.random.default_rng(0)
    # Two squares that overlap by about a third: many rows lie near the border of the other set.
    some = rng.random((generated, 1, 2, 1), dtype="float32")
    others = rng.random((real, 1, 2, 1), dtype="float32") + np.float32(0.4)
    evaluator = GANEvaluator(TwoPixels(), training)
    measured = evaluator.measure(some, others, classes=2)
    left, right = evaluator.features(others), evaluator.features(some)
    expected = precision_recall_of_sets(left[:60], right[:60])
    unequal = precision_recall_of_sets(left, right)
    assert (measured["precision"], measured["recall"]) == pytest.approx(expected)
    assert np.abs(np.subtract(unequal, expected)).max() > 0.03


def test_copies_are_found_as_they_are_and_moved_by_a_pixel():
    class Mean(TwoPixels):
        def endpoints(self, images):
            return {"features": keras.ops.mean(images, axis=(1, 2), keepdims=True)}

    rng = np.random.default_rng(0)
    real, new = (rng.random((count, 6, 6, 1), dtype="float32") for count in (80, 60))
    evaluator = GANEvaluator(Mean(), real)
    for copies in (real[:50], np.roll(real[:50], 1, axis=1), np.roll(real[:50], -1, axis=2)):
        assert evaluator.copying(copies, new) > 0.99
    assert 0.3 < evaluator.copying(rng.random((50, 6, 6, 1), dtype="float32"), new) < 0.7


def test_a_blind_classifier_is_refused():
    with pytest.raises(InputError, match="features are the same for all training images"):
        GANEvaluator(TwoPixels(), np.zeros((5, 1, 2, 1), "float32"))
