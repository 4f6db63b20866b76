"""An image of one's own, and its translation by a trained model."""

import keras
import numpy as np
from matplotlib.figure import Figure
from skimage import transform

from keras_cv_course.errors import InputError

LONGEST = 256  # pixels: larger images are made smaller first


def translated_image(model, image):
    """Draw an image, its translation and, if the model translates back, the translation of that.

    Args:
        model: a trained `CycleGAN`, or a `Pix2Pix`.
        image: (H, W, 3) in [0, 1], of any size; see `fitted`.

    Returns:
        A matplotlib `Figure`.

    Raises:
        InputError: see `fitted`.
    """
    back = getattr(model, "to_a", None)
    image = fitted(image, 4 if back else 2 ** len(model.filters))
    translation = keras.ops.convert_to_numpy(model(image[None]))
    panels = {"your image": image, "translated": translation[0]}
    if back:
        panels["translated back"] = keras.ops.convert_to_numpy(back(translation))[0]
    height, width = image.shape[:2]
    figure = Figure(figsize=(3.4 * len(panels), 0.5 + 3.4 * height / width), layout="constrained")
    for axis, (heading, panel) in zip(figure.subplots(1, len(panels)), panels.items(), strict=True):
        axis.imshow(np.clip(panel, 0, 1))
        axis.set_title(heading, fontsize=11)
        axis.axis("off")
    return figure


def fitted(image, multiple, longest=LONGEST):
    """The image at a size that a network takes: no side longer than `longest`, each a multiple of `multiple`.

    It is made smaller as a whole where it is too long, and is then cropped by less than `multiple` pixels at its
    right and lower edge.

    Args:
        image: (H, W, 3) in [0, 1].
        multiple: number of pixels that must divide both sides.
        longest: most pixels of the longer side.

    Returns:
        (h, w, 3) float32 in [0, 1].

    Raises:
        InputError: less than two times `multiple` pixels are left of a side.
    """
    height, width = image.shape[:2]
    scale = min(1.0, longest / max(height, width))
    height, width = (round(side * scale) // multiple * multiple for side in (height, width))
    if min(height, width) < 2 * multiple:
        raise InputError(
            f"an image must have {2 * multiple} pixels or more on either side once its longer one has at "
            f"most {longest}, got {image.shape[1]}x{image.shape[0]}: crop it to a squarer one"
        )
    if scale < 1:
        whole = tuple(round(side * scale) for side in image.shape[:2])
        image = transform.resize(image, whole, order=1, anti_aliasing=True)
    return np.clip(image[:height, :width], 0, 1).astype("float32")
