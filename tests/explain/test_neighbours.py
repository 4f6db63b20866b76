import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from keras_cv_course.errors import InputError
from keras_cv_course.explain.neighbours import nearest, same_class_share, unit_rows


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_neighbours_are_scikit_learns(metric):
    rng = np.random.default_rng(0)
    gallery, queries = rng.normal(size=(60, 7)), rng.normal(size=(15, 7))
    expected = (
        NearestNeighbors(n_neighbors=4, metric=metric).fit(gallery).kneighbors(queries, return_distance=False)
    )
    np.testing.assert_array_equal(nearest(queries, gallery, 4, metric == "cosine"), expected)


def test_lengths_do_not_matter_for_the_cosine_and_zeros_stay_zeros():
    gallery = np.array([[10.0, 0.0], [0.1, 0.1], [0.0, 0.0]])
    np.testing.assert_array_equal(nearest([[1.0, 0.9]], gallery, 1), [[1]])
    np.testing.assert_allclose(unit_rows(gallery), [[1, 0], [0.5**0.5, 0.5**0.5], [0, 0]])


def test_share_by_hand():
    assert same_class_share([[0, 1], [2, 1]], [7, 8], [7, 8, 7]) == 0.5


def test_bad_arguments():
    for queries, gallery, count in (
        (np.zeros((2, 3)), np.zeros((2, 4)), 1),
        (np.zeros(3), np.zeros((2, 3)), 1),
        (np.zeros((2, 3)), np.zeros((2, 3)), 3),
        (np.zeros((2, 3)), np.zeros((2, 3)), 0),
    ):
        with pytest.raises(InputError, match="expected queries"):
            nearest(queries, gallery, count)
    with pytest.raises(InputError, match="finite"):
        nearest(np.full((1, 2), np.nan), np.zeros((2, 2)), 1)
