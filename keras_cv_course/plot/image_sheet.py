"""Images in rows as plain pixels: one frame of an animation."""

import numpy as np

from keras_cv_course.errors import InputError


def eight_bits(images):
    """Images in [0, 1] -> 0 to 255, uint8, rounded to the nearest."""
    return np.rint(255 * np.clip(images, 0, 1)).astype("uint8")


def image_sheet(images, columns=10, enlarge=1, gap=1):
    """Arrange images in rows on white, as one array, such as a frame of an animation.

    Args:
        images: (N, H, W, 1 or 3) uint8.
        columns: images in a row.
        enlarge: each pixel becomes enlarge x enlarge equal ones; the gap grows along.
        gap: white pixels between images.

    Returns:
        (rows * (H + gap) - gap, columns * (W + gap) - gap), times `enlarge`; or with a last axis of 3: uint8.

    Raises:
        InputError: no images of this form; columns, enlarge or gap out of range.
    """
    images = np.asarray(images)
    if images.ndim != 4 or not len(images) or images.shape[-1] not in (1, 3) or images.dtype != np.uint8:
        raise InputError(
            f"a sheet needs (N, H, W, 1 or 3) uint8 images, got {images.shape} {images.dtype}: "
            "`eight_bits` converts images in [0, 1]"
        )
    if min(columns, enlarge) < 1 or gap < 0:
        raise InputError(
            f"columns and enlarge must be 1 or more and gap 0 or more, got {columns}, {enlarge} and {gap}"
        )
    count, height, width, channels = images.shape
    rows = -(-count // columns)
    cells = np.full((rows * columns, height + gap, width + gap, channels), 255, "uint8")
    cells[:count, :height, :width] = images
    sheet = cells.reshape(rows, columns, height + gap, width + gap, channels).swapaxes(1, 2)
    sheet = sheet.reshape(rows * (height + gap), columns * (width + gap), channels)
    sheet = sheet[: rows * (height + gap) - gap, : columns * (width + gap) - gap]
    sheet = sheet.repeat(enlarge, axis=0).repeat(enlarge, axis=1)
    return sheet[..., 0] if channels == 1 else sheet
