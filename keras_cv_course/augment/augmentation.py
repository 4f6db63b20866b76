"""What every augmentation takes and returns: one batch, all its fields, and one random generator.

A batch is a dictionary of NumPy arrays, `{"images": part.images, "labels": part.labels}` for example, with
some of these fields and no others:

    images       (N, H, W, C) floats; transforms that change colours want them in [0, 1]
    labels       (N,) integers, or (N, classes) floats: the probability of each class
    masks        (N, H, W) the class of each pixel, or (N, H, W, classes) the probability of each class
    boxes        (N, K, 4) floats: left, top, right, bottom in pixels from the image's upper left corner, so
                 that the whole image is 0, 0, W, H; an image with fewer boxes than K has rows of -1
    box_classes  (N, K) integers, what is in each box; -1 where there is none

A transform is a function `transform(batch, rng, ...) -> batch`. It draws random numbers once for each image, from
`rng` and nowhere else, changes all fields alike, and never writes into the arrays that it received. Several
are applied in turn:

    def transform(batch, rng):
        return random_crop(random_flip(batch, rng), rng)
"""

import itertools

import keras
import numpy as np

from keras_cv_course.errors import InputError

FIELDS = ("images", "labels", "masks", "boxes", "box_classes")
NO_BOX = -1


def checked(batch, in_unit_range=False):
    """A new dictionary with the same arrays, after checking that they are a batch.

    Args:
        batch: a dictionary as described above.
        in_unit_range: whether the images must be in [0, 1].

    Raises:
        InputError: a field is missing or unknown, or has a wrong shape, dtype, length or range, or NaN.
    """
    images = batch.get("images") if isinstance(batch, dict) else None
    if not (isinstance(images, np.ndarray) and images.ndim == 4 and images.size):
        raise InputError(
            "expected a dictionary with a NumPy array `images` of shape (N, H, W, C), none of these 0, "
            f"received {_describe(batch if images is None else images)}; one image is images[None]"
        )
    for field, values in batch.items():
        if field not in FIELDS or not isinstance(values, np.ndarray):
            raise InputError(
                f"the fields of a batch are NumPy arrays named {', '.join(FIELDS)}, received {field!r}, "
                f"{_describe(values)}; leave it out or convert it"
            )
        if len(values) != len(images):
            raise InputError(f"expected as many {field} as images, received {len(values)} for {len(images)}")
    if not np.issubdtype(images.dtype, np.floating):
        raise InputError(f"images must be floats, received {images.dtype}; divide 8-bit images by 255")
    low, high = images.min(), images.max()  # both are NaN where one pixel is
    if not (np.isfinite(low) and np.isfinite(high)):
        raise InputError("images must be finite, received NaN or infinity; find the image that is broken")
    slack = 4 * np.finfo(images.dtype).eps  # an interpolation may round a white pixel up
    if in_unit_range and not (-slack <= low and high <= 1 + slack):
        raise InputError(f"images must be in [0, 1], received {low:g} to {high:g}; scale them first")
    if "masks" in batch and batch["masks"].shape[1:3] != images.shape[1:3]:
        raise InputError(
            f"masks must be as high and wide as the images, received {_describe(batch['masks'])} "
            f"for images of shape {images.shape}; resize both"
        )
    if "boxes" in batch or "box_classes" in batch:
        _check_boxes(batch.get("boxes"), batch.get("box_classes"))
    return dict(batch)


def _check_boxes(boxes, classes):
    if boxes is None or boxes.ndim != 3 or boxes.shape[2] != 4 or not np.issubdtype(boxes.dtype, np.floating):
        raise InputError(
            f"boxes must be floats of shape (N, K, 4), received {_describe(boxes)}; fill up images that have "
            "fewer boxes with rows of -1"
        )
    in_order = (boxes[..., 0] <= boxes[..., 2]) & (boxes[..., 1] <= boxes[..., 3])
    if not (np.isfinite(boxes).all() and in_order.all()):
        raise InputError(
            "boxes are left, top, right, bottom with left <= right and top <= bottom, received "
            f"{boxes[~in_order][:1].tolist() or 'NaN or infinity'}"
        )
    if classes is not None and classes.shape != boxes.shape[:2]:
        raise InputError(
            f"expected one class a box, received {_describe(classes)} for boxes of shape {boxes.shape}"
        )


def _describe(value):
    if not isinstance(value, np.ndarray):
        return type(value).__name__
    return f"{value.dtype} of shape {value.shape}"


def clip_boxes(boxes, height, width):
    """Cut boxes off at the image's edge.

    Args:
        boxes: (N, K, 4) left, top, right, bottom in pixels.
        height, width: of the images, in pixels.

    Returns:
        The boxes, same shape and dtype, within the image. One that lay outside has no area left.
    """
    return np.clip(boxes, 0, np.array([width, height, width, height], boxes.dtype))


def keep_visible(batch, visible, whole, least=0.1):
    """Give a batch the boxes that a transform has moved and cut; drop those of which too little is left.

    Args:
        batch: a checked batch with boxes; it is changed.
        visible: (N, K, 4) what can be seen of each box.
        whole: (N, K, 4) the moved box that it is a part of; rows of -1 where there was none.
        least: share of the whole box's area that must be visible; a box without any area is always dropped.
    """
    there = (whole != NO_BOX).any(axis=2)
    kept = there & (_area(visible) > 0) & (_area(visible) >= least * _area(whole))
    batch["boxes"] = np.where(kept[..., None], visible, NO_BOX).astype(visible.dtype)
    if "box_classes" in batch:
        batch["box_classes"] = np.where(kept, batch["box_classes"], NO_BOX)


def _area(boxes):
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def to_soft_labels(labels, classes=None):
    """Labels as one probability a class, the form that labels of mixed images have.

    Args:
        labels: (N,) integers in [0, classes), or (N, classes) floats, which come back as they are.
        classes: number of classes; needed for integers only.

    Returns:
        (N, classes) float array, rows that sum to 1; for integers one-hot, float32.

    Raises:
        InputError: other shapes or dtypes, a label that is no class, or rows that do not sum to 1.
    """
    labels = np.asarray(labels)
    if labels.ndim == 2 and np.issubdtype(labels.dtype, np.floating):
        if classes not in (None, labels.shape[1]):
            raise InputError(f"expected soft labels of {classes} classes, received shape {labels.shape}")
        # Written so that NaN fails too.
        if not (labels.min() >= 0 and np.abs(labels.sum(axis=1) - 1).max() <= 1e-3):
            raise InputError(
                "soft labels must not be negative and must sum to 1 in each row; use one-hot labels"
            )
        return labels
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise InputError(
            "labels must be (N,) integers or (N, classes) floats, received "
            f"{labels.dtype} of shape {labels.shape}; (N, 1) becomes (N,) by labels[:, 0]"
        )
    if classes is None:
        raise InputError("integers cannot be mixed: give classes=, their number, or one-hot labels")
    if labels.min() < 0 or labels.max() >= classes:
        raise InputError(
            f"labels of {classes} classes are 0 to {classes - 1}, received {labels.min()} to {labels.max()}"
        )
    return np.eye(classes, dtype="float32")[labels]


def augmented(batches, transform, seed, fields=("images", "labels"), clock=None):
    """A data set whose batches are transformed anew in every epoch.

    NumPy prepares the next batch while the network trains on this one.

    Args:
        batches: `run.batches(images, labels)`, or another `tf.data.Dataset` of tuples of arrays.
        transform: a function (batch, rng) -> batch.
        seed: the random numbers depend on it, the epoch and the batch's number alone.
        fields: the names of the tuple's arrays in a batch.
        clock: a list of one number, the epoch, such as `run.clock`, so that a resumed training sees the
            images that it would have seen. None counts the epochs here.

    Returns:
        A data set of the same kind, of tuples of the same fields.

    Raises:
        InputError: the tuples have another length than `fields`; and what the transform raises.
    """
    in_numpy = isinstance(batches, keras.utils.PyDataset)
    sample = batches[0] if in_numpy else next(batches.as_numpy_iterator())
    if len(sample) != len(fields):
        raise InputError(
            f"expected {len(fields)} arrays a batch, {', '.join(fields)}, received {len(sample)}; name them with "
            "fields="
        )

    def changed(arrays, rng):
        batch = transform(dict(zip(fields, arrays)), rng)
        return [batch[field] for field in fields]

    first = changed(sample, np.random.default_rng(seed))
    epochs = itertools.count()
    epoch = [0]

    def change(number, *arrays):
        if number == 0:
            epoch[0] = next(epochs) if clock is None else clock[0]
        return changed(arrays, np.random.default_rng((seed, epoch[0], number)))

    if in_numpy:
        return batches.enumerate().map(lambda number, arrays: tuple(change(number, *arrays)))
    import tensorflow as tf

    def through_tensorflow(number, arrays):
        arrays = tf.numpy_function(change, [number, *arrays], [array.dtype for array in first])
        return tuple(tf.ensure_shape(each, (None, *array.shape[1:])) for each, array in zip(arrays, first))

    return batches.enumerate().map(through_tensorflow).prefetch(2)
