"""Recall of proposals: how many objects have a box among the first N that fits them.

Uijlings, van de Sande, Gevers and Smeulders, "Selective Search for Object Recognition", IJCV 104(2), 2013,
section 5; Hosang, Benenson, Dollar and Schiele, "What makes for effective detection proposals?", PAMI 38(4), 2016.
"""

import numpy as np

from keras_cv_course.errors import InputError


def first_hits(proposals, objects, threshold=0.5):
    """For each object, the place of the first proposal that fits it.

    Args:
        proposals: (P, 4) xyxy, the most promising first; P may be 0.
        objects: (K, 4) xyxy.
        threshold: least IoU with which a proposal fits.

    Returns:
        (K,) float: 0 for the first proposal; infinity where none fits.
    """
    proposals, objects = (np.asarray(some, float).reshape(-1, 4) for some in (proposals, objects))
    low = np.maximum(proposals[:, None, :2], objects[None, :, :2])
    high = np.minimum(proposals[:, None, 2:], objects[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=-1)  # (P, K)
    areas = [np.prod(some[:, 2:] - some[:, :2], axis=-1) for some in (proposals, objects)]
    fits = shared >= threshold * (areas[0][:, None] + areas[1] - shared)
    places = np.where(fits, np.arange(len(proposals), dtype=float)[:, None], np.inf)
    return places.min(axis=0, initial=np.inf)


def recall_at(proposals, objects, counts, threshold=0.5):
    """The share of all objects that one of the first N proposals of their image fits.

    Args:
        proposals: M arrays (P, 4) xyxy, one an image, the most promising first; an image may have fewer than N.
        objects: (M, K, 4) xyxy; rows of -1 are padding. Images without objects add nothing.
        counts: values of N, whole numbers from 1 on.
        threshold: least IoU with which a proposal fits.

    Returns:
        (number of counts,) in [0, 1].

    Raises:
        InputError: an N below 1, a threshold outside (0, 1], no object in any image, or not one array an image.
    """
    counts = np.asarray(counts)
    if counts.size == 0 or counts.min() < 1:
        raise InputError(f"recall is measured at one proposal or more, got {counts.tolist()}")
    if not 0 < threshold <= 1:
        raise InputError(f"the least IoU of a proposal that fits lies in (0, 1], got {threshold}")
    if len(proposals) != len(objects):
        raise InputError(f"one array of proposals an image: got {len(proposals)} for {len(objects)} images")
    pairs = zip(proposals, objects, strict=True)
    places = [first_hits(some, rows[rows[:, 2] > rows[:, 0]], threshold) for some, rows in pairs]
    places = np.concatenate([np.empty(0), *places])
    if not len(places):
        raise InputError("recall needs an object to be found; none of the images has one")
    return np.mean(places[:, None] < counts, axis=0)
