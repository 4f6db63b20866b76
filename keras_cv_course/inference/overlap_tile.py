"""A picture of any size, answered tile by tile; beyond its edge it sees its own mirror image.

Ronneberger et al., "U-Net", MICCAI 2015, figure 2.
"""

import numpy as np

from keras_cv_course.errors import InputError


def overlap_tile(predict, image, tile, margin, batch_size=8):
    """Answer every pixel with the middle of a window that saw enough around it.

    Args:
        predict: function of windows (N, tile + 2 margin, tile + 2 margin, C) that gives (N, tile, tile,
            classes); of a larger answer, up to the windows' size, the middle counts.
        image: (H, W, C), H and W of 1 or more.
        tile: pixels of an answered tile's side.
        margin: pixels that a window sees beyond its tile on every side.
        batch_size: windows at once.

    Returns:
        (H, W, classes) float array.

    Raises:
        InputError: an image that is not (H, W, C), a tile or margin out of range, an answer of another size.
    """
    image = np.asarray(image)
    if image.ndim != 3 or min(image.shape) < 1:
        raise InputError(f"one image must be (H, W, C), got {image.shape}")
    if tile < 1 or margin < 0:
        raise InputError(f"a tile has 1 or more pixels and a margin 0 or more, got {tile} and {margin}")
    height, width, _ = image.shape
    rows, columns = -(-height // tile), -(-width // tile)
    below, right = rows * tile - height, columns * tile - width
    # The mirror repeats where a picture is smaller than what lies beyond its edge.
    seen = np.pad(image, ((margin, margin + below), (margin, margin + right), (0, 0)), mode="reflect")
    side = tile + 2 * margin
    corners = [(row * tile, column * tile) for row in range(rows) for column in range(columns)]
    answers = []
    for start in range(0, len(corners), batch_size):
        windows = [
            seen[top : top + side, left : left + side] for top, left in corners[start : start + batch_size]
        ]
        answer = np.asarray(predict(np.stack(windows)))
        spare = answer.shape[1] - tile
        if answer.shape[1] != answer.shape[2] or spare % 2 or not 0 <= spare <= 2 * margin:
            raise InputError(
                f"windows of {side} pixels must be answered by {tile} to {side} pixels, as many more above "
                f"and left as below and right; got {answer.shape[1:3]}"
            )
        answer = answer[:, spare // 2 : spare // 2 + tile, spare // 2 : spare // 2 + tile]
        answers.append(answer)
    answers = np.concatenate(answers).reshape(rows, columns, tile, tile, -1)
    whole = np.moveaxis(answers, 2, 1).reshape(rows * tile, columns * tile, -1)
    return whole[:height, :width]
