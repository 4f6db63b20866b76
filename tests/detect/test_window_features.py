"""Features of windows: HOG against a slow one from the paper, windows that are where they say, laws of both maps."""

import numpy as np
import pytest

from keras_cv_course.detect.window_features import CELL, WINDOW, hog_map, pixel_map, pyramid_windows
from keras_cv_course.errors import InputError


def slow_hog(image):
    """Dalal and Triggs' descriptor, pixel by pixel: centred differences, votes for nine directions, L2-Hys."""
    height, width, channels = image.shape
    cells = np.zeros((height // CELL, width // CELL, 9))
    for y in range(cells.shape[0] * CELL):
        for x in range(cells.shape[1] * CELL):
            best = (0.0, 0.0, 0.0)
            for channel in range(channels):
                down = image[y + 1, x, channel] - image[y - 1, x, channel] if 0 < y < height - 1 else 0.0
                across = image[y, x + 1, channel] - image[y, x - 1, channel] if 0 < x < width - 1 else 0.0
                best = max(best, (np.hypot(down, across), down, across))
            length, down, across = best
            direction = int(np.rad2deg(np.arctan2(down, across)) % 180 // 20) % 9
            cells[y // CELL, x // CELL, direction] += length / CELL**2
    blocks = np.zeros((cells.shape[0] - 1, cells.shape[1] - 1, 36))
    for row, column in np.ndindex(blocks.shape[:2]):
        block = cells[row : row + 2, column : column + 2].ravel()
        block = np.minimum(block / np.sqrt(np.sum(block**2) + 1e-5**2), 0.2)
        blocks[row, column] = block / np.sqrt(np.sum(block**2) + 1e-5**2)
    return blocks


def test_hog_equals_the_slow_one():
    image = np.random.default_rng(0).random((26, 31, 3))
    np.testing.assert_allclose(hog_map(image), slow_hog(image), atol=1e-5)


def test_hog_does_not_see_brightness_and_contrast():
    image = np.random.default_rng(1).random((36, 36, 1))
    np.testing.assert_allclose(hog_map(image), hog_map(0.3 * image + 0.5), atol=1e-3)


def test_pixel_map_is_the_image_at_half_its_size():
    image = np.random.default_rng(2).random((13, 19, 2))
    cells = pixel_map(image)
    assert cells.shape == (2, 3, 18)
    half = image[6:12, 12:18].reshape(3, 2, 3, 2, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(cells[1, 2], half.ravel(), rtol=1e-6)


@pytest.mark.parametrize("features, length", [("hog", 900), ("pixels", 972)])
def test_windows_lie_where_their_boxes_say(features, length):
    image = np.random.default_rng(3).random((60, 48, 3))
    windows, boxes = pyramid_windows(image, features, scales=(1.0,))
    assert windows.shape == (5 * 3, length) and boxes.shape == (15, 4)
    assert boxes[0].tolist() == [0, 0, 36, 36] and boxes[4].tolist() == [6, 6, 42, 42]
    # The same pixels alone; without the edge, where the whole image knows more than the window.
    left, top, right, bottom = boxes[4].astype(int)
    alone = pyramid_windows(image[top:bottom, left:right], features, scales=(1.0,))[0][0]
    if features == "pixels":
        np.testing.assert_allclose(windows[4], alone, atol=1e-5)
        np.testing.assert_allclose([windows[4].mean(), np.linalg.norm(windows[4])], [0, 5], atol=1e-4)
    else:
        inner = (slice(1, 4), slice(1, 4))
        np.testing.assert_allclose(
            windows[4].reshape(5, 5, 36)[inner], alone.reshape(5, 5, 36)[inner], atol=1e-5
        )


def test_smaller_scales_give_larger_boxes_and_one_that_is_too_small_is_left_out():
    image = np.random.default_rng(4).random((72, 72, 1))
    boxes = pyramid_windows(image, "pixels", scales=(2.0, 0.5, 0.4))[1]
    sides = boxes[:, 2] - boxes[:, 0]
    assert sides.min() == WINDOW / 2 and sides.max() == 72 and boxes.max() <= 72 and boxes.min() == 0


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="26 pixels a side at least"):
        pyramid_windows(np.zeros((20, 20, 3)))
    with pytest.raises(InputError, match="hog or pixels"):
        pyramid_windows(np.zeros((40, 40, 3)), "edges")
    with pytest.raises(InputError, match="hog or pixels"):
        pyramid_windows(np.zeros((40, 40)))
