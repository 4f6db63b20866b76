"""Proposals: a few hundred boxes in which almost every object lies, found without knowing what it is.

You will be able to:

- merge the segments of an image into a hierarchy by colour, texture, size and fill, and take boxes from it;
- measure proposals by their recall at N, beside windows that do not look at the image, and beside the segments alone;
- train a linear support vector machine on gradient histograms, and mine the negatives it finds hard.

Before: `day2.boxes`.

J. Uijlings, K. van de Sande, T. Gevers, A. Smeulders, "Selective Search for Object Recognition", IJCV 104(2), 2013,
section 3. P. Felzenszwalb, D. Huttenlocher, "Efficient Graph-Based Image Segmentation", IJCV 59(2), 2004, for the
first segments. N. Dalal, B. Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005.
"""

import numpy as np
from skimage import segmentation

from keras_cv_course import data
from keras_cv_course.baselines.box_proposals import grid_windows, object_sides, random_windows, segment_boxes
from keras_cv_course.boxes.average_precision import mean_average_precision
from keras_cv_course.boxes.recall import recall_at
from keras_cv_course.data.objects import difficult, object_classes
from keras_cv_course.detect.proposals.grouping import grouping
from keras_cv_course.detect.proposals.regions import describe, neighbours
from keras_cv_course.detect.proposals.selective_search import in_colour_space, selective_search
from keras_cv_course.detect.window_detector import WindowDetector
from keras_cv_course.detect.window_features import CELL
from keras_cv_course.lesson import at_least, lesson
from sprints.day2.figures import proposals as figures

COUNTS = (5, 10, 20, 30, 50, 100, 200)  # where recall is measured
FEW, MANY = 20, 100  # of them, those in the table
TUNED = 50  # validation images that choose a rival's setting
SEGMENT_SCALES = (100.0, 200.0, 400.0, 800.0)


@lesson(
    limit=130,
    quick=dict(limit=8),
    full=dict(limit=1000, size=160, scales=(50.0, 100.0), rounds=2),
    batch_size=None,
    targets={
        "shapes:several": dict(
            recall_100=at_least(0.96), gain_over_windows=at_least(0.15), gain_over_segments=at_least(0.02),
            map50=at_least(0.35), gain_over_pixels=at_least(0.25),
        )
    },
)  # fmt: skip
def proposals(
    run,
    dataset: str = "shapes:several",
    size: int = 96,
    spaces: tuple[str, ...] = ("hsv", "lab"),
    scales: tuple[float, ...] = (100.0, 200.0),
    similarities: tuple[str, ...] = ("colour", "texture", "size", "fill"),
    rounds: int = 1,
    penalty: float = 0.01,
):
    """Propose boxes by selective search, measure their recall, then detect with gradient histograms and an SVM.

    Args:
        dataset: shapes:several is drawn, one to five patterned shapes among clutter; others with boxes work, too.
        size: images are size x size pixels.
        spaces: colour spaces that an image is segmented in: rgb, hsv, lab.
        scales: scales k of the first segments; a larger one gives larger segments.
        similarities: by which regions are merged: colour, texture, size, fill.
        rounds: rounds of hard-negative mining.
        penalty: the support vector machines' C.

    Metrics:
        recall_20: share of the test objects with an IoU of 0.5 or more with one of the first 20 proposals.
        recall_100: the same of the first 100.
        proposals: boxes of an image, their mean.
        gain_over_windows: recall_20 minus that of the better of 20 windows on a grid or at random places.
        gain_over_segments: recall_100 minus that of the segments of the best single scale, not merged.
        map50: mean average precision of gradient histograms and a linear SVM, IoU of 0.5 or more.
        gain_over_pixels: map50 minus that of the same SVM on pixels.
        gain_of_mining: map50 minus that without hard negatives.
    """
    # %% Where to look
    # A classifier answers for one box. An image of 96×96 pixels has $\binom{97}{2}^2$, more than 21 million boxes, and
    # the detectors before 2013 looked at a grid of some 100,000 of them. *Proposals* turn the order round: first find
    # a few hundred boxes that could be objects of any kind, then classify those with a method that may be slow.
    # R-CNN does so. The scenes hold one to five patterned shapes on a patterned background, with small strokes
    # that are no objects and bars that hide parts of them.
    loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    classes, (train, validation, test) = object_classes(loaded), loaded

    # %% From segments to a hierarchy
    # Felzenszwalb and Huttenlocher's method cuts the image into segments, many of them parts of an object. Selective
    # search merges the two most similar neighbours until one region is left, the whole image. Each region on the way
    # gives its box: $R$ segments give $2R - 1$ boxes, of all sizes, without a choice of scale. The similarity of
    # regions $i$ and $j$ is a sum of four numbers in $[0, 1]$ (section 3.2):
    #
    # - colour, $\sum_k \min(c_i^k, c_j^k)$, what their colour histograms (25 bins a channel) share;
    # - texture, the same of histograms of gradients in eight directions;
    # - size, $1 - (a_i + a_j) / a$, with areas $a_i$, and $a$ that of the image: small regions merge early;
    # - fill, $1 - (b_{ij} - a_i - a_j) / a$, where $b_{ij}$ is the area of the box around both: no gaps are left.
    #
    # In the figure, look for the step at which an object is one region, and how soon it is swallowed after that.
    objects = (test.boxes[..., 2] > test.boxes[..., 0]).sum(axis=1)
    shown = int(np.argmax(objects == min(3, objects.max())))
    seen = in_colour_space(test.images[shown].astype(float), spaces[0])
    segments = segmentation.felzenszwalb(seen, scale=scales[0], sigma=0.8, min_size=20)
    regions = describe(seen, segments)
    parents = grouping(regions, neighbours(segments), segments.size, similarities)[1]
    alt = "One image, its first segments, and its regions after more and more mergers."
    run.figure("merging", figures.merging_steps(test.images[shown], segments, parents), alt=alt)

    # %% Many hierarchies, one list
    # One hierarchy misses what its first segments lost. So several are built, here in two colour spaces at two
    # scales, and their boxes are put in one order: position in the hierarchy, 1 for the root, times a random number
    # (section 3.3). Large regions come early, but not all of them, since the whole image is seldom an object.
    # An image without structure is one segment and has one proposal, itself. In the figure, a proposal fits if its
    # IoU with the object is 0.5 or more.
    options = dict(spaces=spaces, scales=scales, measures=(tuple(similarities),))
    ours = [selective_search(image, run.rng, **options) for image in test.images]
    several = np.argsort(-objects, kind="stable")[:4]
    figure = figures.best_proposals(
        test.images[several], test.boxes[several], [ours[row] for row in several], MANY
    )
    run.figure(
        "proposals", figure, alt="Four images; each object has a frame, and its best proposal another."
    )

    # %% Recall at N
    # Recall at $N$ is the share of the objects that one of the first $N$ proposals of their image fits. A proposal that
    # is missing cannot be classified, so recall bounds what any detector after it can reach. Every rival gets the same
    # $N$. Windows on a grid and at random places know the sizes of the training objects; here these sizes are alike,
    # which helps such windows. The segments themselves, largest first, are the rival to take seriously: their scale,
    # and the number of the grid's window sizes, are the best on validation images at each $N$. In the figure, look
    # where the curves cross. Segments of the right scale need few boxes, but no further box mends what they cut
    # wrongly; "of four kinds" joins those of two scales in two colour spaces, in place of merging.
    some, sides = validation[:TUNED], object_sides(train.boxes)
    recalls = {"selective search": recall_at(ours, test.boxes, COUNTS)}

    def grids(count, shapes, part):
        return recall_at([grid_windows((size, size), count, sides, shapes)] * len(part), part.boxes, [count])[
            0
        ]

    shapes = [max((1, 2, 3), key=lambda number: grids(count, number, some)) for count in COUNTS]
    recalls["grid of windows"] = np.array([grids(*pair, test) for pair in zip(COUNTS, shapes, strict=True)])
    windows = [random_windows((size, size), COUNTS[-1], sides, run.rng) for _ in test.images]
    recalls["random windows"] = recall_at(windows, test.boxes, COUNTS)

    def single(scale, part):
        return recall_at([segment_boxes(image, scales=[scale]) for image in part.images], part.boxes, COUNTS)

    tuned = np.array([single(scale, some) for scale in SEGMENT_SCALES])
    table = {scale: single(SEGMENT_SCALES[scale], test) for scale in set(tuned.argmax(axis=0))}
    recalls["segments, best scale"] = np.array(
        [table[best][at] for at, best in enumerate(tuned.argmax(axis=0))]
    )
    joined = [segment_boxes(image, ("rgb", "lab"), (100.0, 200.0)) for image in test.images]
    recalls["segments of four kinds"] = recall_at(joined, test.boxes, COUNTS)
    run.figure("recall", figures.recall_curves(COUNTS, recalls), alt="Rising curves of recall, one a method.")
    few, many = COUNTS.index(FEW), COUNTS.index(MANY)
    first = recalls["selective search"]
    run.metrics(
        recall_20=first[few], recall_100=first[many], proposals=np.mean([len(boxes) for boxes in ours]),
        gain_over_windows=first[few] - max(recalls[name][few] for name in ("grid of windows", "random windows")),
        gain_over_segments=first[many] - recalls["segments, best scale"][many],
    )  # fmt: skip
    for name in list(recalls)[1:]:
        run.baseline("recall_20", name, recalls[name][few])
        run.baseline("recall_100", name, recalls[name][many])

    # %% Histograms of oriented gradients
    # The other tradition looks at all windows, with a classifier that is fast. Dalal and Triggs count in each cell of
    # 6×6 pixels which way the gradients point, in nine directions, weighted by their length. Blocks of 2×2 cells are
    # normalised together, so that contrast hardly matters. A window of 36×36 pixels has 5×5 blocks of 36 numbers,
    # 900 in all. Larger and smaller objects are found by resizing the image. In the figure, find the outlines: colours
    # are gone.
    alt = "Four images, and below each a map of short strokes along its edges."
    run.figure("gradients", figures.gradient_histograms(test.images[several], CELL), alt=alt)

    # %% A linear SVM, and the negatives it finds hard
    # Each class has a linear support vector machine: $f(x) = w \cdot x + b$, trained so that objects have $f \ge 1$ and
    # all else $f \le -1$, where $C$ weighs the exceptions. There are far more windows of background than fit into
    # memory, and most of them teach nothing. So the first training takes random ones, the detector is run over the
    # training images, and the background with $f > -1$, the *hard negatives*, joins the second training. The rival has
    # the same windows, the same SVM and as much mining, but sees 972 pixels, normalised to one mean and contrast.
    # On validation images, a tenth or ten times of its $C$ did not help it: colours here say nothing about the class.
    labels = np.where(difficult(train), -1, train.box_classes)
    truth, found = (test.boxes, test.box_classes), {}
    for name, kind in {
        "gradients": dict(hard_negatives=rounds), "gradients, no mining": dict(hard_negatives=0),
        "pixels": dict(features="pixels", hard_negatives=rounds),
    }.items():  # fmt: skip
        detector = WindowDetector(penalty=penalty, seed=run.seed, **kind).fit(
            train.images, train.boxes, labels
        )
        found[name] = detector.detect(test.images)
    map50 = {
        name: mean_average_precision(some, truth, len(classes), ignored=difficult(test))["mean"]
        for name, some in found.items()
    }
    run.metrics(
        map50=map50["gradients"],
        gain_over_pixels=map50["gradients"] - map50["pixels"],
        gain_of_mining=map50["gradients"] - map50["gradients, no mining"],
    )
    for name in list(map50)[1:]:
        run.baseline("map50", name, map50[name])
    pair = {name: [values[several] for values in found[name]] for name in ("gradients", "pixels")}
    alt = "Four images twice: detections by gradients in the upper row, by pixels in the lower one."
    run.figure("detections", figures.detections(test.images[several], pair, classes, 0.5), alt=alt)

    # %% Try it
    # 1. `--spaces hsv --scales 100`: one hierarchy, 69 boxes an image in place of 148. `recall_20` is 0.82,
    #    `recall_100` 0.98 in place of 0.995: what one segmentation has lost, only another one brings back.
    # 2. `--similarities colour`: `recall_20` 0.84 and `recall_100` 0.992, as good as all four; with `size` alone they
    #    are 0.68 and 0.979. Each of these shapes has one hue, so colour tells what belongs together. The paper
    #    compares them on photographs, where an object has several colours (section 5.1).
    # 3. `--rounds 0`: without hard negatives `map50` falls from 0.51 to 0.44, the baseline "gradients, no mining".


if __name__ == "__main__":
    proposals.main()
