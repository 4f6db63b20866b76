"""Images for label maps without a network: looked up among the training pairs, or drawn as Gaussian textures.

Efros and Freeman, "Image Quilting for Texture Synthesis and Transfer", SIGGRAPH 2001 (pieces of the training
images); Galerne, Gousseau and Morel, "Random Phase Textures: Theory and Synthesis", IEEE TIP 2011 (textures with the
spectrum of the training images). Each function takes training images (N, H, W, C) in [0, 1], their maps (N, H, W)
and the maps (M, H, W) to make images for, and returns (M, H, W, C) float32 in [0, 1].
"""

import numpy as np


def one_image(images, masks, maps):
    """The first training image for every map."""
    return np.repeat(images[:1], len(maps), axis=0)


def nearest_map(images, masks, maps):
    """The training image whose map agrees with the given one in most pixels."""
    agreement = sum(
        _flat(maps == label) @ _flat(masks == label).T for label in np.unique(np.concatenate([masks, maps]))
    )
    return images[agreement.argmax(axis=1)]


def region_lookup(images, masks, maps, tries=60):
    """For each class, the pixels of the training image whose region of that class covers the wanted one best.

    What that image leaves uncovered is taken from the next best one, and so on.

    Args:
        tries: training images at most for one region; what is uncovered then gets the mean colour of the class.
    """
    result = np.zeros((*maps.shape, images.shape[-1]), "float32")
    for label in np.unique(maps):
        has, wanted = masks == label, maps == label
        colour = images[has].mean(axis=0) if has.any() else images.mean(axis=(0, 1, 2))
        # Covered pixels count 1, pixels beyond the wanted region cost 1/2.
        scores = 1.5 * _flat(wanted) @ _flat(has).T - 0.5 * has.sum(axis=(1, 2))
        for row, order in enumerate(np.argsort(-scores, axis=1)[:, :tries]):
            left = wanted[row].copy()
            for source in order:
                taken = left & has[source]
                result[row][taken] = images[source][taken]
                left &= ~taken
                if not left.any():
                    break
            result[row][left] = colour
    return result


def gaussian_texture(images, masks, maps, rng, contrast=1.0):
    """The mean colour of each class, plus Gaussian noise with the mean power spectrum of its training pixels.

    The noise has the colours' covariance at every spatial frequency too; only the phases are random.

    Args:
        rng: a `numpy.random.Generator`.
        contrast: factor of the noise.
    """
    result = np.zeros((*maps.shape, images.shape[-1]))
    for label in np.unique(maps):
        has, wanted = masks == label, maps == label
        if not has.any():
            continue
        colour = images[has].mean(axis=0)
        waves = np.fft.fft2(np.where(has[..., None], images - colour, 0), axes=(1, 2))
        power = np.einsum("nhwi,nhwj->hwij", waves, waves.conj()) / has.sum()
        values, vectors = np.linalg.eigh(power)
        root = vectors * np.sqrt(np.clip(values, 0, None))[..., None, :]
        white = np.fft.fft2(rng.standard_normal(result.shape), axes=(1, 2))
        noise = np.fft.ifft2(np.einsum("hwik,nhwk->nhwi", root, white), axes=(1, 2)).real
        result[wanted] = (colour + contrast * noise)[wanted]
    return np.clip(result, 0, 1).astype("float32")


def _flat(masks):
    return masks.reshape(len(masks), -1).astype("float32")
