"""The four similarities: cases by hand, their laws, and what merging conserves."""

import numpy as np
import pytest

from keras_cv_course.detect.proposals.regions import Regions, describe
from keras_cv_course.detect.proposals.similarity import (
    SIMILARITIES,
    colour_similarity,
    fill_similarity,
    merged,
    similarity,
    size_similarity,
    texture_similarity,
)
from keras_cv_course.errors import InputError
from sprints.day2.exercises.slow_regions import slow_similarity, some_regions


def region(size, box, colours, textures=(1.0, 0.0)):
    return Regions(*(np.array([value], float) for value in (size, box, colours, textures)))


def test_by_hand():
    """An image of 4x4: the left half, and the upper quarter of the right one."""
    left, corner = region(8, [0, 0, 2, 4], [0.5, 0.5]), region(4, [2, 0, 4, 2], [0.25, 0.75], [0.2, 0.8])
    assert colour_similarity(left, corner, 16) == pytest.approx(0.75)
    assert texture_similarity(left, corner, 16) == pytest.approx(0.2)
    assert size_similarity(left, corner, 16) == pytest.approx(1 - 12 / 16)
    assert fill_similarity(left, corner, 16) == pytest.approx(
        1 - 4 / 16
    )  # the box is the image, 4 are left over
    assert similarity(left, corner, 16) == pytest.approx(0.75 + 0.2 + 0.25 + 0.75)
    assert similarity(left, corner, 16, ("size",)) == pytest.approx(0.25)


def test_laws():
    """Symmetric, 1 of a histogram with itself, from 0 to 1, and equal to the sums number by number."""
    rng = np.random.default_rng(0)
    values, _ = some_regions(rng, 40)
    regions = Regions(**values)
    first, second = regions[:20], regions[20:]
    for name, measure in SIMILARITIES.items():
        found = measure(first, second, 600)
        np.testing.assert_allclose(found, measure(second, first, 600))
        np.testing.assert_allclose(found, [slow_similarity(values, i, i + 20, 600, name) for i in range(20)])
    for measure in (colour_similarity, texture_similarity):
        np.testing.assert_allclose(measure(first, first, 600), 1)
        assert np.all((measure(first, second, 600) >= 0) & (measure(first, second, 600) <= 1))


def test_merged_regions_are_those_of_the_merged_segments():
    rng = np.random.default_rng(1)
    image, segments = rng.random((12, 10, 3)), rng.integers(0, 2, (12, 10))
    apart, whole = describe(image, segments), describe(image, np.zeros((12, 10), int))
    joined = merged(apart[:1], apart[1:])
    for name, value in vars(joined).items():
        np.testing.assert_allclose(value, getattr(whole, name), atol=1e-12)
    assert joined.sizes[0] == 120


def test_unknown_measures_are_refused():
    one = region(1, [0, 0, 1, 1], [1, 0])
    for names in ((), ("shape",)):
        with pytest.raises(InputError, match="measures are one or more"):
            similarity(one, one, 16, names)
