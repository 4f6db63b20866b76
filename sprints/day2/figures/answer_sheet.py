"""Pictures, what they show and what a network says they show, one above the other."""

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from keras_cv_course.plot.overlay import painted, tone


def answer_sheet(images, masks, answers, classes, title, notes=None):
    """Draw a column a picture: the picture, its true classes, the answer.

    Args:
        images: (N, H, W, 1 or 3) in [0, 1].
        masks: (N, H, W) i of classes[i], 255 void, black.
        answers: (N, H, W) i of classes[i].
        classes: the names of the classes.
        title: what the figure shows, in words.
        notes: N words to write above the pictures, or None.

    Returns:
        A matplotlib `Figure`.
    """
    count = len(images)
    figure = Figure(figsize=(0.6 + 1.3 * count, 5.4), layout="constrained")
    figure.suptitle(title, fontsize=12)
    grid = figure.subplots(3, count, squeeze=False)
    for column in range(count):
        image = images[column]
        flat = (painted(image, some[column], classes, strength=1) for some in (masks, answers))
        for axis, picture in zip(grid[:, column], (image, *flat), strict=True):
            axis.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axis.set(xticks=[], yticks=[])
        if notes is not None:
            grid[0, column].set_title(notes[column], fontsize=9)
    for axis, label in zip(grid[:, 0], ("picture", "truth", "answer"), strict=True):
        axis.set_ylabel(label, fontsize=10)
    patches = [Patch(color=tone(value, classes), label=name) for value, name in enumerate(classes)]
    figure.legend(
        handles=patches, loc="outside lower center", ncols=min(11, count), fontsize=9, frameon=False
    )
    return figure
