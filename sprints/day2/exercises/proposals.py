"""The exercises of day2.proposals: similarities of regions, their merging, recall at N, hard negatives."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, expect, shape_is
from keras_cv_course.classroom.remote import value
from keras_cv_course.classroom.shared_checks import all_refused
from sprints.day2.exercises.slow_boxes import slow_iou, some_boxes
from sprints.day2.exercises.slow_regions import slow_grouping, slow_similarity, some_regions

FIELDS = ("sizes", "boxes", "colours", "textures")

merging = Exercise(
    "merging",
    "the box around two boxes, and the sizes and histograms of merged regions",
    definitions=("box_around", "merged"),
    points=2,
    hints=(
        "The smaller of the two starts, and the larger of the two ends; boxes may have leading axes.",
        "A histogram is a share of a region's pixels. Which of two regions has more to say in the mean?",
        "What to reach: 30 pixels with a bin of 1 and 10 pixels with a bin of 0 give 40 pixels with 0.75.",
    ),
)
similarities = Exercise(
    "similarities",
    "colour, texture, size and fill: how alike two regions are",
    definitions=("colour_similarity", "texture_similarity", "size_similarity", "fill_similarity"),
    points=3,
    hints=(
        "Histogram intersection: in each bin the smaller of the two, summed over the last axis.",
        "Size and fill are 1 minus a share of the image: what both regions cover, what the box has beyond them.",
        "What to reach: two halves of an image, left and right, have size 0 and fill 1.",
    ),
)
grouping = Exercise(
    "grouping",
    "merge the two most similar neighbours until one region is left",
    definitions=("grouping",),
    points=4,
    hints=(
        "Keep a table of similarities with minus infinity where two regions are no neighbours: np.argmax finds the "
        "pair, np.unravel_index its row and column.",
        "The merged region may take the row of the first of the two; its neighbours are those of both.",
        "Only the row and column of the merged region change; those of the second one become minus infinity.",
        "What to reach: R regions give 2 R - 1 boxes, and the last one is around all of them.",
    ),
)
recall = Exercise(
    "recall",
    "the first proposal that fits an object, and the share of objects found among the first N",
    definitions=("first_hits", "recall_at"),
    points=3,
    hints=(
        "A table of IoU, proposals down and objects across; where it reaches the threshold, the proposal's number.",
        "`initial=np.inf` lets `min` work on no proposals at all. A place below N is among the first N.",
        "All objects of all images count alike; rows of padding have no width.",
        "What to reach: one of two objects fitted by proposal 3, the other by none: recall 0 at 3, 1/2 at 4.",
    ),
)
negatives = Exercise(
    "negatives",
    "which windows show an object, which are background, and which background is hard",
    definitions=("window_labels", "hardest"),
    points=3,
    hints=(
        "Leave out rows of label -1 first; the IoU of each window with each object has one best object a window.",
        "Between the two thresholds a window is neither: -2. Hard background scores above -1 for some class.",
        "What to reach: a window on its object has that object's class; far from all it is -1.",
    ),
)

EXERCISES = Exercises(
    "day2.proposals",
    sources=(
        "keras_cv_course.detect.proposals.similarity",
        "keras_cv_course.detect.proposals.grouping",
        "keras_cv_course.boxes.recall",
        "keras_cv_course.detect.hard_negatives",
    ),
    exercises=(merging, similarities, grouping, recall, negatives),
)


def theirs(mine, regions, rows=slice(None)):
    """Regions of `some_regions` as the student's module has them."""
    return mine.Regions(**{name: regions[name][rows] for name in FIELDS})


@merging.check
def check_boxes_around(mine, rng):
    """Random boxes, two by two, with one and with two leading axes."""
    first, second = some_boxes(rng, 12), some_boxes(rng, 12)
    pairs = zip(first, second, strict=True)
    expected = [[min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])] for a, b in pairs]
    close_to(
        mine.box_around(first, second), expected, 1e-5, "boxes around two", "starts: smaller; ends: larger"
    )
    received = mine.box_around(first.reshape(3, 4, 4), second.reshape(3, 4, 4))
    close_to(received, np.reshape(expected, (3, 4, 4)), 1e-5, "with two leading axes", "index the last axis")


@merging.check
def check_merged_regions(mine, rng):
    """Pixels are conserved, and histograms are those of all pixels of both regions."""
    regions, counts = some_regions(rng, 8)
    received = mine.merged(theirs(mine, regions, slice(0, 4)), theirs(mine, regions, slice(4, 8)))
    sizes = regions["sizes"]
    attempt = "weigh each histogram by the size of its region"
    close_to(value(received.sizes), sizes[:4] + sizes[4:], 1e-9, "sizes", "no pixel is lost")
    for name in ("colours", "textures"):
        both = counts[name][:4] + counts[name][4:]
        expected = both / both.sum(axis=1, keepdims=True)
        close_to(value(getattr(received, name)), expected, 1e-6, name, attempt)
    around = mine.box_around(regions["boxes"][:4], regions["boxes"][4:])
    close_to(value(received.boxes), around, 1e-6, "boxes", "the box around both")


@similarities.check(points=2)
def check_pairs_by_hand(mine, rng):
    """Random regions, pair by pair, bin by bin; the same whichever of the two comes first."""
    regions, _ = some_regions(rng, 10)
    image_size = int(rng.integers(700, 900))
    halves = theirs(mine, regions, slice(0, 5)), theirs(mine, regions, slice(5, 10))
    for name in ("colour", "texture", "size", "fill"):
        expected = [slow_similarity(regions, i, i + 5, image_size, name) for i in range(5)]
        function = getattr(mine, f"{name}_similarity")
        attempt = "the docstring has it in words"
        close_to(function(*halves, image_size), expected, 1e-6, f"{name} similarity", attempt)
        close_to(function(*halves[::-1], image_size), expected, 1e-6, f"{name}, the other way", attempt)


@similarities.check
def check_one_with_many(mine, rng):
    """One region with many at once: its row is broadcast."""
    regions, _ = some_regions(rng, 7)
    one, others = theirs(mine, regions, slice(0, 1)), theirs(mine, regions, slice(1, 7))
    for name in ("colour", "texture", "size", "fill"):
        expected = [slow_similarity(regions, 0, i, 800, name) for i in range(1, 7)]
        received = getattr(mine, f"{name}_similarity")(one, others, 800)
        close_to(received, expected, 1e-6, f"{name} similarity of one with six", "sum over the last axis")


@grouping.check(points=3)
def check_merger_by_merger(mine, rng):
    """Random regions and neighbours against a loop over all pairs, with all similarities and with some."""
    regions, _ = some_regions(rng, 9)
    pairs = {(i, i + 1) for i in range(8)} | {
        tuple(sorted(rng.choice(9, 2, replace=False))) for _ in range(6)
    }
    pairs = np.array(sorted(pairs))
    for measures in (("colour", "texture", "size", "fill"), ("texture", "fill"), ("size",)):
        received = mine.grouping(theirs(mine, regions), pairs, 800, measures)
        expect(
            isinstance(received, (tuple, list)) and len(received) == 2,
            "boxes and parents",
            received,
            "return both",
        )
        boxes, parents = slow_grouping(regions, pairs, 800, measures)
        attempt = "the most similar neighbours first; then the merged region's similarities anew"
        close_to(received[1], parents, 0, f"parents by {', '.join(measures)}", attempt)
        close_to(received[0], boxes, 1e-5, f"boxes by {', '.join(measures)}", attempt)


@grouping.check
def check_regions_apart(mine, rng):
    """The regions that were given stay as they are; pairs that leave regions apart are refused."""
    regions, _ = some_regions(rng, 6)
    given = theirs(mine, regions)
    chain = np.array([(i, i + 1) for i in range(5)])
    boxes = shape_is(mine.grouping(given, chain, 800)[0], (11, 4), "boxes of 6 regions", "2 R - 1 of them")
    low, high = regions["boxes"].min(axis=0), regions["boxes"].max(axis=0)
    close_to(boxes[-1], [*low[:2], *high[2:]], 1e-5, "the last box", "it is around all regions")
    close_to(value(given.sizes), regions["sizes"], 0, "the regions given", "work on a copy")
    all_refused(mine.grouping, {"regions in two groups": (given, np.delete(chain, 2, axis=0), 800)})


@recall.check
def check_first_places(mine, rng):
    """Random proposals and objects, one by one; no proposals at all."""
    for threshold in (0.3137, 0.5):
        boxes, objects = some_boxes(rng, 40), some_boxes(rng, 12)
        expected = []
        for real in objects:
            fits = [place for place, box in enumerate(boxes) if slow_iou(box, real) >= threshold]
            expected.append(fits[0] if fits else np.inf)
        attempt = "the first place where the IoU reaches the threshold; infinity where none does"
        close_to(mine.first_hits(boxes, objects, threshold), expected, 0, "places", attempt)
    width, height = rng.integers(1, 20, 2)
    half, whole = np.float32([[0, 0, width, height]]), np.float32([[0, 0, 2 * width, height]])
    close_to(
        mine.first_hits(half, whole, 0.5), [0], 0, "place of half an object", "an IoU of 0.5 fits at 0.5"
    )
    none = mine.first_hits(np.zeros((0, 4)), objects)
    close_to(none, np.full(12, np.inf), 0, "places among no proposals", "infinity for all")


@recall.check
def check_recall_over_images(mine, rng):
    """Images with different numbers of proposals and objects: every object counts alike."""
    proposals = [some_boxes(rng, count) for count in (5, 30, 0, 60)]
    objects = np.full((4, 6, 4), -1.0)
    found, counts = [], list(range(1, 61))
    for image, count in enumerate((6, 2, 1, 4)):
        objects[image, :count] = some_boxes(rng, count)
        for real in objects[image, :count]:
            fits = [place for place, box in enumerate(proposals[image]) if slow_iou(box, real) >= 0.4137]
            found.append(fits[0] if fits else np.inf)
    expected = [np.mean([place < count for place in found]) for count in counts]
    attempt = "the places of all objects of all images in one array; padding is no object"
    close_to(mine.recall_at(proposals, objects, counts, 0.4137), expected, 1e-9, "recall", attempt)


@recall.check
def check_recall_of_nothing_is_refused(mine, rng):
    """No object in any image, N below 1, a threshold of 0, and a list that is too short are refused."""
    boxes = [some_boxes(rng, 4), some_boxes(rng, 4)]
    objects = np.stack([some_boxes(rng, 3), some_boxes(rng, 3)])
    cases = {"no object": (boxes, np.full((2, 3, 4), -1.0), [5]), "N = 0": (boxes, objects, [0, 5])}
    cases |= {
        "a threshold of 0": (boxes, objects, [5], 0.0),
        "one list for two images": (boxes[:1], objects, [5]),
    }
    all_refused(mine.recall_at, cases)


@negatives.check(points=2)
def check_window_labels(mine, rng):
    """Random windows and objects with padding, at random thresholds; an image without objects."""
    for _ in range(3):
        windows, objects = (
            some_boxes(rng, 60),
            np.concatenate([some_boxes(rng, 4), -np.ones((2, 4), "float32")]),
        )
        labels = np.concatenate([rng.integers(0, 9, 4), [-1, -1]])
        low, high = rng.uniform(0.1, 0.25), rng.uniform(0.35, 0.6)
        expected = []
        for window in windows:
            shares = [slow_iou(window, real) for real in objects[:4]]
            best = int(np.argmax(shares))
            expected.append(labels[best] if shares[best] >= high else -1 if shares[best] < low else -2)
        received = mine.window_labels(windows, objects, labels, high, low)
        close_to(
            received, expected, 0, "labels of windows", "the best object decides; -2 between the thresholds"
        )
    received = mine.window_labels(windows, -np.ones((2, 4), "float32"), np.array([-1, -1]))
    close_to(received, np.full(60, -1), 0, "labels without objects", "all is background")


@negatives.check
def check_hardest(mine, rng):
    """Random scores of two classes: background above -1, by falling score, no more than asked for."""
    for most in (5, 40):
        scores, known = rng.normal(-1, 0.7, (40, 2)), rng.choice([-2, -1, -1, -1, 0, 1], 40)
        rows = [row for row in range(40) if known[row] == -1 and scores[row].max() > -1]
        expected = sorted(rows, key=lambda row: -scores[row].max())[:most]
        received = mine.hardest(scores, known, most)
        close_to(
            received, expected, 0, f"rows of at most {most}", "background alone; the highest class score"
        )
