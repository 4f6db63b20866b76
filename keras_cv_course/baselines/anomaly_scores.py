"""Anomaly detectors that need no network, each fitted to normal signals with a fair tuning.

K. Pearson, "On Lines and Planes of Closest Fit to Systems of Points in Space", Philosophical Magazine 1901
(principal components); M. Breunig, H.-P. Kriegel, R. Ng, J. Sander, "LOF: Identifying Density-Based Local
Outliers", SIGMOD 2000. scikit-learn fits them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor
from threadpoolctl import threadpool_limits

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.anomaly_rates import anomaly_roc
from keras_cv_course.reconstruct.anomaly import SCALINGS, fit_scaling

COMPONENTS = (1, 2, 3, 4, 6, 8, 16)  # of PCA
NEIGHBOURS = (5, 10, 20, 40)  # of the local outlier factor
MIXTURES = ((8, 4), (8, 10), (16, 4), (16, 10), (16, 20))  # (principal components, Gaussians)


@dataclass
class AnomalyScore:
    """A fitted detector.

    Attributes:
        score: function of signals (N, length) -> (N,) scores; larger is more anomalous.
        normal_scores: (M,) scores of the normal signals that it was fitted to, for a threshold.
        setting: how it was set, in words.
    """

    score: Callable
    normal_scores: np.ndarray
    setting: str = ""


def tuned_anomaly_scores(normal, validation, labels):
    """Four detectors, each with the scaling and the setting that rank the validation signals best.

    Args:
        normal: (M, length) normal training signals.
        validation: (N, length) signals of both kinds, which choose scaling and setting.
        labels: (N,) 1 = normal, 0 = abnormal.

    Returns:
        {name: `AnomalyScore`}: mean beat, PCA, local outlier factor, Gaussian mixture; the last two are left
        out where there are too few signals for them.

    Raises:
        InputError: fewer than two normal signals, or validation signals of one kind only.
    """
    if len(normal) < 2:
        raise InputError(f"detectors need two or more normal training signals, received {len(normal)}")
    candidates = {
        "mean beat": [(mean_distance, ())],
        "PCA": [(pca_error, (count,)) for count in COMPONENTS if count < min(normal.shape)],
        "local outlier factor": [(local_outlier_factor, (k,)) for k in NEIGHBOURS if k < len(normal)],
        "Gaussian mixture": [(gaussian_mixture, pair) for pair in MIXTURES if max(pair) < min(normal.shape)],
    }
    best = {}
    with threadpool_limits(1):  # matrices this small take longer on several threads
        for name, settings in candidates.items():
            fitted = [scaled(fit, normal, way, *setting) for way in SCALINGS for fit, setting in settings]
            if fitted:
                best[name] = max(fitted, key=lambda found: anomaly_roc(labels, found.score(validation))[2])
    return best


def scaled(fit, normal, scaling, *setting):
    """Fit one of the detectors below to scaled signals.

    Args:
        fit: function (scaled normal signals, *setting) -> `AnomalyScore` of scaled signals.
        normal: (M, length) normal training signals.
        scaling: as in `fit_scaling`.
        *setting: of the detector.

    Returns:
        `AnomalyScore` of raw signals.
    """
    offset, scale = fit_scaling(normal, scaling)
    inner = fit((normal - offset) / scale, *setting)
    words = f"{inner.setting}, {scaling} scaling".removeprefix(", ")
    return AnomalyScore(lambda signals: inner.score((signals - offset) / scale), inner.normal_scores, words)


def mean_distance(normal):
    """Mean absolute difference from the mean of the normal signals."""
    centre = normal.mean(axis=0)

    def score(signals):
        return np.abs(signals - centre).mean(axis=1)

    return AnomalyScore(score, score(normal))


def pca_error(normal, components):
    """Mean absolute reconstruction error of so many principal components."""
    pca = PCA(components, random_state=0).fit(normal)

    def score(signals):
        return np.abs(signals - pca.inverse_transform(pca.transform(signals))).mean(axis=1)

    return AnomalyScore(score, score(normal), f"{components} components")


def local_outlier_factor(normal, neighbours):
    """How much sparser a signal's neighbourhood is than its neighbours' own; about 1 among normal signals."""
    found = LocalOutlierFactor(n_neighbors=neighbours, novelty=True).fit(normal)
    return AnomalyScore(
        lambda signals: -found.score_samples(signals),
        -found.negative_outlier_factor_,
        f"{neighbours} neighbours",
    )


def gaussian_mixture(normal, components, gaussians):
    """Negative log-likelihood under a mixture of Gaussians of the principal components."""
    pca = PCA(components, random_state=0).fit(normal)
    mixture = GaussianMixture(gaussians, reg_covar=1e-4 * normal.var(), random_state=0)
    mixture.fit(pca.transform(normal))

    def score(signals):
        return -mixture.score_samples(pca.transform(signals))

    return AnomalyScore(score, score(normal), f"{gaussians} Gaussians of {components} components")
