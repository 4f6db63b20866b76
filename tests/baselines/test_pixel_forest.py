"""The forest tells what colour and texture tell, whatever is void."""

import numpy as np

from keras_cv_course.baselines.pixel_forest import PixelForest


def test_learns_colours_and_ignores_void():
    rng = np.random.default_rng(0)
    masks = np.zeros((4, 24, 24), int)
    masks[:, :, 12:] = 1
    images = np.stack([masks, 1 - masks, 0 * masks], axis=-1) * 0.8 + 0.1 * rng.random((4, 24, 24, 3))
    shuffled = masks.copy()
    shuffled[:, :8] = 255
    told = PixelForest(trees=5, pixels=300).fit(images, shuffled).predict(images[:, :, ::-1])
    assert told.shape == masks.shape and np.mean(told == 1 - masks) > 0.99
