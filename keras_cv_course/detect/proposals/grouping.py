"""Hierarchical grouping: the two most similar neighbours are merged, again and again, until one region is left.

Uijlings, van de Sande, Gevers and Smeulders, "Selective Search for Object Recognition", IJCV 104(2), 2013,
algorithm 1.
"""

import numpy as np

from keras_cv_course.detect.proposals.similarity import merged, similarity
from keras_cv_course.errors import InputError

ALL_FOUR = ("colour", "texture", "size", "fill")


def grouping(regions, pairs, image_size, measures=ALL_FOUR):
    """Merge the two most similar neighbours, again and again, until one region is left.

    Args:
        regions: the R `Regions` of an image.
        pairs: (P, 2) numbers of neighbours.
        image_size: pixels of the image.
        measures: names of `similarity.SIMILARITIES`; the similarity is their sum.

    Returns:
        boxes (2 R - 1, 4) xyxy: those of the R regions, then one a merger; the last is the box around all;
        parents (R - 1, 2) int: for each merger, which two of all these regions were merged, the smaller first.

    Raises:
        InputError: the pairs do not connect all regions.
    """
    count = len(regions)
    living, names = regions[np.arange(count)], np.arange(count)  # a copy, which changes
    boxes, parents = list(regions.boxes), []
    # Rows and columns of regions that are merged away are -inf; the merged region takes the place of the first one.
    near, scores = np.zeros((count, count), bool), np.full((count, count), -np.inf)
    first, second = np.asarray(pairs, int).reshape(-1, 2).T
    near[first, second] = near[second, first] = True
    alike = similarity(regions[first], regions[second], image_size, measures)
    scores[first, second] = scores[second, first] = alike
    for number in range(count, 2 * count - 1):
        i, j = np.unravel_index(np.argmax(scores), scores.shape)
        if scores[i, j] == -np.inf:
            raise InputError(
                f"{2 * count - number} regions are left that are no neighbours; pairs must connect all"
            )
        parents.append(sorted((names[i], names[j])))
        one = merged(living[i : i + 1], living[j : j + 1])
        for field, value in vars(one).items():
            getattr(living, field)[i] = value[0]
        names[i] = number
        boxes.append(one.boxes[0])
        near[i] |= near[j]
        near[j] = False
        near[i, [i, j]] = False
        near[:, i], near[:, j] = near[i], False
        scores[[i, j]] = -np.inf
        scores[:, [i, j]] = -np.inf
        others = np.flatnonzero(near[i])
        scores[i, others] = scores[others, i] = similarity(one, living[others], image_size, measures)
    return np.array(boxes), np.array(parents, int).reshape(-1, 2)
