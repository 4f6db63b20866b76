"""The colour operations of AutoAugment and RandAugment, on batches of images in [0, 1].

E. Cubuk, B. Zoph, D. Mane, V. Vasudevan, Q. Le, "AutoAugment: Learning Augmentation Policies from Data", CVPR 2019,
table 6. The paper's operations are those of Pillow; on images of 8 bits these give its numbers.
Each function takes images (N, H, W, C), C 1 or 3, and returns new ones, same shape and dtype.
"""

import numpy as np


def levels(images):
    """The images as whole grey levels from 0 to 255, uint8."""
    return np.round(images * 255).astype("uint8")


def auto_contrast(images):
    """Stretch each channel so that its darkest pixel becomes 0 and its brightest 1; flat channels stay."""
    low, high = (extreme(images, axis=(1, 2), keepdims=True) for extreme in (np.min, np.max))
    flat = high <= low
    return np.where(flat, images, (images - low) / np.where(flat, 1, high - low))


def equalize(images):
    """Give each channel a flat histogram: a level becomes the share of the pixels that are darker."""
    result = np.empty_like(images)
    for image, equalized in zip(levels(images), result):
        for channel in range(image.shape[-1]):
            counts = np.bincount(image[..., channel].ravel(), minlength=256)
            brightest = counts[counts > 0][-1]
            step = (counts.sum() - brightest) // 255
            if step == 0:  # hardly more than one level: nothing to spread
                table = np.arange(256)
            else:
                darker = np.concatenate([[0], np.cumsum(counts)[:-1]])
                table = np.minimum((darker + step // 2) // step, 255)
            equalized[..., channel] = table[image[..., channel]] / 255
    return result


def posterize(images, bits):
    """Keep the highest bits of each pixel: (N, H, W, C) and (N,) integers from 1 to 8."""
    lost = (8 - np.asarray(bits, "uint8")).reshape(-1, 1, 1, 1)
    return (levels(images) >> lost << lost).astype(images.dtype) / 255


def solarize(images, threshold):
    """Invert the pixels whose level is at the threshold or above: (N, H, W, C) and (N,) from 0 to 256."""
    threshold = np.asarray(threshold).reshape(-1, 1, 1, 1)
    return np.where(levels(images) >= threshold, 1 - images, images)


def blend(images, other, factors):
    """other + factor * (image - other), cut off at 0 and 1; factor 1 is the image, above 1 less like other.

    Args:
        images, other: (N, H, W, C) in [0, 1]; other may have 1 for H, W and C.
        factors: (N,).
    """
    factors = np.asarray(factors, images.dtype).reshape(-1, 1, 1, 1)
    return np.clip(other + factors * (images - other), 0, 1)


def grey(images):
    """Luma of ITU-R 601, (N, H, W, 1); images of one channel are grey already."""
    if images.shape[-1] == 1:
        return images
    return (images @ np.array([0.299, 0.587, 0.114], images.dtype))[..., None]


def saturate(images, factors):
    """Factor 0 is a grey image, 1 the image, above 1 more colourful."""
    return blend(images, grey(images), factors)


def contrast(images, factors):
    """Factor 0 is one grey, the image's mean, 1 the image, above 1 harder."""
    return blend(images, grey(images).mean(axis=(1, 2), keepdims=True), factors)


def sharpen(images, factors):
    """Factor 0 is a smoothed image, 1 the image, above 1 sharper; the outermost pixels stay.

    Smoothing is the mean of 3x3 pixels, in which the middle one counts five times.
    """
    height, width = images.shape[1:3]
    smooth = images.copy()
    if height > 2 and width > 2:
        windows = [
            images[:, row : row + height - 2, column : column + width - 2]
            for row in range(3)
            for column in range(3)
        ]
        smooth[:, 1:-1, 1:-1] = (sum(windows) + 4 * windows[4]) / 13
    return blend(images, smooth, factors)
