"""A sheet of pictures with what a detector says: hits, wrong classes, wrong places, and what it missed."""

import numpy as np

from keras_cv_course.plot.box_panels import box_panels
from keras_cv_course.plot.style import BLUE, GREY, ORANGE, RED

HIT, WRONG_CLASS, WRONG_PLACE = "hit", "wrong class", "wrong place"
COLOURS = {HIT: BLUE, WRONG_CLASS: ORANGE, WRONG_PLACE: RED}
NOTE = "blue: right; orange: right place, wrong class; red: wrong place, or found before; dashed: missed"


def verdicts(overlap, labels, truth, threshold=0.5):
    """What each detection of one picture is, and which objects no detection has found.

    Args:
        overlap: (A, K) IoU of the detections, surest first, with the objects.
        labels: (A,) classes of the detections.
        truth: (K,) classes of the objects.
        threshold: IoU from which on a detection is in the right place.

    Returns:
        list of A names: "hit", "wrong class" or "wrong place"; (K,) bool: objects that have no hit.
    """
    free, names = np.ones(len(truth), bool), []
    for row, label in zip(overlap, labels, strict=True):
        near = row >= threshold
        mine = np.flatnonzero(near & free & (truth == label))
        if len(mine):
            free[mine[np.argmax(row[mine])]] = False
            names.append(HIT)
        else:
            names.append(WRONG_CLASS if np.any(near & free & (truth != label)) else WRONG_PLACE)
    return names, free


def detection_sheet(images, truth, detections, overlaps, classes, title, columns=6):
    """Draw detections in the colour of their verdict, and dashed what was missed.

    Args:
        images: (N, H, W, 1 or 3) in [0, 1].
        truth: boxes (N, K, 4) xyxy in pixels and labels (N, K), -1 for a row without object.
        detections: boxes (N, A, 4), scores (N, A) and labels (N, A), surest first, -1 for none.
        overlaps: (N, A, K) IoU of the detections with the objects.
        classes: names.
        title: what the picture shows, in words.
        columns: pictures a row.

    Returns:
        A matplotlib `Figure`.
    """
    panels = []
    for image, boxes, labels, found, scores, told, overlap in zip(
        images, *truth, *detections, overlaps, strict=True
    ):
        real, said = labels >= 0, told >= 0
        names, missed = verdicts(overlap[said][:, real], told[said], labels[real])
        drawn = [dict(box=box, colour=GREY, style="--", width=1.4) for box in boxes[real][missed]]
        for name, box, score, label in zip(names, found[said], scores[said], told[said]):
            text = f"{classes[label]} {score:.2f}"
            drawn.append(dict(box=box, colour=COLOURS[name], text=text, width=1.8))
        panels.append(dict(image=image, title=_title(labels[real], missed, classes), boxes=drawn))
    return box_panels(panels, title, columns, NOTE, side=2)


def _title(labels, missed, classes):
    if len(labels) == 1:
        return classes[labels[0]]
    return f"{np.sum(~missed)} of {len(labels)} found"
