"""What a segmentation lesson needs of a data set, checked before anything is trained."""

import numpy as np

from keras_cv_course.errors import InputError

VOID = 255


def mask_classes(dataset):
    """The names of the classes of a data set's masks.

    Args:
        dataset: a `Dataset`, as `data.load` returns it.

    Returns:
        A tuple: name i is that of the pixels i in `masks`.

    Raises:
        InputError: the data set has no masks; or all pixels of the training masks are of one class or void, so
            that there is nothing to learn.
    """
    name, names = dataset.info.name, dataset.info.extra.get("mask_classes")
    if names is None or not {"images", "masks"} <= set(dataset.train.fields):
        raise InputError(
            f"data set {name!r} has no class for every pixel (it has {', '.join(dataset.train.fields)}); take one "
            "with images and masks, such as shapes:patterned, camvid or tfds:oxford_iiit_pet"
        )
    found = np.unique(dataset.train.masks)
    if len(found[found != VOID]) < 2:
        held = " and ".join(map(str, found))
        hint = (
            "; 255 means void, so write the classes of a two-class mask as 0 and 1" if VOID in found else ""
        )
        raise InputError(
            f"the training masks of {name!r} hold nothing but {held}: expected two classes{hint}"
        )
    return tuple(names)
