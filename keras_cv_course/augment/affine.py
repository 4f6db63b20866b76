"""Rotation and the other affine maps: one 3x3 matrix moves image, mask and boxes alike.

A matrix takes a point (x, y, 1) of the image to its new place; maps one after another are the product of
their matrices, the last one leftmost. Pixel (row, column) is the unit square whose upper left corner is
x = column, y = row, so its centre is (column + 1/2, row + 1/2), and boxes are in the same coordinates.
J. Foley, A. van Dam, S. Feiner, J. Hughes, "Computer Graphics: Principles and Practice", 2nd edition, 1990, chapter 5.
"""

import math

import numpy as np

from keras_cv_course.augment.augmentation import NO_BOX, checked, clip_boxes, keep_visible
from keras_cv_course.errors import InputError

PIXELS = 24_000  # that are looked up together: few enough for the processor's cache


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
    interpolation, masks by the nearest pixel, since the mean of two class numbers is a third class. What
    comes from outside is 0. A box becomes the smallest upright box around its four moved corners, cut off at
    the edge; boxes of which too little is left are dropped.

    Args:
        batch: see `augmentation`.
        matrices: (N, 3, 3), or (1, 3, 3) for all images, old place to new place; the last row is 0, 0, 1.

    Returns:
        The batch, same shapes and dtypes.

    Raises:
        InputError: the matrices have another shape or cannot be inverted, or the batch is invalid.
    """
    batch = checked(batch)
    count = len(batch["images"])
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
    return _warped(batch, matrices)


def _warped(batch, matrices):
    """`warp` of a checked batch, which is changed, by N matrices that can be inverted."""
    count, height, width, _ = batch["images"].shape
    moving = np.flatnonzero((matrices != np.eye(3)).any(axis=(1, 2)))
    back = np.linalg.inv(matrices[moving])[:, :2]
    for field, look_up in (("images", bilinear), ("masks", nearest)):
        if field in batch:
            values = batch[field]
            if len(moving) == count:
                batch[field] = look_up(values, back)
            else:
                batch[field] = values.copy()
                if moving.size:
                    batch[field][moving] = look_up(values[moving], back)
    if "boxes" in batch:
        moved = move_boxes(batch["boxes"], matrices)
        keep_visible(batch, clip_boxes(moved, height, width), moved)
    return batch


def bilinear(images, back):
    """Move images: each pixel becomes the mean of the four around its source, weighted by nearness.

    A source outside the image is 0, and one near its edge fades into 0.

    Args:
        images: (N, H, W, C) floats.
        back: (N, 2, 3) a matrix an image, new place to old place, in pixels from the upper left corner.

    Returns:
        The moved images, same shape and dtype.
    """
    count, height, width, channels = images.shape
    # In single precision a place is known to a thousandth of a pixel as long as an image is not huge.
    exact = np.float64 if images.dtype == np.float64 or max(height, width) > 1024 else np.float32
    back = back.astype(exact)
    # A frame of 0 around each image, so wide that no source lies outside: how far do the four corners reach?
    corners = np.array([[x, y, 1] for x in (0.5, width - 0.5) for y in (0.5, height - 0.5)], exact)
    reach = back @ corners.T - exact(0.5)  # (N, 2, 4), where pixel i has its centre at i
    beyond = max(-reach.min(), (reach.max(axis=(0, 2)) - (width - 1, height - 1)).max(), 0)
    far = beyond > max(height, width)  # a frame so wide would be a waste: bring sources back to a narrow one
    frame = 2 if far else math.ceil(beyond) + 1
    high, wide = height + 2 * frame, width + 2 * frame
    back[:, :, 2] += exact(frame - 0.5)

    # Few images at a time, and each channel by itself, so that all fits into the processor's cache; into the
    # same arrays again and again, since allocating them would take as long as the arithmetic.
    together = min(count, max(1, PIXELS // (high * wide)))
    shape = (together, height, width)
    columns = np.arange(0.5, width, dtype=exact)
    lines = np.arange(0.5, height, dtype=exact)[:, None]
    plane = np.zeros((together * high + 1) * wide + 1, images.dtype)
    framed = plane[: together * high * wide].reshape(-1, high, wide)[:, frame:-frame, frame:-frame]
    neighbours = [plane[step:] for step in (0, 1, wide, wide + 1)]  # itself, right, below, right below
    firsts = np.arange(0, together * high * wide, high * wide)[:, None, None]
    points, floors, index = (
        np.empty((2, *shape), exact),
        np.empty((2, *shape), exact),
        np.empty(shape, np.intp),
    )
    four, weights = np.empty((4, *shape), images.dtype), np.empty((4, *shape), exact)
    moved = np.empty_like(images)
    for start in range(0, count, together):
        some = slice(start, min(start + together, count))
        size = some.stop - start
        for line, point in zip(back[some, :, :, None, None].swapaxes(0, 1), points):
            np.add(line[:, 0] * columns, line[:, 1] * lines + line[:, 2], out=point[:size])
        if far:
            for point, side in zip(points, (wide, high)):
                np.clip(point, 0, side - 1.5, out=point)
        (x, y), (left, top) = points, np.floor(points, out=floors)
        points -= floors  # x and y: how near the sources are to the right and to the lower pixels
        np.multiply(x, y, out=weights[3])
        np.subtract(y, weights[3], out=weights[2])
        np.subtract(x, weights[3], out=weights[1])
        np.subtract(1 - y, weights[1], out=weights[0])
        top *= wide
        top += left
        index[...] = top
        index += firsts
        for channel in range(channels):
            framed[:size] = images[some, ..., channel]
            for pixels, neighbour in zip(neighbours, four):
                pixels.take(index, mode="wrap", out=neighbour)  # all are in range; NumPy is fastest so
            four *= weights
            four[:2] += four[2:]
            np.add(four[0, :size], four[1, :size], out=moved[some, ..., channel])
    return moved


def nearest(masks, back):
    """Move masks: each pixel becomes the one on which its source lies; 0 outside.

    Args:
        masks: (N, H, W) or (N, H, W, classes), any dtype.
        back: (N, 2, 3) a matrix a mask, new place to old place, in pixels from the upper left corner.

    Returns:
        The moved masks, same shape and dtype.
    """
    height, width = masks.shape[1:3]
    columns, lines = np.arange(0.5, width), np.arange(0.5, height)[:, None]
    moved = np.empty_like(masks)
    for mask, matrix, result in zip(masks, back, moved, strict=True):
        # A source on the edge between two pixels, up to rounding, belongs to the right and lower one.
        column, row = (
            np.floor(line[0] * columns + (line[1] * lines + line[2]) + 1e-9).astype(int) for line in matrix
        )
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        result[...] = mask[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
        result[~inside] = 0
    return moved


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
        InputError: the angle is negative, or the batch is invalid.
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
        InputError: a knob is out of its range, or the batch is invalid.
    """
    batch = checked(batch)
    count, height, width, _ = batch["images"].shape
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
    return _warped(batch, matrices)
