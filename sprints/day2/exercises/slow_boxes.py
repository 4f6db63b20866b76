"""What boxes should give, pixel by pixel and one after the other: what the exercises of detection are compared with."""

import numpy as np


def some_boxes(rng, count):
    """Boxes whose corners are whole numbers from 0 to 24, so that pixels can be counted."""
    low = rng.integers(0, 12, (count, 2))
    return np.concatenate([low, low + rng.integers(1, 12, (count, 2))], axis=-1).astype("float32")


def slow_iou(one, other):
    """IoU of two boxes."""
    sides = [min(one[i + 2], other[i + 2]) - max(one[i], other[i]) for i in (0, 1)]
    shared = max(sides[0], 0) * max(sides[1], 0)
    return shared / (sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) - shared)


def frames(boxes, size, brightness):
    """An image of size x size pixels with the edges of boxes, each as bright as given; what lies outside is cut."""
    image = np.zeros((size, size))
    for (left, top, right, bottom), light in zip(np.round(boxes).astype(int), brightness, strict=True):
        inside = np.zeros((3 * size, 3 * size), bool)  # with room on all sides
        inside[size + top : size + bottom, size + left : size + right] = True
        edge = inside.copy()
        edge[size + top + 1 : size + bottom - 1, size + left + 1 : size + right - 1] = False
        image = np.maximum(image, light * edge[size:-size, size:-size])
    return image


def counted_overlap(one, other):
    """IoU and GIoU of two of `some_boxes`, by counting pixels."""
    sheets = np.zeros((2, 24, 24), bool)
    for sheet, (left, top, right, bottom) in zip(sheets, np.int64([one, other]), strict=True):
        sheet[top:bottom, left:right] = True
    both, union = (sheets[0] & sheets[1]).sum(), (sheets[0] | sheets[1]).sum()
    rows, columns = (np.flatnonzero((sheets[0] | sheets[1]).any(axis=axis)) for axis in (1, 0))
    around = (rows[-1] + 1 - rows[0]) * (columns[-1] + 1 - columns[0])
    return both / union, both / union - (around - union) / around


def kept_rows(boxes, scores, threshold, least=0.0):
    """The rows that suppression keeps, by falling score, of boxes with a score above 0 and from `least`."""
    left, kept = [i for i in np.argsort(-scores) if scores[i] > 0 and scores[i] >= least], []
    while left:
        kept.append(left[0])
        left = [i for i in left[1:] if slow_iou(boxes[kept[-1]], boxes[i]) <= threshold]
    return kept


def matches(boxes, objects, threshold, rule):
    """1 for each box, by falling score, that finds an object by VOC's or COCO's rule; else 0."""
    found, verdicts = set(), []
    for box in boxes:
        shares = [slow_iou(box, real) for real in objects]
        free = [i for i in range(len(objects)) if rule == "voc" or i not in found]
        best = max(free, key=lambda i: (shares[i], i if rule == "coco" else -i)) if free else None
        verdicts.append(int(best is not None and shares[best] >= threshold and best not in found))
        found |= {best} if verdicts[-1] else set()
    return verdicts


def corners_of_cell(numbers, row, column, grid=3):
    """A cell's x, y, root of width, root of height as corners in fractions of the image."""
    x, y, root_width, root_height = (float(number) for number in numbers)
    x, y, width, height = (column + x) / grid, (row + y) / grid, root_width**2, root_height**2
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def yolo_loss(boxes, confidences, classes, mask, box, label, lambda_coord, lambda_noobj):
    """The paper's eq. 3, box by box, averaged over the images; a grid of 3 x 3 cells."""
    total = 0.0
    for at in np.ndindex(mask.shape):
        best = None
        if mask[at]:
            real = corners_of_cell(box[at], *at[1:])
            shares = [slow_iou(corners_of_cell(one, *at[1:]), real) for one in boxes[at]]
            best = int(np.argmax(shares))
            total += lambda_coord * np.sum((boxes[at][best] - box[at]) ** 2)
            total += (confidences[at][best] - shares[best]) ** 2
            total += np.sum((classes[at] - np.eye(classes.shape[-1])[label[at]]) ** 2)
        total += sum(lambda_noobj * c**2 for number, c in enumerate(confidences[at]) if number != best)
    return float(total) / len(mask)
