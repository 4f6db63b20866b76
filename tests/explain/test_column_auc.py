import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from keras_cv_course.errors import InputError
from keras_cv_course.explain.column_auc import column_auc


def test_it_is_scikit_learns_with_ties_and_counted_pair_by_pair():
    rng = np.random.default_rng(0)
    features, labels = rng.integers(0, 6, (40, 7)).astype(float), np.arange(40) % 3 == 0
    expected = [roc_auc_score(labels, column) for column in features.T]
    np.testing.assert_allclose(column_auc(features, labels.astype(int)), expected, atol=1e-12)


def test_bad_arguments():
    for features, labels in (
        (np.zeros((3, 2)), [1, 1, 1]),
        (np.zeros(3), [0, 1, 0]),
        (np.zeros((3, 1)), [0, 1]),
        (np.zeros((3, 1)), [0, 1, 2]),
    ):
        with pytest.raises(InputError, match="expected features"):
            column_auc(features, np.array(labels))
    with pytest.raises(InputError, match="finite"):
        column_auc(np.full((2, 1), np.nan), np.array([0, 1]))
