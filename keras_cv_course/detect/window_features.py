"""Features of all windows of an image, at several scales: histograms of oriented gradients, or the pixels themselves.

Dalal and Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005, sections 3 to 6. The histograms
are scikit-image's. They are computed once a scale; a window takes the blocks that lie in it.
"""

import numpy as np
from skimage import feature, transform

from keras_cv_course.errors import InputError

CELL = 6  # pixels; windows move by a cell
CELLS = 6  # rows and columns of a window
WINDOW = CELL * CELLS


def hog_map(image):
    """Histograms of oriented gradients: 9 directions, cells of 6x6 pixels, blocks of 2x2 cells, L2-Hys (section 6).

    Args:
        image: (H, W, C) float in [0, 1]; of a pixel's channels the one of the steepest gradient counts.

    Returns:
        (rows - 1, columns - 1, 36) float32, a vector a block; rows = H // 6, columns = W // 6.
    """
    shape = dict(orientations=9, pixels_per_cell=(CELL, CELL), cells_per_block=(2, 2), block_norm="L2-Hys")
    blocks = feature.hog(image, **shape, feature_vector=False, channel_axis=-1)
    return blocks.reshape(*blocks.shape[:2], -1).astype("float32")


def pixel_map(image):
    """The pixels at half the size, cell by cell: (H // 6, W // 6, 9 C) float32."""
    rows, columns = image.shape[0] // CELL, image.shape[1] // CELL
    half = image[: rows * CELL, : columns * CELL].reshape(rows * 3, 2, columns * 3, 2, -1).mean(axis=(1, 3))
    cells = half.reshape(rows, 3, columns, 3, -1).swapaxes(1, 2)
    return cells.reshape(rows, columns, -1).astype("float32")


# The map, and how many of its places a window has a side.
FEATURES = {"hog": (hog_map, CELLS - 1), "pixels": (pixel_map, CELLS)}


def pyramid_windows(image, features="hog", scales=(1.4, 1.2, 1.0, 0.85)):
    """All windows of an image pyramid.

    The windows are 36x36 pixels of the resized image, so the smaller a scale, the larger they are in the image.

    Args:
        image: (H, W, C) float in [0, 1].
        features: a name of `FEATURES`.
        scales: factors by which the image is resized; one that makes it smaller than a window is left out.

    Returns:
        features (N, F) float32 and boxes (N, 4) float32 xyxy in pixels of the image, scale by scale, row by row.

    Raises:
        InputError: unknown features, an image of another shape, or one too small for all scales.
    """
    if features not in FEATURES or np.ndim(image) != 3:
        raise InputError(
            f"windows need an image (H, W, C) and features hog or pixels, got {np.shape(image)}, {features}"
        )
    compute, side = FEATURES[features]
    found, boxes = [], []
    for scale in scales:
        size = [round(scale * length) for length in image.shape[:2]]
        if min(size) < WINDOW:
            continue
        resized = transform.resize(image, size, order=1, anti_aliasing=scale < 1)
        places = np.lib.stride_tricks.sliding_window_view(compute(resized), (side, side), axis=(0, 1))
        rows, columns = places.shape[:2]
        found.append(np.moveaxis(places, 2, -1).reshape(rows * columns, -1))
        low = CELL * np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
        back = np.tile(np.divide(image.shape[1::-1], size[::-1]), 2)  # to pixels of the image, x first
        boxes.append(back * np.concatenate([low, low + WINDOW], axis=1))
    if not found:
        least = int(np.ceil(WINDOW / max(scales)))
        raise InputError(
            f"the image is smaller than a window: {least} pixels a side at least, got {image.shape[:2]}"
        )
    found = np.concatenate(found)
    if features == "pixels":
        found = normalised(found)
    return found, np.concatenate(boxes).astype("float32")


def normalised(windows):
    """Windows (N, F) with a mean of 0 and a standard deviation of 1, so that neither brightness nor contrast counts;
    then divided by sqrt(F) / 5, which makes them as long as histograms of 25 blocks of length 1."""
    centred = windows - windows.mean(axis=1, keepdims=True)
    deviation = np.maximum(centred.std(axis=1, keepdims=True), 1e-6)
    return centred / deviation * np.float32(5 / np.sqrt(windows.shape[1]))
