"""Suppression and mean average precision beside keras-cv's, TensorFlow's and COCO's own, on the same detections.

    taskset -c 0 python benchmarks/boxes_speed.py [--images 1000] [--turns 3]

Every image has a few objects and a hundred detections near them. The sides take turns, the fastest turn of each
counts, and what they give is compared. Seconds are those of the processor, all threads together, so that other
programs on the machine matter little.

Ours and keras-cv's suppression are each measured as a graph and compiled (XLA). Average precision starts from the same
arrays on every side: pycocotools, and keras-cv which wraps it, first make a dictionary of each box; what pycocotools
takes with these made beforehand is a row of its own.
"""

import argparse
import contextlib
import io
import os
import time

from measured import keep

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

THRESHOLD, MOST, CLASSES = 0.5, 20, 10


def detections(images, rng, objects=5, near=20):
    """Boxes (N, 100, 4), scores, labels (N, 100), shaken about the truth: boxes (N, 5, 4), labels (N, 5)."""
    import numpy as np

    low = rng.uniform(0, 150, (images, objects, 2))
    truth = np.concatenate([low, low + rng.uniform(20, 60, (images, objects, 2))], axis=-1)
    kinds = rng.integers(0, CLASSES, (images, objects))
    boxes = np.repeat(truth, near, axis=1) + rng.normal(0, 3, (images, objects * near, 4))
    labels = np.repeat(kinds, near, axis=1)
    labels = np.where(rng.random(labels.shape) < 0.1, rng.integers(0, CLASSES, labels.shape), labels)
    # Scores of one image are all different, so that every side takes them in the same order.
    scores = rng.permuted(np.tile(np.arange(1, objects * near + 1), (images, 1)), axis=1) / 101
    return boxes.astype("float32"), scores.astype("float32"), labels, truth.astype("float32"), kinds


def suppressions(boxes, scores):
    """{side: function} that suppress in all images; each gives the kept scores (N, MOST), 0 for none."""
    import numpy as np
    import tensorflow as tf
    from keras_cv.layers import NonMaxSuppression

    from keras_cv_course.boxes.suppression import non_max_suppression

    # TensorFlow's boxes are y, x, y, x.
    turned, images = tf.constant(boxes[..., [1, 0, 3, 2]]), len(boxes)
    boxes, confidences = tf.constant(boxes), tf.constant(scores)
    shapes = [tf.TensorSpec(some.shape, tf.float32) for some in (boxes, confidences)]
    layer = NonMaxSuppression("xyxy", False, THRESHOLD, 0.0, MOST)

    def graph(function, compiled):
        traced = tf.function(function, input_signature=shapes, jit_compile=compiled)
        return lambda: traced(boxes, confidences)

    def ours(boxes, confidences):
        kept = non_max_suppression(boxes, confidences, THRESHOLD, MOST)
        return tf.where(kept >= 0, tf.gather(confidences, tf.maximum(kept, 0), batch_dims=1), 0.0)

    def keras_cv(boxes, confidences):
        return tf.maximum(layer(boxes, confidences[..., None])["confidence"], 0.0)  # it fills up with -1

    def one_by_one():
        kept = np.zeros((images, MOST), "float32")
        for image in range(images):
            chosen = tf.image.non_max_suppression(turned[image], confidences[image], MOST, THRESHOLD).numpy()
            kept[image, : len(chosen)] = scores[image, chosen]
        return kept

    def combined():
        found = tf.image.combined_non_max_suppression(
            turned[:, :, None], confidences[..., None], MOST, MOST, THRESHOLD, clip_boxes=False
        )
        return found.nmsed_scores

    return {
        "ours": graph(ours, True),
        "ours, not compiled": graph(ours, False),
        "keras-cv": graph(keras_cv, True),
        "keras-cv, not compiled": graph(keras_cv, False),
        "tf.image, one by one": one_by_one,
        "tf.image, combined": combined,
    }


def precisions(boxes, scores, labels, truth, kinds):
    """{side: function} that give COCO's AP at 0.50:0.95."""
    import numpy as np
    from keras_cv.metrics import BoxCOCOMetrics
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    from keras_cv_course.boxes.average_precision import COCO_THRESHOLDS, mean_average_precision

    def rows(boxes, labels, scores=None):
        made = []
        for image, number in np.ndindex(labels.shape):
            left, top, right, bottom = boxes[image, number].tolist()
            row = dict(image_id=image + 1, category_id=int(labels[image, number]) + 1, iscrowd=0)
            row |= dict(bbox=[left, top, right - left, bottom - top], area=(right - left) * (bottom - top))
            made.append(
                row | (dict(id=len(made) + 1) if scores is None else dict(score=scores[image, number]))
            )
        return made

    def ours():
        return mean_average_precision(
            (boxes, scores, labels), (truth, kinds), CLASSES, thresholds=COCO_THRESHOLDS
        )["mean"]

    def loaded():
        known = COCO()
        known.dataset = dict(
            info={}, images=[dict(id=number + 1) for number in range(len(boxes))],
            categories=[dict(id=number + 1) for number in range(CLASSES)], annotations=rows(truth, kinds),
        )  # fmt: skip
        known.createIndex()
        return known, known.loadRes(rows(boxes, labels, scores))

    def evaluated(known, found):
        judge = COCOeval(known, found, "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
        return judge.stats[0]

    with contextlib.redirect_stdout(io.StringIO()):
        beforehand = loaded()

    def keras_cv():
        metric = BoxCOCOMetrics(bounding_box_format="xyxy", evaluate_freq=1)
        metric.update_state(
            dict(boxes=truth, classes=kinds.astype("float32")),
            dict(boxes=boxes, classes=labels.astype("float32"), confidence=scores),
        )
        return float(metric.result(force=True)["MaP"])

    return {
        "ours": ours,
        "pycocotools": lambda: evaluated(*loaded()),
        "pycocotools, dictionaries made": lambda: evaluated(*beforehand),
        "keras-cv": keras_cv,
    }


def fastest(sides, turns):
    """{side: seconds of its fastest turn}, and {side: what it gave}; the sides take turns."""
    with contextlib.redirect_stdout(io.StringIO()):
        given = {name: side() for name, side in sides.items()}  # traced and warmed up
        times = {name: [] for name in sides}
        for _ in range(turns):
            for name, side in sides.items():
                began = time.process_time()
                side()
                times[name].append(time.process_time() - began)
    return {name: min(values) for name, values in times.items()}, given


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=3, help="times that each one's turn comes")
    options = parser.parse_args()

    import numpy as np

    boxes, scores, labels, truth, kinds = detections(options.images, np.random.default_rng(0))
    print(f"{options.images} images of {boxes.shape[1]} detections, seconds, and how many times ours that is")
    found = {}
    for what, sides in (
        (f"suppression, {MOST} kept at most", suppressions(boxes, scores)),
        ("mean average precision at 10 thresholds", precisions(boxes, scores, labels, truth, kinds)),
    ):
        seconds, given = fastest(sides, options.turns)
        found[what] = seconds
        print(what)
        for name, value in seconds.items():
            apart = np.max(np.abs(np.asarray(given[name]) - np.asarray(given["ours"])))
            ratio = value / seconds["ours"]
            print(f"  {name:<32}{value:>9.3f}{ratio:>8.2f}    differs from ours by {apart:.1e}", flush=True)
    keep(__file__, found)


if __name__ == "__main__":
    main()
