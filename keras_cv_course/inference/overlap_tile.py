"""Overlap-tile prediction: an image of any size, tile by tile, mirrored beyond its edge.

Ronneberger, Fischer and Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015,
section 2 and figure 2.
"""

import numpy as np
from keras import ops

from keras_cv_course.errors import InputError


def overlap_tile(predict, image, tile, margin, batch_size=8):
    """Predict every pixel of an image from windows that reach `margin` pixels beyond the tile they are for.

    Args:
        predict: function of windows (N, tile + 2 margin, tile + 2 margin, C) that returns (N, tile, tile,
            classes), or a larger square up to the windows' size, as much larger on all four sides; its middle is
            taken.
        image: (H, W, C), H and W of 1 or more.
        tile: side of a tile, in pixels.
        margin: pixels that a window shows beyond its tile on every side. Beyond the image's edge they are its
            mirror image, the edge itself not repeated (`np.pad`, "reflect").
        batch_size: windows that are predicted at once.

    Returns:
        (H, W, classes) float array.

    Raises:
        InputError: an image that is not (H, W, C), a tile or margin out of range, an output of another size.
    """
    image = np.asarray(image)
    if image.ndim != 3 or min(image.shape) < 1:
        raise InputError(f"one image must be (H, W, C), got {image.shape}")
    if tile < 1 or margin < 0:
        raise InputError(
            f"a tile must have 1 pixel or more and the margin 0 or more, got {tile} and {margin}"
        )
    height, width, _ = image.shape
    rows, columns = -(-height // tile), -(-width // tile)
    below, right = rows * tile - height, columns * tile - width
    # "reflect" repeats the mirror where the image is smaller than the margin.
    padded = np.pad(image, ((margin, margin + below), (margin, margin + right), (0, 0)), mode="reflect")
    side = tile + 2 * margin
    corners = [(row * tile, column * tile) for row in range(rows) for column in range(columns)]
    tiles = []
    for start in range(0, len(corners), batch_size):
        windows = [
            padded[top : top + side, left : left + side] for top, left in corners[start : start + batch_size]
        ]
        output = ops.convert_to_numpy(predict(np.stack(windows)))
        spare = output.shape[1] - tile
        if output.shape[1] != output.shape[2] or spare % 2 or not 0 <= spare <= 2 * margin:
            raise InputError(
                f"the output for windows of {side} pixels must be a square of {tile} to {side} pixels, as much "
                f"larger than the tile on all sides; got {output.shape[1:3]}"
            )
        tiles.append(output[:, spare // 2 : spare // 2 + tile, spare // 2 : spare // 2 + tile])
    tiles = np.concatenate(tiles).reshape(rows, columns, tile, tile, -1)
    whole = np.moveaxis(tiles, 2, 1).reshape(rows * tile, columns * tile, -1)
    return whole[:height, :width]
