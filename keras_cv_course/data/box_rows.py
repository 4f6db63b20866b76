"""From a list of boxes for every image to arrays of K rows an image; rows of padding are -1."""

import numpy as np


def box_rows(found):
    """The fields of a part's boxes.

    Args:
        found: for every part, for every image: its boxes (n, 4), their classes (n,) and whether they are
            difficult (n,). n may be 0.

    Returns:
        For every part a dictionary with

        - boxes (N, K, 4) float32, box_classes (N, K) int64: -1 where there is no object. K is the most
          objects of an image of any part, and at least 1;
        - difficult (N, K) bool, False where there is no object.
    """
    most = max(1, *(len(kinds) for part in found for _, kinds, _ in part))
    fields = []
    for part in found:
        boxes = np.full((len(part), most, 4), -1, np.float32)
        box_classes = np.full((len(part), most), -1, np.int64)
        difficult = np.zeros((len(part), most), bool)
        for row, (corners, kinds, hard) in enumerate(part):
            count = len(kinds)
            boxes[row, :count] = np.reshape(corners, (count, 4))
            box_classes[row, :count], difficult[row, :count] = kinds, hard
        fields.append({"boxes": boxes, "box_classes": box_classes, "difficult": difficult})
    return fields
