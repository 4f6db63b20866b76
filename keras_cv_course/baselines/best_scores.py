"""What one may try in place of non-maximum suppression: keep the detections of the highest scores."""

import numpy as np


def best_scores(scores, labels, classes, counts=(1, 2, 3), thresholds=(0.5, 0.7, 0.9)):
    """Simple rules for which detections to keep, none of which looks at the boxes.

    Args:
        scores: (N, A), 0 for no detection.
        labels: (N, A) predicted classes.
        classes: number of classes.
        counts: keep the so many best of each image and class.
        thresholds: keep all above.

    Returns:
        {name of the rule: (N, A) labels, -1 for what is dropped}.
    """
    # The rank of each detection among those of its class in its image, 0 the best.
    rank = np.full(scores.shape, scores.shape[1])
    for one in range(classes):
        order = np.argsort(-np.where(labels == one, scores, -1), axis=1, kind="stable")
        places = np.argsort(order, axis=1, kind="stable")
        rank = np.where(labels == one, places, rank)
    rules = {f"the best {count} of each class": rank < count for count in counts}
    rules |= {f"scores above {threshold:g}": scores > threshold for threshold in thresholds}
    return {name: np.where(keep & (scores > 0), labels, -1) for name, keep in rules.items()}
