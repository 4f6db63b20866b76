"""Figures of day4.cyclegan."""

import numpy as np

from keras_cv_course.plot.gan_losses import gan_losses
from keras_cv_course.plot.image_rows import image_rows
from keras_cv_course.plot.text_table import text_table
from sprints.day4.figures.pix2pix import sheets

__all__ = ["WATCHED", "adversarial", "errors", "losses", "sheets", "there_and_back", "translations"]

# Of both discriminators and both generators together; with least squares both are 0.5 at outputs of 0.5.
HEALTHY = {"discriminator_loss": (0.05, 0.7), "generator_loss": (0.3, 2.0)}
# What is monitored in training, where the generators' loss has cycle and identity in it.
WATCHED = {"discriminator_loss": HEALTHY["discriminator_loss"]}


def adversarial(history, cycle_weight, identity_weight):
    """A training log {loss: (epochs,) numbers} whose generators' loss has cycle and identity no longer in it."""
    log = {name: np.array(values) for name, values in history.items()}
    log["generator_loss"] -= cycle_weight * log["cycle_l1"] + identity_weight * log["identity_l1"]
    return log


def losses(logs):
    """Adversarial losses over epochs, one column a training: {heading: log}."""
    title = "Adversarial losses by epoch (dotted: outputs of 1/2)"
    return gan_losses(logs, HEALTHY, title, dict.fromkeys(HEALTHY, 0.5))


def there_and_back(own, other, part, translation, returned):
    """Rows of test images, their translations, the true partners where a `Part` has them, the way back."""
    truth = {"true partner": part.partners} if "partners" in part.fields else {}
    rows = {own: part.images, f"as {other}": translation, **truth, "and back": returned}
    return image_rows(rows, f"Test images from {own} to {other} and back")


def errors(measured):
    """A table of errors, one translation a row: {translation: {error: number}}."""
    rows = [[name, *values.values()] for name, values in measured.items()]
    columns = ["translation", *next(iter(measured.values()))]
    return text_table(columns, rows, "Mean absolute difference to the true partner")


def translations(part, own, other, results):
    """Rows of a `Part`'s images, of their true partners, and of each method's translations {name: images}."""
    rows = {name: images for name, images in results.items() if name != "identity"}
    rows = {own: part.images, "true partner": part.partners, **rows}
    return image_rows(rows, f"Test images from {own} to {other}, translated by each method")
