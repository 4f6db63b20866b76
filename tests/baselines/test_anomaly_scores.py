import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.metrics import roc_auc_score

from keras_cv_course.baselines import anomaly_scores
from keras_cv_course.errors import InputError

rng = np.random.default_rng(0)
AXES = np.linalg.qr(rng.standard_normal((12, 3)))[0].T


def signals(count, shift=0.0, seed=1):
    """Signals of 12 samples in a space of 3 dimensions plus a little noise; the shift leaves that space."""
    chance = np.random.default_rng(seed)
    inside = chance.standard_normal((count, 3)) @ AXES
    return (
        5 + inside + shift * chance.standard_normal((count, 12)) + 0.05 * chance.standard_normal((count, 12))
    )


def test_the_distance_from_the_mean_by_hand():
    found = anomaly_scores.mean_distance(np.array([[0.0, 2.0], [2.0, 4.0]]))  # the mean is (1, 3)
    np.testing.assert_allclose(found.normal_scores, [1, 1])
    np.testing.assert_allclose(found.score(np.array([[1.0, 3.0], [1.0, 7.0]])), [0, 2])


def test_the_error_of_pca_is_what_lies_outside_its_components():
    normal = signals(200)
    found = anomaly_scores.pca_error(normal, 3)
    assert found.normal_scores.max() < 0.15
    far = signals(50, shift=1.0, seed=2)
    centred = far - normal.mean(axis=0)
    outside = centred - centred @ AXES.T @ AXES
    np.testing.assert_allclose(found.score(far), np.abs(outside).mean(axis=1), atol=0.05)


def test_a_mixture_of_one_gaussian_is_its_negative_log_likelihood():
    normal = signals(300) @ AXES.T  # three dimensions, all of them kept
    found = anomaly_scores.gaussian_mixture(normal, 3, 1)
    covariance = np.cov(normal.T, bias=True) + 1e-4 * normal.var() * np.eye(3)
    expected = -multivariate_normal(normal.mean(axis=0), covariance).logpdf(normal)
    np.testing.assert_allclose(found.normal_scores, expected, rtol=1e-5)


def test_the_local_outlier_factor_is_about_1_inside_and_larger_outside():
    found = anomaly_scores.local_outlier_factor(signals(300), 10)
    assert np.median(found.normal_scores) == pytest.approx(1, abs=0.1)
    assert found.score(signals(50, shift=2.0, seed=3)).min() > found.normal_scores.mean() + 0.5


@pytest.mark.parametrize("scaling", ["min_max", "standard"])
def test_scores_do_not_depend_on_the_unit(scaling):
    normal, more = signals(100), signals(20, seed=4)
    one, other = (
        anomaly_scores.scaled(anomaly_scores.pca_error, unit * normal, scaling, 2).score(unit * more)
        for unit in (1, 1000)
    )
    np.testing.assert_allclose(one, other, rtol=1e-4)


def test_each_method_gets_the_setting_that_ranks_the_validation_signals_best():
    validation = np.concatenate([signals(100, seed=5), signals(100, shift=0.1, seed=6)])
    labels = np.repeat([1, 0], 100)
    found = anomaly_scores.tuned_anomaly_scores(signals(200), validation, labels)
    assert list(found) == ["mean beat", "PCA", "local outlier factor", "Gaussian mixture"]
    assert found["PCA"].setting.startswith("3 components")  # the signals have three dimensions
    areas = {name: roc_auc_score(labels == 0, method.score(validation)) for name, method in found.items()}
    assert areas["PCA"] > 0.95 > areas["mean beat"]
    for method in found.values():
        assert method.normal_scores.shape == (200,) and method.score(validation).shape == (200,)


def test_too_few_signals():
    validation, labels = signals(4), np.array([1, 0, 1, 0])
    assert list(anomaly_scores.tuned_anomaly_scores(signals(4), validation, labels)) == ["mean beat", "PCA"]
    with pytest.raises(InputError, match="two or more normal"):
        anomaly_scores.tuned_anomaly_scores(signals(1), validation, labels)
    with pytest.raises(InputError, match="needs normal and abnormal"):
        anomaly_scores.tuned_anomaly_scores(signals(4), validation, np.ones(4))
