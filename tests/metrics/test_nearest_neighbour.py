import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.stats import mannwhitneyu

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.feature_sets import nearest_rows
from keras_cv_course.metrics.nearest_neighbour import copying, nearest_neighbours

rng = np.random.default_rng(3)
training, held_out, generated = (rng.random((count, 4, 3, 1)) for count in (90, 40, 50))


def test_equals_a_tree_search():
    expected, index = cKDTree(training.reshape(90, -1)).query(generated.reshape(50, -1))
    distances, indices = nearest_neighbours(generated, training)
    np.testing.assert_allclose(distances, expected)
    np.testing.assert_array_equal(indices, index)


@pytest.mark.parametrize("block", [7, 50, 1000])
def test_the_third_nearest_in_blocks(block):
    flat = [images.reshape(len(images), -1) for images in (generated, training)]
    expected, index = cKDTree(flat[1]).query(flat[0], k=[3])
    distances, indices = nearest_rows(*flat, neighbour=3, block=block)
    np.testing.assert_allclose(distances, expected[:, 0])
    np.testing.assert_array_equal(indices, index[:, 0])


def test_a_copy_is_found_at_distance_0():
    distances, indices = nearest_neighbours(training[[5, 2]], training)
    assert distances.tolist() == [0, 0] and indices.tolist() == [5, 2]


def test_copying_is_the_mann_whitney_statistic():
    ours, theirs = (nearest_neighbours(images, training)[0] for images in (generated, held_out))
    expected = mannwhitneyu(theirs, ours).statistic / (50 * 40)
    assert copying(generated, training, held_out) == pytest.approx(expected)


def test_copies_are_told_from_new_images_and_from_bad_ones():
    assert copying(training[:30] + 1e-3, training, held_out) == 1
    assert copying(generated + 10, training, held_out) == 0
    fresh = [copying(rng.random((50, 6)), rng.random((100, 6)), rng.random((50, 6))) for _ in range(100)]
    assert np.mean(fresh) == pytest.approx(0.5, abs=4 * np.std(fresh) / 10)


def test_equal_distances_count_half():
    assert copying(training[:3], training, training[5:9]) == 0.5


def test_images_of_another_shape_are_refused():
    with pytest.raises(InputError, match=r"got \(50, 4, 3, 1\) and \(90, 4, 3\)"):
        nearest_neighbours(generated, training[..., 0])


def test_moved_copies_are_found_with_a_shift():
    """Without it, a copy that is moved by a pixel is farther away than a new image of noise."""
    rng = np.random.default_rng(0)
    training, new = rng.random((60, 12, 12, 1)), rng.random((50, 12, 12, 1))
    moved = np.roll(training[:40], (1, -1), axis=(1, 2))
    assert copying(moved, training, new) < 0.8
    assert copying(moved, training, new, shift=1) > 0.99
    assert copying(training[:40], training, new, shift=1) == 1
    far = np.roll(training[:40], 3, axis=1)
    assert copying(far, training, new, shift=1) < 0.8 < copying(far, training, new, shift=3)
    with pytest.raises(InputError, match="only images"):
        copying(np.ones((4, 5)), np.ones((3, 5)), np.ones((2, 5)), shift=1)
