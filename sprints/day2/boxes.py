"""Boxes: how a detector gets from thousands of boxes to one an object, and to one number that says how good it is.

You will be able to:

- convert box formats, and compute intersection over union and its generalised form;
- lay anchors over an image and assign them to objects;
- suppress all but one detection of an object, and measure the rest by average precision.

Before: `day1.convolution`.

S. Ren, K. He, R. Girshick, J. Sun, "Faster R-CNN", NIPS 2015, section 3.1, for anchors; P. Felzenszwalb and others,
"Object Detection with Discriminatively Trained Part-Based Models", PAMI 2010, section 7.2, for suppression;
H. Rezatofighi and others, "Generalized Intersection over Union", CVPR 2019; M. Everingham and others, "The PASCAL
Visual Object Classes (VOC) Challenge", IJCV 2010, section 4.2, and T.-Y. Lin and others, "Microsoft COCO: Common
Objects in Context", ECCV 2014, for average precision.
"""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.baselines.best_scores import best_scores
from keras_cv_course.boxes.anchors import pyramid_anchors
from keras_cv_course.boxes.average_precision import COCO_THRESHOLDS, mean_average_precision
from keras_cv_course.boxes.formats import FORMATS, convert
from keras_cv_course.boxes.matching import match
from keras_cv_course.boxes.overlap import giou, iou, pairwise_iou
from keras_cv_course.boxes.simulated_detections import simulated_detections
from keras_cv_course.boxes.suppression import non_max_suppression
from keras_cv_course.data.objects import difficult, object_classes
from keras_cv_course.lesson import at_least, at_most, lesson
from sprints.day2.figures import boxes as figures

SCALES = (1.5, 1.9, 2.4)  # of the anchors, in strides


def at_random_places(anchors, size, rng):
    """Boxes (A, 4) of the same sizes, their centres anywhere in an image of size x size pixels."""
    half, centres = (anchors[:, 2:] - anchors[:, :2]) / 2, rng.uniform(0, size, (len(anchors), 2))
    return np.concatenate([centres - half, centres + half], axis=-1).astype("float32")


def only(labels, kept):
    """Labels (N, A), -1 for all but the kept rows (N, K)."""
    rows, places = np.nonzero(kept >= 0)
    keep = np.zeros(labels.shape, bool)
    keep[rows, kept[rows, places]] = True
    return np.where(keep, labels, -1)


@lesson(
    quick=dict(limit=40),
    full=dict(size=192, strides=(16, 32)),
    batch_size=None,
    targets={
        "shapes:repeated": dict(
            map50=at_least(0.89), gain_over_best_scores=at_least(0.21), format_error=at_most(1e-4)
        )
    },
)
def boxes(
    run,
    dataset: str = "shapes:repeated",
    size: int = 96,
    strides: tuple[int, ...] = (8, 16),
    ratios: tuple[float, ...] = (0.5, 1.0, 2.0),
    false_positive_rate: float = 0.005,
    iou_threshold: float = 0.45,
):
    """Follow images through what surrounds a detector's network; its detections are simulated.

    Args:
        dataset: shapes:repeated is drawn, four to eight objects of three classes; others with boxes work, too.
        size: images are size x size pixels.
        strides: pixels between the anchors of each map; anchors are 1.5, 1.9 and 2.4 strides large.
        ratios: height / width of the anchors; above 0.
        false_positive_rate: share of the anchors without object that detect something; in [0, 1].
        iou_threshold: IoU above which suppression drops a box for a more confident one of its class; in [0, 1].

    Metrics:
        format_error: largest difference from Keras' own conversion of all boxes to all formats, in pixels.
        anchors: how many an image has.
        objects_covered: share of the objects that have an IoU of 0.5 or more with some anchor.
        map50_before: mean average precision before suppression, COCO's rule, IoU of 0.5 or more.
        map50: the same after suppression.
        map50_voc: after suppression, by VOC's rule and all points.
        map_coco: after suppression, COCO's mean over IoU from 0.50 to 0.95.
        gain_over_best_scores: map50 minus that of the best rule that keeps the highest scores only.
    """
    # %% Four numbers, four formats
    # A box is four numbers, and there are at least four opinions about which. Here $x$ runs to the right, $y$
    # down, pixel column $i$ covers $[i, i + 1)$, and a box is $(x_\min, y_\min, x_\max, y_\max)$: it is
    # $x_\max - x_\min$ wide. COCO stores $(x_\min, y_\min, w, h)$, YOLO $(x_c, y_c, w, h)$, TensorFlow puts $y$ first,
    # and VOC's corners are the first and the last pixel, counted from 1. A wrong format raises no error; it gives
    # boxes that are almost right. So the conversions are compared with Keras' own.
    loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    classes, test = object_classes(loaded), loaded.test
    real, truth = test.box_classes >= 0, (test.boxes, test.box_classes)
    keras_own = keras.utils.bounding_boxes.convert_format
    errors = [convert(test.boxes, "xyxy", name) - keras_own(test.boxes, "xyxy", name) for name in FORMATS]
    run.metrics(format_error=np.max(np.abs(errors)))

    # %% How much do two boxes overlap?
    # Intersection over union is $\mathrm{IoU} = |A \cap B| / |A \cup B|$, 1 for the same box and 0 for boxes that do
    # not touch. Take $(0, 0, 2, 2)$ and $(1, 1, 3, 3)$: they share 1 of $4 + 4 - 1$ squares, so it is 1/7. Once
    # boxes part, IoU is 0 at any distance, and has no gradient. Generalised IoU subtracts the empty share of the
    # smallest box $C$ around both, $|C \setminus (A \cup B)| / |C|$: here $1/7 - 2/9$. In the figure one box moves
    # away from another; look at both curves beyond a distance of 2.
    figure = figures.overlap_of_a_moving_box({"IoU": iou, "GIoU": giou})
    run.figure("overlap", figure, alt="IoU falls to 0 at a distance of 2 and stays; GIoU falls on, below 0.")

    # %% Anchors
    # A network with a fixed number of outputs cannot list any number of boxes. So it judges fixed ones: about the
    # centre of each cell of a feature map stand anchors of a few scales $s$ and ratios $r$, $s / \sqrt r$ wide and
    # $s \sqrt r$ high. For each of them the network predicts class scores and a small correction (Faster R-CNN,
    # section 3.1.1). A convolution can do that, since all cells have the same anchors. Is a grid a good cover? The
    # table has the share of the objects that the same shapes cover at random places; no convolution could
    # predict those.
    tiles = pyramid_anchors((size, size), strides, [[scale * s for scale in SCALES] for s in strides], ratios)
    overlap = np.asarray(pairwise_iou(tiles[None], test.boxes))  # (N, anchors, K)
    scattered = np.asarray(pairwise_iou(at_random_places(tiles, size, run.rng)[None], test.boxes))
    covered, by_chance = (np.mean(some.max(axis=1)[real] >= 0.5) for some in (overlap, scattered))
    run.metrics(anchors=len(tiles), objects_covered=covered)
    run.baseline("objects_covered", "the same shapes at random places", by_chance)

    # %% Which anchor learns which object?
    # An anchor is positive for the object with which its IoU is 0.5 or more, negative if its IoU is below 0.4 for all,
    # and ignored between: it teaches neither. An object that no anchor fits gets its best one anyway. In the
    # figure, count how many anchors are positive for one object: that is why a trained network detects it so often.
    matched = np.asarray(match(overlap, real, positive=0.5, negative=0.4))
    shown = int(np.argmax(real.sum(axis=1) == np.median(real.sum(axis=1))))
    image, objects = test.images[shown], test.boxes[shown][real[shown]]
    each, columns = len(SCALES) * len(ratios), -(-size // strides[0])
    cell = each * (columns + 1) * (columns // 2) + np.arange(each)  # in the middle of the first map
    figure = figures.matched_anchors(image, objects, tiles, cell, matched[shown])
    alt = "Four panels of one image: objects, the anchors of one cell, positive anchors, ignored anchors."
    run.figure("anchors", figure, alt=alt)

    # %% Non-maximum suppression
    # The detections are simulated: anchors near an object give its box and class with noise, and a score that grows
    # with their IoU; a few others invent something. Suppression keeps the box of the highest score, drops all
    # boxes of its class whose IoU with it is above the threshold, and repeats with what is left.
    kind = dict(box_noise=0.8, score_noise=0.2, false_positive_rate=false_positive_rate)
    found, scores, labels = simulated_detections(tiles, *truth, len(classes), (size, size), run.rng, **kind)
    kept = np.asarray(non_max_suppression(found, scores, iou_threshold, 60, labels))
    one = found[shown], scores[shown], labels[shown], kept[shown]
    alt = "Four panels of one image: all detections, then fewer after each step of suppression."
    run.figure("suppression", figures.suppression_steps(image, *one, iou_threshold), alt=alt)

    # %% Average precision
    # Sort all detections of a class by score. Down to each score, precision is the share of detections that are
    # correct, recall the share of objects that are found; average precision is the area below that curve, after
    # it is made to fall. A second detection of one object is a false positive, so the same object found twice
    # costs precision. VOC and COCO differ where boxes crowd: in VOC a detection belongs to the object of the largest
    # IoU, found already or not; in COCO to the best one that is still free. Rivals that need no IoU keep the best
    # one, two or three scores of each class, or all above a threshold.
    def measured(labels, **options):
        options |= dict(ignored=difficult(test), max_detections=300)
        return mean_average_precision((found, scores, labels), truth, len(classes), **options)

    after = only(labels, kept)
    results = {"after": measured(after), "before": measured(np.where(scores > 0, labels, -1))}
    rules = best_scores(scores, labels, len(classes))
    rivals = {name: measured(some)["mean"] for name, some in rules.items()}
    best = max(rivals, key=rivals.get)
    run.baseline("map50", best, rivals[best])
    run.metrics(
        map50_before=results["before"]["mean"], map50=results["after"]["mean"],
        map50_voc=measured(after, points="all", rule="voc")["mean"],
        map_coco=np.nanmean(measured(after, thresholds=COCO_THRESHOLDS)["by_class"]),
        gain_over_best_scores=results["after"]["mean"] - rivals[best],
    )  # fmt: skip
    figure = figures.falling_curves(results, min(results["after"]["curves"]), classes)
    run.figure("precision_recall", figure, alt="Two falling curves of precision against recall.")

    # %% Try it
    # 1. `--iou-threshold 0.9`: almost nothing overlaps that much, so almost nothing is dropped, and `map50` falls from
    #    0.91 to 0.68, what it is before suppression. At 0.2 it is still 0.91: objects of one
    #    class seldom overlap here.
    # 2. `--dataset shapes:few --size 48`: one to three objects of ten classes, so that two of one class are rare. Now
    #    the rule "keep the best score of each class" is level with suppression, 0.88 against 0.87, and needs no IoU.
    #    Suppression is worth its trouble where objects of one class appear together.
    # 3. `--ratios 1`: a third of the anchors, squares only, and they still cover 95 % of the objects in place of 97 %,
    #    since these shapes are about as wide as they are high. `--strides 16` leaves 324 anchors, which cover 57 %.
    # 4. `--false-positive-rate 0.05`: ten times as many invented detections. `map50` falls to 0.74: suppression cannot
    #    tell a false box that stands alone from a true one.


if __name__ == "__main__":
    boxes.main()
