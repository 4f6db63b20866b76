import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.precision_recall_of_sets import precision_recall_of_sets

rng = np.random.default_rng(2)


def column(*numbers):
    return np.array(numbers, "float64")[:, None]


def test_by_hand_on_a_line():
    """Radii to the nearest neighbour: real ones 1, 0.5, 0.5 and 8.5, made ones 0.1, 0.1 and 28.7."""
    real, made = column(0, 1, 1.5, 10), column(1.2, 1.3, 30)
    # Made 1.2 and 1.3 lie within .5 of 1; 30 is 20 from 10. Real 1.5 and 10 lie within 28.7 of 30, 1 does not
    # (29), nor does it lie within .1 of 1.2.
    precision, recall = precision_recall_of_sets(real, made, neighbour=1)
    assert precision == pytest.approx(2 / 3)
    assert recall == pytest.approx(2 / 4)


@pytest.mark.parametrize("neighbour", [1, 3, 5])
def test_equals_an_independent_search(neighbour):
    real, made = rng.standard_normal((80, 4)), 0.8 * rng.standard_normal((60, 4)) + 0.5

    def share(rows, others):
        radii = NearestNeighbors(n_neighbors=neighbour).fit(others).kneighbors()[0][:, -1]
        hits = [any(np.linalg.norm(row - other) <= r for other, r in zip(others, radii)) for row in rows]
        return np.mean(hits)

    expected = share(made, real), share(real, made)
    assert min(expected) > 0 and max(expected) < 1
    assert precision_recall_of_sets(real, made, neighbour) == pytest.approx(expected)


def test_the_same_set_has_both_and_a_far_one_neither():
    real = rng.standard_normal((50, 3))
    assert precision_recall_of_sets(real, real) == (1, 1)
    assert precision_recall_of_sets(real, real + 100) == (0, 0)


def test_a_collapsed_generator_is_precise_and_forgets():
    real = np.concatenate([rng.standard_normal((100, 2)) + place for place in ([0, 0], [50, 0], [0, 50])])
    one_kind = rng.standard_normal((300, 2))
    precision, recall = precision_recall_of_sets(real, one_kind)
    assert precision > 0.85 and recall < 0.4


def test_bad_sets_are_refused():
    with pytest.raises(InputError, match="4 or more rows"):
        precision_recall_of_sets(np.zeros((3, 2)), np.zeros((9, 2)))
    with pytest.raises(InputError, match="neighbour must be 1 or more, got 0"):
        precision_recall_of_sets(np.zeros((3, 2)), np.zeros((9, 2)), neighbour=0)
