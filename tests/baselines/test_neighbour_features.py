import numpy as np
import pytest

from keras_cv_course.baselines.neighbour_features import binary_patterns, colour_histograms, tuned_neighbours
from keras_cv_course.data.part import Part
from keras_cv_course.explain.neighbours import same_class_share


def test_colours_by_hand():
    image = np.zeros((1, 2, 2, 3))
    image[0, 0] = [0.9, 0.1, 0.6]
    found = colour_histograms(image, 2)[0]
    np.testing.assert_allclose(found[[0, 5]], [0.5**0.5, 0.5**0.5])
    assert (found**2).sum() == pytest.approx(1)


def test_patterns_do_not_see_brightness_or_colours_but_texture():
    rng = np.random.default_rng(0)
    rough = np.repeat(rng.random((1, 16, 16, 1)), 3, axis=-1)
    smooth = np.tile(np.linspace(0, 1, 16)[None, None, :, None], (1, 16, 1, 3))
    found = binary_patterns(np.concatenate([rough, 0.2 + 0.5 * rough, smooth]), (1,))
    near, far = (np.abs(found[0] - found[i]).sum() for i in (1, 2))
    assert near < 0.1 * far


def test_each_space_finds_the_classes_that_it_can_see():
    """Two colours with one texture: histograms of colours tell them, binary patterns cannot."""
    rng = np.random.default_rng(0)

    def part(count):
        labels = np.arange(count) % 2
        grey = rng.random((count, 18, 18, 1)) * 0.4
        images = np.repeat(grey, 3, axis=-1)
        images[labels == 1, ..., 0] += 0.5
        return Part(images=images.astype("float32"), labels=labels)

    gallery, validation, test = part(40), part(20), part(30)
    names = ("pixels", "PCA", "HOG", "colour histogram", "local binary patterns")
    found = tuned_neighbours(gallery, validation, test, 3, names)
    shares = {name: same_class_share(rows, test.labels, gallery.labels) for name, rows in found.items()}
    assert tuple(found) == names and found["PCA"].shape == (30, 3)
    assert shares["colour histogram"] == shares["PCA"] == 1 and shares["local binary patterns"] < 0.85
