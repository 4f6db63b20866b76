"""A weight for every pixel, beside the picture and the objects that it is made from."""

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from keras_cv_course.plot.scene_sheet import GROUND, TONES


def weight_map(image, instances, weights, title):
    """Draw a picture, its objects, each in a colour of its own, and the weights of its pixels.

    Args:
        image: (H, W, 1 or 3) in [0, 1].
        instances: (H, W) whole numbers, 0 the ground.
        weights: (H, W) numbers.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    figure.suptitle(title, fontsize=12)
    panels = figure.subplots(1, 3)
    panels[0].imshow(image, cmap="gray", vmin=0, vmax=1)
    count = int(np.max(instances))
    colours = ListedColormap([GROUND, *(TONES[number % len(TONES)] for number in range(count))])
    panels[1].imshow(instances, cmap=colours, vmin=-0.5, vmax=count + 0.5, interpolation="nearest")
    drawn = panels[2].imshow(weights, cmap="cividis", interpolation="nearest")
    bar = figure.colorbar(drawn, ax=panels[2], fraction=0.05)
    bar.set_label("weight of the pixel's loss")
    for axis, words in zip(panels, ("picture", "its objects", "weights"), strict=True):
        axis.set_title(words, fontsize=10)
        axis.set(xticks=[], yticks=[])
    return figure
