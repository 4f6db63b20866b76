"""What a U-Net sees in a photograph of any size: tile by tile, drawn over the photograph."""

import numpy as np
from PIL import Image

from keras_cv_course.inference.overlap_tile import overlap_tile
from keras_cv_course.plot.overlay import overlay


def seen_classes(model, image):
    """Draw a U-Net's classes over a picture.

    A network knows things as large as it has learnt them: a picture that is larger than those it was built
    for is shrunk until its shorter side is as long as theirs, and the answer is enlarged.

    Args:
        model: a built `UNet`.
        image: (H, W, 3) in [0, 1], H and W of 1 or more.

    Returns:
        A matplotlib `Figure`, see `overlay`.
    """
    height, width, _ = image.shape
    side = model.get_build_config()["input_shape"][1] or min(height, width)
    scale = min(1.0, side / min(height, width))
    size = max(1, round(scale * width)), max(1, round(scale * height))
    small = Image.fromarray(np.uint8(np.rint(255 * image))).resize(size, Image.Resampling.BILINEAR)
    tile, margin = model.tile(min(side, 128))
    pixels = np.asarray(small, "float32") / 255
    mask = overlap_tile(model, pixels, tile, margin).argmax(axis=-1).astype("uint8")
    mask = np.asarray(Image.fromarray(mask).resize((width, height), Image.Resampling.NEAREST))
    names = model.names or tuple(f"class {number}" for number in range(model.classes))
    return overlay(image, mask, names, "What the network sees, and where")
