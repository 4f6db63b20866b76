"""Figures of day4.pix2pix."""

import numpy as np

from keras_cv_course.metrics.sharpness import power_spectrum
from keras_cv_course.plot.gan_losses import gan_losses
from keras_cv_course.plot.image_rows import image_rows
from keras_cv_course.plot.image_sheet import eight_bits, image_sheet
from keras_cv_course.plot.spread_curves import spread_curves
from keras_cv_course.plot.text_table import text_table

# Half of the discriminator's cross-entropies, and the generator's without L1: ln 2 each at chance.
HEALTHY = {"discriminator_loss": (0.1, 0.8), "generator_loss": (0.4, 4.0)}
# What is monitored in training, where the generator's loss has the L1 term in it.
WATCHED = {"discriminator_loss": HEALTHY["discriminator_loss"]}


def sheets(inputs, frames):
    """A uint8 sheet for each epoch: inputs (N, H, W, 3) in [0, 1] above {epoch: (N, H, W, 3) uint8 images}."""
    above, enlarge = eight_bits(inputs), max(1, 128 // inputs.shape[1])
    return [image_sheet(np.concatenate([above, images]), enlarge=enlarge) for images in frames.values()]


def losses(history, l1_weight):
    """Both adversarial losses over epochs, from a training log whose generator's loss has the L1 term in it."""
    adversarial = np.array(history["generator_loss"]) - l1_weight * np.array(history["l1"])
    runs = {"": {**history, "generator_loss": adversarial}}
    title = "Losses by epoch, without the L1 term (dotted: D = 1/2)"
    return gan_losses(runs, HEALTHY, title, dict.fromkeys(HEALTHY, np.log(2)))


def images(maps, true, results):
    """Rows of label maps, of true images and of each method's images {name: (N, H, W, 3)}."""
    rows = {"label map": maps, "true image": true, **results}
    return image_rows(rows, "Test maps, their true images, and images generated for them")


def spectrum(true, results):
    """Power by spatial frequency over that of the true images (N, H, W, 3), one line a method."""
    expected = power_spectrum(true)
    lines = {name: power_spectrum(some) / expected for name, some in results.items()}
    axes = dict(xlabel="periods across the image", ylabel="power over that of the true images")
    frequencies = np.arange(1, 1 + len(expected))
    return spread_curves(frequencies, lines, "Power by spatial frequency", **axes)


def measures(measured):
    """A table of measures, one method a row: {method: {measure: number}}."""
    rows = [[name, *values.values()] for name, values in measured.items()]
    return text_table(["method", *next(iter(measured.values()))], rows, "Images generated for test maps")
