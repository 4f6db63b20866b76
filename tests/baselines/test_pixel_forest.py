"""The forest learns what colour and texture tell, and leaves void out; its features are those of scikit-image."""

import numpy as np
from skimage.feature import hessian_matrix_eigvals
from skimage.filters import gaussian

from keras_cv_course.baselines.pixel_forest import PixelForest, pixel_features


def halves(count=4, size=24):
    """Images of a red and a green half, some grain, and their masks."""
    rng = np.random.default_rng(0)
    masks = np.zeros((count, size, size), int)
    masks[:, :, size // 2 :] = 1
    images = np.stack([masks, 1 - masks, 0 * masks], axis=-1) * 0.8 + 0.1 * rng.random((*masks.shape, 3))
    return images, masks


def test_learns_colours_and_leaves_void_out():
    images, masks = halves()
    holes = np.where(np.arange(24) < 8, 255, masks)
    holes[:, :, 20:] = 255
    forest = PixelForest(trees=5, pixels=300, images=3).fit(images, holes)
    assert set(forest.forest.classes_) == {0, 1}
    predicted = forest.predict(images[:, :, ::-1])
    assert predicted.shape == masks.shape and np.mean(predicted == 1 - masks) > 0.95


def test_more_images_than_a_chunk_and_masks_of_void_alone():
    images, masks = halves(60, 16)
    masks[7] = 255
    forest = PixelForest(trees=3, pixels=600).fit(images, masks)
    assert np.mean(forest.predict(images) == np.where(masks == 255, 0, masks)) > 0.9


def test_features_are_those_of_scikit_image():
    image = np.random.default_rng(1).random((20, 18))
    values = pixel_features(image[None, ..., None], scales=(2,))[0]
    smooth = gaussian(image, 2, mode="reflect", truncate=4)
    np.testing.assert_allclose(values[..., :2], np.stack([image, smooth], axis=-1), atol=1e-5)
    down, right = np.gradient(smooth)
    np.testing.assert_allclose(values[..., 2], np.hypot(down, right), atol=1e-5)
    second = [np.gradient(down, axis=0), np.gradient(down, axis=1), np.gradient(right, axis=1)]
    np.testing.assert_allclose(
        values[..., 3:5], np.moveaxis(hessian_matrix_eigvals(second), 0, -1), atol=1e-5
    )
    # The first of the eight differences looks 4 pixels up and to the left.
    assert abs(values[10, 9, 5] - (smooth[6, 5] - smooth[10, 9])) < 1e-5
    assert values.shape[-1] == 13


def test_images_and_channels_do_not_mix():
    images = np.random.default_rng(2).random((2, 12, 10, 2))
    together = pixel_features(images)
    for number in range(2):
        np.testing.assert_allclose(
            together[number], pixel_features(images[number : number + 1])[0], atol=1e-6
        )
    one = pixel_features(images[..., :1])
    np.testing.assert_allclose(together[..., ::2], one, atol=1e-6)
