"""A segmentation whose boundaries are moved to the image's edges by flooding.

Meyer, "Topographic distance and watershed lines", Signal Processing 38, 1994; the program is scikit-image's.
"""

import numpy as np
from scipy.ndimage import distance_transform_edt
from skimage.filters import sobel
from skimage.segmentation import watershed


def edge_watershed(mask, image, band=2):
    """Keep the classes of the pixels away from a boundary; flood the others from there, over the image's edges.

    Args:
        mask: (H, W) integers from 0: the predicted classes.
        image: (H, W, channels) in [0, 1].
        band: pixels on either side of a boundary that are decided anew. A region so narrow that it lies within the
            band everywhere stays as it was.

    Returns:
        (H, W) integers.
    """
    kept = np.zeros(mask.shape, bool)
    for value in np.unique(mask):
        region = mask == value
        inside = distance_transform_edt(np.pad(region, 1, mode="edge"))[1:-1, 1:-1] > band
        kept |= inside if inside.any() else region
    edges = np.max([sobel(channel) for channel in np.moveaxis(image, -1, 0)], axis=0)
    return watershed(edges, np.where(kept, mask.astype(int) + 1, 0)) - 1
