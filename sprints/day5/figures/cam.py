"""Figures of day5.cam."""

import numpy as np

from keras_cv_course.explain.class_activation import enlarged, grad_cam
from keras_cv_course.explain.grad_cam_plus_plus import grad_cam_plus_plus
from keras_cv_course.explain.layer_outputs import last_maps
from keras_cv_course.explain.own_classifier import chosen_class, fitted, without_softmax
from keras_cv_course.explain.pointing_game import peaks
from keras_cv_course.plot.heat_maps import heat_maps
from keras_cv_course.plot.style import GREEN
from keras_cv_course.training.imagenet_classes import class_name

SCENES = 4


def maps_of_scenes(images, maps, classes, boxes, names, box_classes, title):
    """Draw scenes with three classes, each with its map for every class in it.

    Args:
        images: (P, H, W, C), one for each pair of a scene and a class; the pairs of a scene follow one another.
        maps: (P, H, W).
        classes: (P,) the class of each pair.
        boxes: (P, K, 4) the true boxes of that class.
        names: of all classes.
        box_classes: (N, K) of all scenes, -1 for none.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    counts = [len(set(row[row >= 0])) for row in box_classes]
    starts = np.concatenate([[0], np.cumsum(counts)])[:-1]
    most = max(counts)
    chosen = [number for number, count in enumerate(counts) if count == most][:SCENES]
    rows = {}
    for row, number in enumerate(chosen):
        pairs = range(starts[number], starts[number] + counts[number])
        panels = [{"image": images[starts[number]], "title": "scene"}]
        for pair in pairs:
            framed = [(box, GREEN, "-") for box in boxes[pair] if box[2] > box[0]]
            panels.append(
                {
                    "image": images[pair], "map": maps[pair], "title": names[classes[pair]], "boxes": framed,
                    "point": peaks(maps[pair : pair + 1])[0],
                }
            )  # fmt: skip
        rows[" " * row] = panels
    return heat_maps(rows, title, side=1.6)


def maps_of_photographs(images, names, maps, boxes):
    """Draw photographs with a box, and their maps.

    Args:
        images: (N, H, W, 3).
        names: for each photograph its most and its second most probable class.
        maps: {method: (N, H, W)}.
        boxes: (N, 1, 4), xyxy in pixels.

    Returns:
        A matplotlib `Figure`.
    """
    rows = {}
    for number, (image, (first, second)) in enumerate(zip(images, names)):
        panels = [{"image": image, "title": first, "boxes": [(boxes[number][0], GREEN, "-")]}]
        for method, found in maps.items():
            told = f"CAM, {second}" if method == "CAM, second class" else method
            panels.append(
                {
                    "image": image,
                    "map": found[number],
                    "title": told,
                    "point": peaks(found[number : number + 1])[0],
                }
            )
        rows[" " * number] = panels
    title = "What EfficientNet-Lite0 looks at; dots are the highest places"
    return heat_maps(rows, title, side=2.3)


def cam_of_my_image(model, image, layer=None, explain=None):
    """Draw an image of one's own, and where a network sees its class: Grad-CAM and Grad-CAM++.

    Args:
        model: a classifier for images in [0, 1].
        image: (H, W, 3) in [0, 1], of any size; the square in its middle is looked at.
        layer: name of the layer with the maps; None for the last maps: the model's `endpoints(image)["features"]`, or
            the output of its last layer that has any.
        explain: number of the class; None for the most probable one.

    Returns:
        A matplotlib `Figure`.

    Raises:
        InputError: the model is no classifier of images, it has no such class or layer, or no layer with maps.
    """
    model, image = without_softmax(model), fitted(model, image)
    number, probability = chosen_class(model, image, explain)
    if layer is None and not (hasattr(model, "endpoints") and hasattr(model, "classify")):
        layer = last_maps(model, image)
    panels = [{"image": image[0], "title": "your image"}]
    for name, method in {"Grad-CAM": grad_cam, "Grad-CAM++": grad_cam_plus_plus}.items():
        found = enlarged(method(model, image, np.array([number]), layer), image.shape[1:3])
        panels.append({"image": image[0], "map": found[0], "title": name, "point": peaks(found)[0]})
    name = class_name(number, int(model(image).shape[-1]))
    where = f"maps of the layer {layer}" if layer else "the last maps"
    return heat_maps({"": panels}, f"{name}: probability {probability:.3f}; {where}", side=3)
