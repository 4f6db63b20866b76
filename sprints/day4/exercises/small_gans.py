"""Small models that the exercises of Day 4 train for a step, and a pool whose images are numbers."""

import numpy as np

from keras_cv_course.classroom import close_to, expect, shape_is
from keras_cv_course.classroom.shared_checks import fixed_weights

ODD_SIDES = dict(image_shape=(30, 28, 1), filters=(4, 4))  # 30 pixels cannot be halved twice


def two_dcgans(mine, rng, **named):
    """Two equal DCGANs with equal random states, and six images (6, 4, 4, 1)."""
    seed, twins = int(rng.integers(1000)), []
    for _ in range(2):
        mine.keras.utils.set_random_seed(seed)
        network = mine.DCGAN((4, 4, 1), latent=3, filters=(5, 4), **named)
        network.build((None, 4, 4, 1))
        fixed_weights(network.generator)
        fixed_weights(network.discriminator)
        twins.append(network)
    return *twins, rng.random((6, 4, 4, 1), dtype="float32")


def first_weights_are_drawn(network):
    """Kernels have mean 0, scales mean 1, and both a standard deviation of 0.02."""
    weights = [weight for weight in network.get_weights() if weight.ndim == 4 or np.ptp(weight) > 0]
    attempt = "normal_weights() for kernels, batch_norm() for norms"
    expect(any(weight.ndim == 1 for weight in weights), "scales drawn around 1", "none", attempt)
    for weight in weights:
        scale, what = weight.ndim == 1, f"first weights of shape {weight.shape}"
        spread = weight.std(dtype="float64")
        close_to(spread, 0.02, 0.012 if scale else 0.004, f"deviation of the {what}", attempt)
        mean = weight.mean(dtype="float64")
        close_to(mean, float(scale), 0.02 if scale else 0.004, f"mean of the {what}", attempt)


def pix2pix(mine, rng, **named):
    """A pix2pix with fixed weights, six maps (6, 16, 16, 1) and their targets (6, 16, 16, 2)."""
    sizes = dict(channels=2, filters=(3, 4, 5), patch_filters=(3, 4), dropout=0.0, dropout_levels=0)
    model = mine.Pix2Pix(**{**sizes, **named})
    model.build((None, 16, 16, 1))
    fixed_weights(model.discriminator)
    fixed_weights(model.generator)
    return model, *(rng.random((6, 16, 16, channels), dtype="float32") for channels in (1, 2))


def cyclegan(mine, rng, **named):
    """A CycleGAN with weights that make a difference, and six images (6, 8, 8, 1) of each domain."""
    sizes = dict(channels=1, filters=2, blocks=1, patch_filters=(3, 4), pool_size=0)
    model = mine.CycleGAN(**{**sizes, **named})
    model.build((None, 8, 8, 1))
    for network in networks_of(model):
        weights = [rng.normal(0, 0.3, value.shape).astype("float32") for value in network.get_weights()]
        network.set_weights(weights)
    return model, *(rng.random((6, 8, 8, 1), dtype="float32") for _ in range(2))


def networks_of(model):
    """A CycleGAN's discriminators of A and of B, its generators to A and to B."""
    return model.discriminator_a, model.discriminator_b, model.to_a, model.to_b


def numbered_pool(mine, size):
    """A function (start, count) that puts numbered images of one pixel into a new pool, its `layer`."""
    layer = mine.ImagePool(size)
    layer.build((None, 1, 1, 1))

    def numbers(start, count, training=True):
        images = np.arange(start, start + count, dtype="float32").reshape(-1, 1, 1, 1)
        attempt = "as many images come back as went in"
        return shape_is(layer.call(images, training=training), images.shape, "images", attempt).ravel()

    numbers.layer = layer
    return numbers


def stored_numbers(layer, size):
    """What a pool of images of one pixel stores: (size,) numbers, and how many places are taken."""
    weights = layer.get_weights()
    two = isinstance(weights, (list, tuple)) and len(weights) == 2
    expect(two, "a pool of images and the number of places taken", weights, "see `build`")
    return shape_is(weights[0], (size, 1, 1, 1), "images stored", "see `build`").ravel(), weights[1]


def reflected_convolution(maps, kernel, bias):
    """Reflect by one pixel, convolve with a 3x3 kernel, norm every channel of every image; in float64."""
    padded = np.pad(np.asarray(maps, "float64"), ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    maps = np.einsum("nhwcij,ijcd->nhwd", windows, kernel) + bias
    maps = maps - maps.mean(axis=(1, 2), keepdims=True)
    return maps / np.sqrt(maps.var(axis=(1, 2), keepdims=True) + 1e-5)
