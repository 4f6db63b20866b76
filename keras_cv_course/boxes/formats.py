"""Box formats: the same rectangle written as four other numbers.

The names are those of `keras.utils.bounding_boxes`, which converts them too. Here are the formulas, on any
backend; rows of padding are converted like all others, and mean nothing afterwards.
"""

from keras import ops

from keras_cv_course.errors import InputError

FORMATS = {
    "xyxy": "x_min, y_min, x_max, y_max",
    "yxyx": "y_min, x_min, y_max, x_max (TensorFlow's)",
    "xywh": "x_min, y_min, width, height (COCO's)",
    "center_xywh": "x and y of the centre, width, height (YOLO's)",
}


def to_xyxy(boxes, source):
    """Boxes (..., 4) of the format `source`, one of `FORMATS`, as x_min, y_min, x_max, y_max."""
    a, b, c, d = ops.unstack(ops.convert_to_tensor(boxes), axis=-1)
    if source == "yxyx":
        a, b, c, d = b, a, d, c
    elif source == "xywh":
        c, d = a + c, b + d
    elif source == "center_xywh":
        a, b, c, d = a - c / 2, b - d / 2, a + c / 2, b + d / 2
    return ops.stack([a, b, c, d], axis=-1)


def from_xyxy(boxes, target):
    """Boxes (..., 4) given as x_min, y_min, x_max, y_max in the format `target`, one of `FORMATS`."""
    x_min, y_min, x_max, y_max = ops.unstack(ops.convert_to_tensor(boxes), axis=-1)
    if target == "yxyx":
        numbers = [y_min, x_min, y_max, x_max]
    elif target == "xywh":
        numbers = [x_min, y_min, x_max - x_min, y_max - y_min]
    elif target == "center_xywh":
        numbers = [(x_min + x_max) / 2, (y_min + y_max) / 2, x_max - x_min, y_max - y_min]
    else:
        numbers = [x_min, y_min, x_max, y_max]
    return ops.stack(numbers, axis=-1)


def convert(boxes, source, target, image_size=None):
    """Boxes in another format.

    Args:
        boxes: (..., 4) float.
        source: one of `FORMATS`, in pixels; with "rel_" before it the numbers are fractions of the image's
            width and height.
        target: likewise.
        image_size: (height, width) in pixels; needed to go from pixels to fractions or back.

    Returns:
        (..., 4), a tensor.

    Raises:
        InputError: an unknown format, boxes that are not (..., 4), or a missing image size.
    """
    boxes = ops.convert_to_tensor(boxes)
    for name in (source, target):
        if name.removeprefix("rel_") not in FORMATS:
            raise InputError(
                f"box formats are {', '.join(FORMATS)}, each also with rel_ before it; got {name!r}"
            )
    if boxes.ndim < 1 or boxes.shape[-1] != 4:
        raise InputError(f"boxes must be (..., 4), got {tuple(boxes.shape)}")
    relative = source.startswith("rel_"), target.startswith("rel_")
    boxes = to_xyxy(boxes, source.removeprefix("rel_"))
    if relative[0] != relative[1]:
        if image_size is None:
            raise InputError(f"{source} to {target} needs image_size=(height, width), got none")
        height, width = image_size
        sides = ops.convert_to_tensor([width, height, width, height], dtype=boxes.dtype)
        boxes = boxes * sides if relative[0] else boxes / sides
    return from_xyxy(boxes, target.removeprefix("rel_"))
