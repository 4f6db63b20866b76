"""Figures of day5.saliency."""

import numpy as np

from keras_cv_course.explain.backward_rules import ruled_saliency
from keras_cv_course.explain.occlusion import occlusion_map
from keras_cv_course.explain.own_classifier import chosen_class, fitted, without_softmax
from keras_cv_course.explain.saliency import gradient_saliency, smooth_saliency, strength
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.heat_maps import heat_maps
from keras_cv_course.plot.style import ORANGE
from keras_cv_course.training.imagenet_classes import class_name


def map_rows(images, names, maps, title, boxes=None):
    """Draw each image and beside it its maps.

    Args:
        images: (N, H, W, C) in [0, 1].
        names: N texts, one for each image.
        maps: {method: (N or more, H, W)}.
        title: what the figure shows, in words.
        boxes: (N or more, K, 4) xyxy in pixels, drawn over image and maps; or None.

    Returns:
        A matplotlib `Figure`.
    """
    rows = {}
    for number, image in enumerate(images):
        marks = [] if boxes is None else [(box, ORANGE, "-") for box in boxes[number]]
        label = f"{names[number].replace(' ', chr(10))}"
        # Several images may have one name: a space that is not seen tells the rows apart.
        rows[label + " " * number] = [
            {"image": image, "title": "image", "boxes": marks},
            *({"map": one[number], "title": method, "boxes": marks} for method, one in maps.items()),
        ]
    return heat_maps(rows, title, side=1.5, headings=False)


def randomised_maps(image, steps):
    """Draw the maps of one image by several methods, while more and more of the network becomes random.

    Args:
        image: (H, W, C) in [0, 1].
        steps: {method: {what is random: (H, W)}}.

    Returns:
        A matplotlib `Figure`.
    """
    rows = {}
    for method, by in steps.items():
        panels = [{"image": image, "title": "image"}]
        rows[method] = panels + [{"map": one, "title": stage} for stage, one in by.items()]
    title = "Maps of one photograph while the network is destroyed: each column's stage and all to its left are random"
    return heat_maps(rows, title, side=1.0, headings=False)


def correlations(stages, lines):
    """Draw the similarity to the trained network's map against what is random.

    Args:
        stages: names, from "trained" on.
        lines: {method: one number a stage}.

    Returns:
        A matplotlib `Figure`.
    """
    title = "Similarity of maps to those of the trained network"
    figure = curves(
        range(len(stages)), lines, title, "random from the top down to", "rank correlation of absolute values"
    )
    axis = figure.axes[0]
    axis.set_xticks(range(len(stages)), stages, rotation=30, ha="right")
    axis.axhline(0, color="black", linewidth=0.8)
    return figure


def saliency_of_my_image(model, image, samples=16, noise=0.15, explain=None):
    """Draw an image of one's own and its maps by five methods.

    Args:
        model: a classifier for images in [0, 1].
        image: (H, W, 3) in [0, 1], of any size; the square in its middle is looked at.
        samples, noise: of SmoothGrad.
        explain: number of the class; None for the most probable one.

    Returns:
        A matplotlib `Figure`.

    Raises:
        InputError: the model is no classifier of images, or has no such class.
    """
    model, image = without_softmax(model), fitted(model, image)
    number, probability = chosen_class(model, image, explain)
    classes, side = np.array([number]), min(image.shape[1:3])
    maps = {
        "gradient": strength(gradient_saliency(model, image, classes)),
        "SmoothGrad": strength(smooth_saliency(model, image, classes, samples, noise)),
        "guided": strength(ruled_saliency(model, image, classes)),
        "occlusion": occlusion_map(model, image, classes, size=max(1, side // 4), stride=max(1, side // 8)),
    }
    name = class_name(number, int(model(image).shape[-1]))
    title = f"{name}: probability {probability:.3f}"
    panels = [{"image": image[0], "title": "your image"}]
    panels += [{"map": one[0], "title": method} for method, one in maps.items()]
    return heat_maps({"": panels}, title, side=2.2)
