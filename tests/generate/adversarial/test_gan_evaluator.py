import keras
import numpy as np
import pytest

from keras_cv_course.baselines.gaussian_generator import gaussian_images
from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.quality import Judge
from keras_cv_course.metrics.frechet_distance import frechet_distance


class TwoPixels(keras.Model):
    """Sees the two pixels of an image and says which is the brighter one."""

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


def test_features_are_averaged_over_the_map_and_measured_from_the_training_images():
    training = np.random.default_rng(0).random((1200, 1, 2, 1), dtype="float32")
    judge = Judge(TwoPixels(), training)
    pixels = training.reshape(-1, 2)
    spread = np.sqrt(pixels.var(axis=0).mean())
    expected = (pixels - pixels.mean(axis=0)) / spread
    np.testing.assert_allclose(judge.features(training), expected, atol=1e-4)
    np.testing.assert_allclose(judge.training_features, judge.features(training), rtol=1e-4)
    np.testing.assert_array_equal(judge.labels(training), training[:, 0, 1, 0] > training[:, 0, 0, 0])


def test_each_fault_spoils_its_number():
    training, held_out = images(400, 1), images(200, 2)
    judge = Judge(TwoPixels(), training)

    def quality(made):
        return judge.quality(made, held_out, classes=2)

    good, collapsed, copies = quality(images(300, 3)), quality(images(300, 4, [0.2])), quality(training[:300])
    assert good["coverage"] == 1 and good["rarest_class"] > 0.4 and 0.35 < good["copying"] < 0.65
    assert good["precision"] > 0.9 and good["recall"] > 0.9
    assert collapsed["coverage"] == 0.5 and collapsed["rarest_class"] == 0
    assert copies["copying"] == 1
    blank = quality(np.full((300, 1, 2, 1), 1.0, "float32") - 0.01 * images(300, 5))
    assert blank["precision"] < 0.05 and blank["copying"] < 0.05
    assert blank["frechet"] > 10 * good["frechet"] and blank["kernel"] > 10 * abs(good["kernel"])
    expected = frechet_distance(judge.features(held_out), judge.features(training[:300]))
    assert copies["frechet"] == pytest.approx(expected)
    assert judge.frechet(training[:300], held_out) == pytest.approx(expected)


def test_a_blind_classifier_is_refused():
    with pytest.raises(InputError, match="sees the same in every training image"):
        Judge(TwoPixels(), np.zeros((5, 1, 2, 1), "float32"))


def test_gaussian_images_have_the_training_images_mean_and_covariance():
    rng = np.random.default_rng(0)
    mixing = 0.02 * rng.standard_normal((3, 12))
    training = (0.5 + rng.standard_normal((5000, 3)) @ mixing).reshape(-1, 2, 3, 2)
    made = gaussian_images(training, 5000, rng)
    assert made.shape == (5000, 2, 3, 2) and made.dtype == "float32"
    one, other = (np.asarray(some, "float64").reshape(5000, 12) for some in (training, made))
    np.testing.assert_allclose(one.mean(axis=0), other.mean(axis=0), atol=2e-3)
    np.testing.assert_allclose(np.cov(one.T), np.cov(other.T), atol=2e-4)


def test_gaussian_images_stay_in_range():
    training = np.random.default_rng(0).integers(0, 2, (200, 3, 3, 1))
    made = gaussian_images(training, 50, np.random.default_rng(1))
    assert made.min() >= 0 and made.max() <= 1 and (made == 0).any()
