"""Ready-made methods that move a network's boundaries to an image's edges, each with a fair tuning."""

from functools import partial

import numpy as np

from keras_cv_course.baselines.edge_watershed import edge_watershed
from keras_cv_course.baselines.guided_filter import guided_filter
from keras_cv_course.metrics.boundary import mean_boundary_f1

BANDS = (1, 2, 3, 4)  # pixels
GUIDES = tuple(dict(radius=radius, epsilon=epsilon) for radius in (4, 8, 16) for epsilon in (1e-4, 1e-3))


def tuned_refiners(probabilities, images, masks, width=1):
    """The watershed and the guided filter, each with the setting whose boundary F1 is the highest.

    Args:
        probabilities: (N, H, W, C) of a network, for the validation images.
        images: (N, H, W, channels) in [0, 1].
        masks: (N, H, W) their classes, 255 void.
        width: pixels that an outline may be off.

    Returns:
        {name with its setting: function (probabilities, images) -> masks (N, H, W)}.
    """
    band = best_setting(watershed_of, BANDS, probabilities, images, masks, width)
    guide = best_setting(guided_of, GUIDES, probabilities, images, masks, width)
    names = (
        f"watershed, band {band}",
        f"guided filter, radius {guide['radius']}, epsilon {guide['epsilon']:g}",
    )
    methods = partial(watershed_of, setting=band), partial(guided_of, setting=guide)
    return {name: partial(refined, method) for name, method in zip(names, methods, strict=True)}


def watershed_of(probabilities, image, setting):
    """(H, W, C) and the image -> (H, W) classes; the setting is `edge_watershed`'s band."""
    return edge_watershed(probabilities.argmax(axis=-1), image, setting)


def guided_of(probabilities, image, setting):
    """(H, W, C) and the image -> (H, W) classes; the setting holds `guided_filter`'s radius and epsilon."""
    return guided_filter(probabilities, image, **setting).argmax(axis=-1)


def refined(method, probabilities, images):
    """A method's masks (N, H, W): each image by itself."""
    return np.stack([method(one, image) for one, image in zip(probabilities, images, strict=True)])


def best_setting(method, settings, probabilities, images, masks, width=1):
    """The setting of a method whose masks have the highest boundary F1.

    Args:
        method: function (probabilities (H, W, C), image, setting) -> classes (H, W).
        settings: those to try.
        probabilities, images, masks, width: as in `tuned_refiners`.
    """

    def score(setting):
        predicted = refined(partial(method, setting=setting), probabilities, images)
        return mean_boundary_f1(masks, predicted, width)

    return max(settings, key=score)
