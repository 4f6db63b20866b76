import numpy as np
import pytest
from scipy.stats import entropy

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.class_coverage import class_coverage, class_shares, effective_classes


def test_shares_by_hand():
    np.testing.assert_allclose(class_shares([2, 0, 2, 2], 4), [0.25, 0, 0.75, 0])


def test_all_classes_and_one_class():
    assert class_coverage(np.arange(30) % 10, 10) == 1
    assert effective_classes(np.arange(30) % 10, 10) == pytest.approx(10)
    assert class_coverage([3] * 9, 10) == pytest.approx(0.1)
    assert effective_classes([3] * 9, 10) == pytest.approx(1)


def test_a_class_that_comes_by_mistake_only_does_not_count():
    labels = [0] * 490 + [1] * 490 + [2] * 20  # 2 % of three classes: 0.06 of its due
    assert class_coverage(labels, 3) == pytest.approx(2 / 3)
    assert class_coverage(labels, 3, threshold=0.06) == 1
    assert 2 < effective_classes(labels, 3) < 2.3


def test_effective_classes_is_e_to_the_entropy():
    labels = np.random.default_rng(0).binomial(5, 0.3, 200)
    expected = np.exp(entropy(np.bincount(labels)))
    assert effective_classes(labels, 6) == pytest.approx(expected)


@pytest.mark.parametrize("labels", [[], [0, 3], [-1, 0], [0.5, 1], [[0, 1]]])
def test_other_labels_are_refused(labels):
    with pytest.raises(InputError, match="whole numbers from 0 to 2"):
        class_shares(labels, 3)
