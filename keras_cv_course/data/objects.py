"""What a detection lesson needs of a data set, checked before anything is trained."""

import numpy as np

from keras_cv_course.errors import InputError


def object_classes(dataset):
    """The names of the classes of a data set's objects.

    Args:
        dataset: a `Dataset`, as `data.load` returns it.

    Returns:
        A tuple of names.

    Raises:
        InputError: the data set has no boxes, or a part of it has no object (but difficult ones), so that there
            is nothing to learn or nothing to measure.
    """
    name, parts = (
        dataset.info.name,
        dict(train=dataset.train, validation=dataset.validation, test=dataset.test),
    )
    if not {"images", "boxes", "box_classes"} <= set(dataset.train.fields):
        raise InputError(
            f"data set {name!r} has no boxes around objects (it has {', '.join(dataset.train.fields)}); take one "
            "with boxes, such as shapes:few, bccd or tfds:voc/2007"
        )
    for kind, part in parts.items():
        if not np.any((part.box_classes >= 0) & ~difficult(part)):
            raise InputError(
                f"the {kind} part of {name!r} has no object in its {len(part)} images; take more of them (limit), "
                "or look into the annotations"
            )
    return dataset.info.classes


def difficult(part):
    """(N, K) bool: the objects of a part that evaluation counts neither as hits nor as misses; False where a data
    set knows none."""
    return part.fields.get("difficult", np.zeros(part.box_classes.shape, bool))
