"""The arithmetic of the dense CRF's program, with all pairs of pixels in one matrix.

P. Krähenbühl's densecrf (2011) and its wrapper pydensecrf: `PottsPotential` filters the marginals with a Gaussian
kernel and normalises the result. Its types: "after" divides by the kernel's sum at each pixel (the program of 2011,
`per_pixel_normalization`); "symmetric" divides by the square roots of the sums before and after (the default of
pydensecrf). The program keeps each pixel's pair with itself; the paper's sums (algorithm 1) leave it out.
"""

import numpy as np


def gaussian(features):
    """(P, P) exp(-|f_i - f_j|^2 / 2) of (P, D) features."""
    apart = features[:, None] - features[None]
    return np.exp(-(apart**2).sum(axis=-1) / 2)


def normalised(kernel, kind):
    sums = kernel.sum(axis=1)
    if kind == "after":
        return kernel / sums[:, None]
    assert kind == "symmetric"
    return kernel / np.sqrt(sums[:, None] * sums[None])


def inference(
    unary, image, steps, sxy_gaussian, compat_gaussian, sxy_bilateral, srgb, compat_bilateral,
    normalization="after", keep_self=False, radius=None,
):  # fmt: skip
    """Marginals (H, W, C) after mean field steps, as `DenseCRF2D.inference`.

    Args:
        unary: (H, W, C) energies: -log of the probabilities.
        image: (H, W, channels).
        steps: mean field steps.
        sxy_gaussian, compat_gaussian: standard deviation and weight of `addPairwiseGaussian`.
        sxy_bilateral, srgb, compat_bilateral: those of `addPairwiseBilateral`.
        normalization: see the module's docstring.
        keep_self: keep the pair of a pixel with itself.
        radius: leave out pairs that are farther apart along an axis; the program has no such limit.
    """
    height, width, classes = unary.shape
    places = np.stack(np.mgrid[:height, :width], axis=-1).reshape(-1, 2).astype(float)
    colours = image.reshape(len(places), -1)
    kernels = [
        gaussian(np.concatenate([places / sxy_bilateral, colours / srgb], axis=1)),
        gaussian(places / sxy_gaussian),
    ]
    kept = np.ones((len(places), len(places)), bool)
    if not keep_self:
        np.fill_diagonal(kept, False)
    if radius is not None:
        kept &= np.abs(places[:, None] - places[None]).max(axis=-1) <= radius
    kernels = [normalised(kernel * kept, normalization) for kernel in kernels]
    energies = unary.reshape(-1, classes)

    def softmax(logits):
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return raised / raised.sum(axis=1, keepdims=True)

    marginals = softmax(-energies)
    for _ in range(steps):
        logits = -energies
        for weight, kernel in zip((compat_bilateral, compat_gaussian), kernels, strict=True):
            # Potts' compatibility: apply gives -weight times the filtered marginals, inference subtracts it.
            logits = logits - (-weight * (kernel @ marginals))
        marginals = softmax(logits)
    return marginals.reshape(unary.shape)
