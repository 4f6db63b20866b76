"""One photograph, of any size, with the objects that a detector finds in it."""

import numpy as np
from keras import ops
from matplotlib.figure import Figure

from keras_cv_course.plot.box_panels import box_panels


def found_objects(model, image, least=0.25) -> Figure:
    """Squeeze a picture to the detector's size, and draw what it finds at the picture's own scale.

    Args:
        model: a built detector with `size` (height, width), `names` of the classes or None, and `find`, such
            as `YOLO`.
        image: (H, W, 3) in [0, 1], of any size.
        least: answers with a score below this are not drawn.

    Returns:
        A matplotlib `Figure`; its boxes are in the picture's own pixels.
    """
    squeezed = ops.image.resize(image[None].astype("float32"), model.size, antialias=True)
    found = {name: np.asarray(values)[0] for name, values in model.find(squeezed).items()}
    scale = np.array(image.shape[1::-1]) / model.size[::-1]  # across, down
    drawn = []
    for box, score, label in zip(found["boxes"], found["scores"], found["labels"]):
        if label >= 0 and score >= least:
            name = model.names[label] if model.names else f"class {label}"
            drawn.append(dict(box=box * np.tile(scale, 2), text=f"{name} {score:.2f}"))
    height, width = image.shape[:2]
    words = f"{len(drawn)} found with a score of {least:g} or more"
    panel = dict(image=image, title=f"{width} x {height} pixels", boxes=drawn)
    return box_panels([panel], words, side=8)
