"""Does the label of a mixed image say how much of each class the image shows?"""

import numpy as np


def one_class_images(count, side):
    """Images whose every pixel is their own one-hot label: their mean pixel after mixing is the label they need.

    Args:
        count: images, and classes.
        side: height and width in pixels.

    Returns:
        {"images": (count, side, side, count), "labels": (count, count)}, float64.
    """
    labels = np.eye(count)
    return {"images": np.tile(labels[:, None, None], (1, side, side, 1)), "labels": labels}


def label_share_error(batch):
    """Largest difference between a label and the share of the pixels that show its class.

    Args:
        batch: {"images": (N, H, W, classes), "labels": (N, classes)}: `one_class_images` after mixing.

    Returns:
        A float, 0 where each label counts the pixels.
    """
    shares = np.mean(batch["images"], axis=(1, 2), dtype="float64")
    return float(np.abs(shares - batch["labels"]).max())
