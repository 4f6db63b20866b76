"""Rotation and the other affine maps: one 3x3 matrix moves image, mask and boxes alike.

A matrix takes a point (x, y, 1) of the image to its new place; maps one after another are the product of
their matrices, the last one leftmost. Pixel (row, column) is the unit square whose upper left corner is
x = column, y = row, so its centre is (column + 1/2, row + 1/2), and boxes are in the same coordinates.
Foley, van Dam, Feiner and Hughes, "Computer Graphics: Principles and Practice", 2nd edition, 1990, chapter 5.
"""

import numpy as np

from keras_cv_course.augment.augmentation import NO_BOX, checked, clip_boxes, keep_visible
from keras_cv_course.errors import InputError

PIXELS = 16_384  # that are looked up together: few enough for the processor's cache, which doubles the speed


def affine_matrices(height, width, degrees=0.0, scale=1.0, shear=(0.0, 0.0), shift=(0.0, 0.0)):
    """Matrices that shear, scale and turn an image about its centre, and then shift it.

        x' = shift + centre + scale * R(degrees) * S(shear) * (x - centre)

        R(a) = | cos a   -sin a |      S(p, q) = | 1   p |
               | sin a    cos a |                | q   1 |

    The y axis points down, so positive angles turn clockwise to the eye.

    Args:
        height, width: of the images, in pixels.
        degrees: angle, a number or (N,).
        scale: 2 shows everything twice as large; a number or (N,), positive.
        shear: pixels sideways a pixel down, pixels down a pixel sideways; each a number or (N,).
        shift: pixels to the right and down; each a number or (N,).

    Returns:
        (N, 3, 3) float64, N = 1 where all are numbers.

    Raises:
        InputError: a scale is not positive, or a number is not finite.
    """
    degrees, scale, p, q, right, down = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(value, "float64")) for value in (degrees, scale, *shear, *shift))
    )
    if not all(np.isfinite(value).all() for value in (degrees, scale, p, q, right, down)):
        raise InputError("degrees, scale, shear and shift must be finite numbers, received NaN or infinity")
    if (scale <= 0).any():
        raise InputError(f"a scale is a positive number, received {scale.min()}; 1 leaves the size alone")
    angle = np.deg2rad(degrees)
    # Rounded so that a quarter turn is exact: its cosine is 6e-17 in floating point.
    cos, sin = np.round(np.cos(angle), 15), np.round(np.sin(angle), 15)
    matrices = np.zeros((len(degrees), 3, 3))
    matrices[:, 2, 2] = 1
    matrices[:, 0, 0], matrices[:, 0, 1] = scale * (cos - sin * q), scale * (cos * p - sin)
    matrices[:, 1, 0], matrices[:, 1, 1] = scale * (sin + cos * q), scale * (sin * p + cos)
    centre = np.array([width / 2, height / 2])
    matrices[:, :2, 2] = centre + np.stack([right, down], axis=1) - matrices[:, :2, :2] @ centre
    return matrices


def warp(batch, matrices):
    """Move image, mask and boxes by the same matrices.

    Each pixel of the result looks up where it comes from, at the inverse matrix: images by bilinear
    interpolation, masks by the nearest pixel, for a class between two classes means nothing. What comes
    from outside is 0. A box becomes the smallest upright box around its four moved corners, cut off at
    the edge; boxes of which too little is left are dropped.

    Args:
        batch: see `augmentation`.
        matrices: (N, 3, 3), or (1, 3, 3) for all images, old place to new place; the last row is 0, 0, 1.

    Returns:
        The batch, same shapes and dtypes.

    Raises:
        InputError: the matrices have another shape or cannot be inverted, or the batch is none.
    """
    batch = checked(batch)
    count, height, width, _ = batch["images"].shape
    matrices = np.asarray(matrices, "float64")
    if matrices.shape not in ((count, 3, 3), (1, 3, 3)):
        raise InputError(f"expected {count} matrices of 3 x 3, received shape {matrices.shape}")
    matrices = np.broadcast_to(matrices, (count, 3, 3))
    if not np.isfinite(matrices).all() or (matrices[:, 2] != (0, 0, 1)).any():
        raise InputError(
            "an affine matrix is finite and its last row is 0, 0, 1, received another; see `affine_matrices`"
        )
    if (np.abs(np.linalg.det(matrices)) < 1e-9).any():
        raise InputError("a matrix maps the image to a line or a point; give scales other than 0")
    look_up = {field: how for field, how in (("images", bilinear), ("masks", nearest)) if field in batch}
    for field in look_up:
        batch[field] = batch[field].copy()
    moving = np.flatnonzero((matrices != np.eye(3)).any(axis=(1, 2)))
    together = max(1, PIXELS // (height * width))
    for rows in np.split(moving, range(together, len(moving), together)):
        x, y = _sources(matrices[rows], height, width)
        for field, how in look_up.items():
            batch[field][rows] = how(batch[field][rows], x, y)
    if "boxes" in batch:
        moved = move_boxes(batch["boxes"], matrices)
        keep_visible(batch, clip_boxes(moved, height, width), moved)
    return batch


def _sources(matrices, height, width):
    """Where each pixel's centre comes from: x and y, each (N, H, W)."""
    inverse = np.linalg.inv(matrices)[:, :2, :, None, None]
    columns, rows = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    x, y = (
        line[:, 0] * columns + (line[:, 1] * rows + line[:, 2]) for line in (inverse[:, 0], inverse[:, 1])
    )
    return x, y


def bilinear(images, x, y):
    """Mean of the four pixels around each point, weighted by nearness; 0 outside.

    Args:
        images: (N, H, W, C) floats.
        x, y: (N, H', W') points in pixels from the upper left corner.

    Returns:
        (N, H', W', C), dtype of the images.
    """
    count, height, width, channels = images.shape
    # A frame of one pixel of 0: points outside fall on it, and points near the edge fade into it.
    framed = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)])
    x, y = np.clip(x + 0.5, 0, width + 1), np.clip(y + 0.5, 0, height + 1)
    left, top = np.minimum(x.astype(int), width), np.minimum(y.astype(int), height)
    right_part, lower_part = (x - left).astype(images.dtype), (y - top).astype(images.dtype)
    # One flat index a point is twice as fast as three; all are in range, so "clip" changes none.
    index = np.arange(count)[:, None, None] * ((height + 2) * (width + 2)) + top * (width + 2) + left
    result = np.empty((*x.shape, channels), images.dtype)
    for channel in range(channels):
        plane = framed[..., channel].ravel()
        upper_left, upper_right, lower_left, lower_right = (
            plane[steps:].take(index, mode="clip") for steps in (0, 1, width + 2, width + 3)
        )
        upper = _between(upper_left, upper_right, right_part)
        lower = _between(lower_left, lower_right, right_part)
        result[..., channel] = _between(upper, lower, lower_part)
    return result


def _between(first, second, part):
    """first + part * (second - first); overwrites both, which is twice as fast."""
    second -= first
    second *= part
    first += second
    return first


def nearest(masks, x, y):
    """The pixel on which each point lies; 0 outside.

    Args:
        masks: (N, H, W) or (N, H, W, classes), any dtype.
        x, y: (N, H', W') points in pixels from the upper left corner.

    Returns:
        (N, H', W') or (N, H', W', classes), dtype of the masks.
    """
    height, width = masks.shape[1:3]
    # A point that is on the edge between two pixels up to rounding belongs to the right and lower one.
    column, row = np.floor(x + 1e-9).astype(int), np.floor(y + 1e-9).astype(int)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    image = np.arange(len(masks))[:, None, None]
    found = masks[image, np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
    found[~inside] = 0
    return found


def move_boxes(boxes, matrices):
    """The smallest upright boxes around the moved corners: (N, K, 4) and (N, 3, 3) -> (N, K, 4)."""
    x, y = boxes[..., [0, 2, 2, 0]], boxes[..., [1, 1, 3, 3]]  # the four corners
    corners = np.stack([x, y, np.ones_like(x)], axis=2)  # (N, K, 3, corners)
    places = (matrices[:, None] @ corners)[:, :, :2]
    moved = np.concatenate([places.min(axis=3), places.max(axis=3)], axis=2).astype(boxes.dtype)
    return np.where((boxes != NO_BOX).any(axis=2, keepdims=True), moved, NO_BOX).astype(boxes.dtype)


def random_rotation(batch, rng, degrees=15.0):
    """Turn each image about its centre by an angle of its own between -degrees and degrees.

    Args:
        batch: see `augmentation`. Labels stay: a 6 turned by 180 degrees would be a 9.
        rng: a `numpy.random.Generator`.
        degrees: the largest angle, 0 or more.

    Raises:
        InputError: the angle is negative, or the batch is none.
    """
    return random_affine(batch, rng, degrees=degrees, scale=(1, 1), shear=0, shift=0)


def random_affine(batch, rng, degrees=15.0, scale=(0.9, 1.1), shear=0.1, shift=0.1):
    """Turn, scale, shear and shift each image by numbers of its own.

    Args:
        batch: see `augmentation`.
        rng: a `numpy.random.Generator`.
        degrees: the largest angle to either side, 0 or more.
        scale: smallest and largest scale.
        shear: the largest shear along x to either side, in pixels a pixel.
        shift: the largest shift to any side, as a share of height and width.

    Raises:
        InputError: a knob is out of its range, or the batch is none.
    """
    count, height, width, _ = checked(batch)["images"].shape
    if not (min(degrees, shear, shift) >= 0 and 0 < scale[0] <= scale[1]):
        raise InputError(
            "expected degrees, shear and shift of 0 or more and a scale (smallest, largest) above 0, "
            f"received degrees={degrees}, shear={shear}, shift={shift}, scale={scale}"
        )
    matrices = affine_matrices(
        height,
        width,
        degrees=rng.uniform(-degrees, degrees, count),
        scale=rng.uniform(*scale, count),
        shear=(rng.uniform(-shear, shear, count), 0.0),
        shift=(rng.uniform(-shift, shift, count) * width, rng.uniform(-shift, shift, count) * height),
    )
    return warp(batch, matrices)
