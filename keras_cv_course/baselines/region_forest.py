"""Object detection without a network: segments of one colour, whose shapes a random forest classifies.

The plan is that of R-CNN (Girshick, Donahue, Darrell and Malik, "Rich feature hierarchies for accurate object
detection and semantic segmentation", CVPR 2014): propose regions, then classify each of them. Here the regions
are connected pixels of similar colour, as in Felzenszwalb and Huttenlocher's segmentation (IJCV 2004), at
several tolerances, and the classifier is a random forest on their outlines.
"""

import numpy as np
from scipy import ndimage, sparse
from sklearn.ensemble import RandomForestClassifier

from keras_cv_course.boxes.overlap import iou
from keras_cv_course.boxes.suppression import multiclass_non_max_suppression

# (kind, threshold): "colour" joins neighbours whose colours differ by less than the threshold, "smooth" does so
# after a 3x3 median filter, "background" takes what differs by more from the image's most common colour.
SEGMENTATIONS = (
    ("colour", 0.1),
    ("colour", 0.08),
    ("smooth", 0.05),
    ("background", 0.15),
    ("colour", 0.06),
    ("colour", 0.12),
    ("smooth", 0.03),
    ("smooth", 0.08),
    ("background", 0.35),
)
SIDE = 16  # outlines are resized to SIDE x SIDE
FEWEST = 20  # pixels of a region


class RegionForest:
    """Learns the classes of regions, and detects objects by them.

    Args:
        segmentations: how many of `SEGMENTATIONS` propose regions: more find more objects, and take longer.
        trees: number of trees.
        seed: of the trees.
    """

    def __init__(self, segmentations=9, trees=100, seed=0):
        self.segmentations = SEGMENTATIONS[:segmentations]
        self.forest = RandomForestClassifier(trees, random_state=seed, n_jobs=-1)

    def fit(self, images, boxes, labels):
        """Learn from the regions of images (N, H, W, 3) in [0, 1] with objects: boxes (N, K, 4) xyxy in pixels,
        labels (N, K), -1 for padding. A region has the class of the object with which its box has the largest
        IoU, or that of no object where this is below 0.5."""
        self.classes = int(labels.max()) + 1
        rows, found, features = regions(images, self.segmentations)
        overlap = np.where(labels[rows] >= 0, np.asarray(iou(found[:, None], boxes[rows])), 0)
        best = overlap.argmax(axis=1)[:, None]
        known = np.take_along_axis(overlap, best, axis=1) >= 0.5
        targets = np.where(known, np.take_along_axis(labels[rows], best, axis=1), self.classes)[:, 0]
        self.forest.fit(features, targets)
        return self

    def detect(self, images, iou_threshold=0.5, max_detections=20):
        """Images (N, H, W, 3) -> boxes (N, max_detections, 4) xyxy in pixels, scores (N, max_detections), labels
        (N, max_detections); -1, 0 and -1 for padding. Scores are the forest's shares of trees."""
        rows, found, features = regions(images, self.segmentations)
        scores = np.zeros((len(rows), self.classes + 1), "float32")
        if len(rows):
            scores[:, self.forest.classes_] = self.forest.predict_proba(features)
        place = np.arange(len(rows)) - np.searchsorted(rows, rows)  # rows are sorted
        most = place.max(initial=0) + 1
        all_boxes = np.zeros((len(images), most, 4), "float32")
        all_scores = np.zeros((len(images), most, self.classes), "float32")
        all_boxes[rows, place], all_scores[rows, place] = found, scores[:, :-1]
        kept = multiclass_non_max_suppression(all_boxes, all_scores, iou_threshold, max_detections, 0.01)
        return [np.asarray(values) for values in kept]


def regions(images, segmentations=SEGMENTATIONS):
    """The regions of several segmentations.

    Args:
        images: (N, H, W, C) in [0, 1].
        segmentations: some of `SEGMENTATIONS`.

    Returns:
        (R,) row of each region's image, rising; (R, 4) float32 boxes xyxy in pixels; (R, features) float32: the
        outline at SIDE x SIDE, height, width and area in pixels, and the share of the box that is filled.
    """
    smooth = ndimage.median_filter(images, size=(1, 3, 3, 1))
    found = [
        region
        for kind, threshold in segmentations
        for region in _regions_of(
            above_background(images, threshold)
            if kind == "background"
            else connected_colours(smooth if kind == "smooth" else images, threshold)
        )
    ]
    found.sort(key=lambda region: region[0])
    rows = np.array([row for row, _, _ in found], int)
    boxes = np.array([box for _, box, _ in found], "float32").reshape(-1, 4)
    return rows, boxes, np.array([_features(mask) for _, _, mask in found], "float32")


def connected_colours(images, tolerance):
    """(N, H, W) segments, 1 and up: neighbours whose channels all differ by less than the tolerance are one."""
    index = np.arange(np.prod(images.shape[:3])).reshape(images.shape[:3])
    pairs = []
    for axis in (1, 2):
        near = np.abs(np.diff(images, axis=axis)).max(axis=-1) < tolerance
        first, second = np.delete(index, -1, axis), np.delete(index, 0, axis)
        pairs.append(np.stack([first[near], second[near]]))
    pairs = np.concatenate(pairs, axis=1)
    graph = sparse.coo_matrix((np.ones(pairs.shape[1], bool), pairs), shape=(index.size,) * 2)
    return sparse.csgraph.connected_components(graph, directed=False)[1].reshape(index.shape) + 1


def above_background(images, threshold):
    """(N, H, W) segments, 0 the background: connected pixels that differ from the median colour of their image
    by more than the threshold in some channel."""
    background = np.median(images, axis=(1, 2), keepdims=True)
    neighbours = np.zeros((3, 3, 3), bool)
    neighbours[1] = True  # of one image
    return ndimage.label(np.abs(images - background).max(axis=-1) > threshold, neighbours)[0]


def _regions_of(segments):
    """Yield (image, box, mask within the box) of each segment that is not too small and not the whole image."""
    sizes = np.bincount(segments.ravel())
    large = sizes >= FEWEST
    large[0] = False
    numbers = np.cumsum(large) * large
    for number, slices in enumerate(ndimage.find_objects(numbers[segments]), start=1):
        (image, _), (top, bottom), (left, right) = ((part.start, part.stop) for part in slices)
        if bottom - top < segments.shape[1] or right - left < segments.shape[2]:
            mask = numbers[segments[image, top:bottom, left:right]] == number
            yield image, (left, top, right, bottom), mask


def _features(mask):
    height, width = mask.shape
    rows, columns = (((np.arange(SIDE) + 0.5) * side / SIDE).astype(int) for side in (height, width))
    area = mask.sum()
    return [*mask[rows[:, None], columns].ravel(), height, width, area, area / (height * width)]
