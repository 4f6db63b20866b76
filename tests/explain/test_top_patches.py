import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.explain.receptive_field import ReceptiveField, Span
from keras_cv_course.explain.top_patches import activation_threshold, cut, top_patches, unit_mask

FIELD = ReceptiveField(Span(2, -1, 5), Span(2, 0, 4))


def test_strongest_places_first_and_none_over_half_of_another():
    maps = np.zeros((2, 6, 6))
    maps[0, 2, 3], maps[0, 3, 3], maps[1, 2, 3], maps[0, 5, 3] = 9, 8, 7, 6
    found = top_patches(maps, FIELD, 3)
    # 5 pixels high, a unit every 2: the neighbour one row below shows more than half of the same pixels.
    assert [(p.image, p.row, p.column, p.activation) for p in found] == [
        (0, 2, 3, 9),
        (1, 2, 3, 7),
        (0, 5, 3, 6),
    ]
    assert found[0].box == (3, 6, 8, 10)
    assert len(top_patches(maps[:1, :1, :1], FIELD, 9)) == 1


def test_cut_beyond_the_edges():
    image = np.arange(12, dtype="float32").reshape(3, 4, 1)
    np.testing.assert_array_equal(cut(image, (1, 2, 3, 4))[..., 0], [[6, 7], [10, 11]])
    np.testing.assert_array_equal(cut(image, (-1, 3, 1, 5), -5)[..., 0], [[-5, -5], [3, -5]])
    assert (cut(image, (9, 9, 11, 12)) == 1).all()


def test_a_mask_stands_where_the_unit_sees():
    unit_map = np.zeros((5, 5))
    unit_map[2, 3] = 1
    mask = unit_mask(unit_map, FIELD, (10, 12), 0.5)
    top, left, bottom, right = FIELD.box(2, 3)
    rows, columns = np.argwhere(mask).T
    assert (rows.min() + rows.max() + 1) / 2 == (top + bottom) / 2
    assert (columns.min() + columns.max() + 1) / 2 == (left + right) / 2
    assert mask.sum() < 9 and not unit_mask(unit_map, FIELD, (10, 12), 1).any()


def test_the_threshold_is_exceeded_by_a_share_of_all_places():
    maps = np.random.default_rng(0).random((4, 50, 50))
    assert np.mean(maps > activation_threshold(maps, 0.05)) == pytest.approx(0.05, abs=1e-3)


def test_bad_arguments():
    for maps, count in ((np.zeros((2, 3)), 1), (np.full((1, 2, 2), np.nan), 1), (np.zeros((1, 2, 2)), 0)):
        with pytest.raises(InputError, match="expected finite maps"):
            top_patches(maps, FIELD, count)
    with pytest.raises(InputError, match="share must lie between 0 and 1"):
        activation_threshold(np.zeros(3), 1)
