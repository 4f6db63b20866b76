"""The networks of DCGAN, pix2pix and CycleGAN as slow forward passes in NumPy, from their papers' tables.

Radford et al., ICLR 2016, section 3 and figure 1; Isola et al., CVPR 2017, appendix 6.1; Zhu et al., ICCV 2017,
appendix 7.2. Images are in [0, 1] and leave so; in between they are in [-1, 1].
"""

import numpy as np

from tests.reference.numpy_layers import batch_norm, conv2d, conv2d_transpose, relu, same_padding


def leaky(maps):
    return np.where(maps > 0, maps, 0.2 * maps)


def signed(images):
    return 2 * np.asarray(images, float) - 1


def to_image(maps):
    return (np.tanh(maps) + 1) / 2


def doubled(maps, kernel, bias=0.0):
    """Transposed convolution of stride 2: what "same" convolution of stride 2 would take back."""
    full = conv2d_transpose(maps, kernel, bias)
    before = same_padding(2 * maps.shape[1], len(kernel), 2)[0]
    return full[:, before : before + 2 * maps.shape[1], before : before + 2 * maps.shape[2]]


def reflected(maps, pixels):
    return np.pad(maps, ((0, 0), (pixels, pixels), (pixels, pixels), (0, 0)), mode="reflect")


def instance_norm(maps, epsilon=1e-5):
    mean, variance = maps.mean(axis=(1, 2), keepdims=True), maps.var(axis=(1, 2), keepdims=True)
    return (maps - mean) / np.sqrt(variance + epsilon)


def dcgan_generator(noise, project, layers, last, norms, training):
    """Noise (N, latent) -> images.

    Args:
        project: (h, w, channels, latent): every number of the noise adds a map of its own.
        layers: kernels of the transposed convolutions before the last.
        last: kernel of the last one.
        norms: (gamma, beta, mean, variance) behind every layer but the last.
    """
    maps = np.einsum("nl,hwcl->nhwc", np.asarray(noise, float), project)
    maps = relu(batch_norm(maps, *norms[0], training, epsilon=1e-5))
    for kernel, norm in zip(layers, norms[1:], strict=True):
        maps = relu(batch_norm(doubled(maps, kernel), *norm, training, epsilon=1e-5))
    return to_image(doubled(maps, last))


def dcgan_discriminator(images, layers, last, norms, training):
    """Images -> logits (N, 1); `last` is as large as the map that it sees."""
    maps = leaky(conv2d(signed(images), layers[0], stride=2))
    for kernel, norm in zip(layers[1:], norms, strict=True):
        maps = leaky(batch_norm(conv2d(maps, kernel, stride=2), *norm, training, epsilon=1e-5))
    return np.einsum("nhwc,hwcd->nd", maps, last)


def patch_discriminator(images, layers, norms, training):
    """Images -> a map of logits.

    Args:
        layers: (kernel, bias) of all convolutions; the last two have stride 1 and a pixel of zeros around.
        norms: (gamma, beta, mean, variance) behind all but the first and the last; None is instance norm.
    """
    maps = signed(images)
    for number, (kernel, bias) in enumerate(layers):
        late = number >= len(layers) - 2
        if late:
            maps = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)))
        maps = conv2d(maps, kernel, bias, stride=1 if late else 2, padding="valid" if late else "same")
        if number == len(layers) - 1:
            return maps
        if number:
            norm = norms[number - 1]
            maps = instance_norm(maps) if norm is None else batch_norm(maps, *norm, training, epsilon=1e-5)
        maps = leaky(maps)


def unet_generator(images, down, down_norms, up, up_norms, last, training, dropped=()):
    """C64-C128-... down, CD512-... up with skips; `dropped` are the masks of the lowest steps up."""
    maps, levels = signed(images), []
    for level, kernel in enumerate(down):
        maps = conv2d(maps, kernel, stride=2)
        if 0 < level < len(down) - 1:
            maps = batch_norm(maps, *down_norms[level - 1], training, epsilon=1e-5)
        maps = leaky(maps)
        levels.append(maps)
    levels.pop()
    for step, (kernel, norm) in enumerate(zip(up, up_norms, strict=True)):
        maps = batch_norm(doubled(maps, kernel), *norm, training, epsilon=1e-5)
        if step < len(dropped):
            maps = maps * dropped[step]
        maps = np.concatenate([levels.pop(), relu(maps)], axis=-1)
    return to_image(doubled(maps, *last))


def residual_generator(images, first, down, blocks, up, last):
    """c7s1-64, d128, d256, residual blocks, u128, u64, c7s1-3; every layer is (kernel, bias)."""
    maps = relu(instance_norm(conv2d(reflected(signed(images), 3), *first, padding="valid")))
    for layer in down:
        maps = relu(instance_norm(conv2d(maps, *layer, stride=2)))
    for one, two in blocks:
        change = relu(instance_norm(conv2d(reflected(maps, 1), *one, padding="valid")))
        maps = maps + instance_norm(conv2d(reflected(change, 1), *two, padding="valid"))
    for layer in up:
        maps = relu(instance_norm(doubled(maps, *layer)))
    return to_image(conv2d(reflected(maps, 3), *last, padding="valid"))
