"""Batches of which one sees what an augmentation has done, and how they are shown."""

import numpy as np

NO_ALPHA = (0.0, -1.0)  # that are no parameters of a beta distribution


def row(images):
    """Images (N, H, W, 1) side by side, cut off at 0 and 1: (H, N W)."""
    return np.hstack(np.clip(np.asarray(images), 0, 1)[..., 0])


def own_labels(count, height, width):
    """Images, and masks, whose every pixel is their one-hot label."""
    labels = np.eye(count, dtype="float32")
    images = np.tile(labels[:, None, None], (1, height, width, 1))
    return {"images": images, "labels": labels, "masks": images.copy()}
