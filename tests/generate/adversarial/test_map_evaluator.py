"""The measures of images for maps: each cheat fails at least one of the lesson's targets."""

import keras
import numpy as np
import pytest

from keras_cv_course import data
from keras_cv_course.baselines.map_lookups import gaussian_texture, nearest_map, one_image, region_lookup
from keras_cv_course.generate.adversarial.map_evaluator import (
    MapEvaluator,
    grey,
    texture_segmenter,
    with_grey,
)
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day4.pix2pix import pix2pix


@pytest.fixture(scope="module")
def parts():
    return data.load("label_maps")


@pytest.fixture(scope="module")
def evaluator(parts):
    keras.utils.set_random_seed(0)
    segmenter = texture_segmenter(4)
    segmenter.build((None, 32, 32, 3))
    images, masks = with_grey(parts.train.images, parts.train.masks)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    segmenter.compile(adam_with_warmup(1e-2, 300), loss, steps_per_execution=10)
    order = np.random.default_rng(0).permutation(len(images))
    segmenter.fit(images[order], masks[order], batch_size=16, epochs=3, verbose=0)
    return MapEvaluator(segmenter, 4, parts.train.images)


def test_real_images_agree_with_their_maps(parts, evaluator):
    test = parts.test
    measured = evaluator.measure(test.images, test.masks, test.images)
    assert measured["agreement"] > 0.93 and measured["sharpness"] == 1
    assert measured["frechet"] < 1e-6 and measured["l1"] == 0 and measured["copied"] < 0.01
    # It reads textures, not only colours.
    assert np.mean(evaluator.segment(grey(test.images)) == test.masks) > 0.9


def test_every_cheat_misses_a_target(parts, evaluator):
    """Issue 17: one training image for every map passed sharpness and spectrum."""
    train, test = parts.train, parts.test
    arguments = train.images, train.masks, test.masks
    colours = np.stack([train.images[train.masks == label].mean(axis=0) for label in range(4)])
    cheats = {
        "one training image": one_image(*arguments),
        "nearest map": nearest_map(*arguments),
        "region lookup": region_lookup(*arguments),
        "class means": colours[test.masks].astype("float32"),
        "textures": gaussian_texture(*arguments, np.random.default_rng(0)),
        "textures, fainter": gaussian_texture(*arguments, np.random.default_rng(0), contrast=0.8),
    }
    targets = pix2pix.targets_of({"dataset": "label_maps"})
    for name, images in cheats.items():
        measured = evaluator.measure(images, test.masks, test.images)
        missed = [metric for metric, target in targets.items() if not target.reached(measured.get(metric, 1))]
        assert missed, (name, measured)
    one = evaluator.measure(cheats["one training image"], test.masks, test.images)
    assert one["agreement"] < 0.3 and one["sharpness"] > 1 and one["copied"] == 1


def test_copied_counts_patches_inside_objects():
    """A patch of 5x5 pixels counts if it stands in a training image, wherever that is."""
    rng = np.random.default_rng(0)
    training, new = (np.rint(255 * rng.random((3, 12, 12, 3))) / 255 for _ in range(2))
    segmenter = keras.Sequential([keras.layers.Conv2D(2, 1), keras.layers.Conv2D(2, 1)])
    segmenter.build((None, 12, 12, 3))
    evaluator = MapEvaluator(segmenter, 2, training.astype("float32"))
    everywhere = np.ones((3, 12, 12), "uint8")
    assert evaluator.copied(np.roll(training, (2, 3), axis=(1, 2))[:, 2:, 3:], everywhere[:, 2:, 3:]) == 1
    assert evaluator.copied(new, everywhere) == 0
    half = np.concatenate([training[:, :6], new[:, 6:]], axis=1)
    assert evaluator.copied(half, everywhere) == pytest.approx(2 / 8)
    top = everywhere * (np.arange(12)[:, None] < 6)
    assert evaluator.copied(half, top) == 1 and evaluator.copied(half, 0 * top) == 0


def test_grey_images_have_the_luma():
    images = np.zeros((1, 1, 3, 3), "float32")
    images[0, 0] = np.eye(3)
    np.testing.assert_allclose(grey(images)[0, 0, :, 0], [0.299, 0.587, 0.114], atol=1e-6)
    both, masks = with_grey(images, np.zeros((1, 1, 3)))
    assert both.shape == (2, 1, 3, 3) and masks.shape == (2, 1, 3) and np.ptp(both[1], axis=-1).max() == 0
