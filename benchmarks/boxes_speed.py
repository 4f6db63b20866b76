"""Suppression and mean average precision beside keras-cv's, TensorFlow's and COCO's own, on the same answers.

    taskset -c 0 python benchmarks/boxes_speed.py [--pictures 1000] [--turns 3]

Every picture has a few objects and a hundred answers near them. The sides take turns, the fastest turn of
each counts, and what they give is compared. Seconds are those of the processor, all threads together, so
that other programs on the machine matter little.
"""

import argparse
import contextlib
import io
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

THRESHOLD, MOST, CLASSES = 0.5, 20, 10


def answers(pictures, rng, objects=5, near=20):
    """Boxes (N, 100, 4), scores, labels (N, 100), shaken about the truth: boxes (N, 5, 4), labels (N, 5)."""
    import numpy as np

    low = rng.uniform(0, 150, (pictures, objects, 2))
    truth = np.concatenate([low, low + rng.uniform(20, 60, (pictures, objects, 2))], axis=-1)
    kinds = rng.integers(0, CLASSES, (pictures, objects))
    boxes = np.repeat(truth, near, axis=1) + rng.normal(0, 3, (pictures, objects * near, 4))
    labels = np.repeat(kinds, near, axis=1)
    labels = np.where(rng.random(labels.shape) < 0.1, rng.integers(0, CLASSES, labels.shape), labels)
    # Scores of one picture are all different, so that every side takes them in the same order.
    scores = rng.permuted(np.tile(np.arange(1, objects * near + 1), (pictures, 1)), axis=1) / 101
    return boxes.astype("float32"), scores.astype("float32"), labels, truth.astype("float32"), kinds


def suppressions(boxes, scores):
    """{side: function} that suppress in all pictures; each gives the kept scores (N, MOST), 0 for none."""
    import numpy as np
    import tensorflow as tf
    from keras_cv.layers import NonMaxSuppression

    from keras_cv_course.boxes.suppression import suppress

    # TensorFlow's boxes are y, x, y, x.
    turned, pictures = tf.constant(boxes[..., [1, 0, 3, 2]]), len(boxes)
    places, sure = tf.constant(boxes), tf.constant(scores)
    kinds = [tf.TensorSpec(some.shape, tf.float32) for some in (places, sure)]
    layer = NonMaxSuppression("xyxy", False, THRESHOLD, 0.0, MOST)

    def ours(compiled):
        graph = tf.function(
            lambda boxes, sure: suppress(boxes, sure, THRESHOLD, MOST),
            input_signature=kinds,
            jit_compile=compiled,
        )

        def side():
            kept = graph(places, sure)
            return tf.where(kept >= 0, tf.gather(sure, tf.maximum(kept, 0), batch_dims=1), 0.0)

        return side

    def keras_cv():
        return tf.maximum(layer(places, sure[..., None])["confidence"], 0.0)  # it fills up with -1

    def one_by_one():
        kept = np.zeros((pictures, MOST), "float32")
        for picture in range(pictures):
            chosen = tf.image.non_max_suppression(turned[picture], sure[picture], MOST, THRESHOLD).numpy()
            kept[picture, : len(chosen)] = scores[picture, chosen]
        return kept

    def combined():
        found = tf.image.combined_non_max_suppression(
            turned[:, :, None], sure[..., None], MOST, MOST, THRESHOLD, clip_boxes=False
        )
        return found.nmsed_scores

    return {
        "ours": ours(compiled=True),
        "ours, not compiled": ours(compiled=False),
        "keras-cv": keras_cv,
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
        for picture, number in np.ndindex(labels.shape):
            left, top, right, bottom = boxes[picture, number].tolist()
            row = dict(image_id=picture + 1, category_id=int(labels[picture, number]) + 1, iscrowd=0)
            row |= dict(bbox=[left, top, right - left, bottom - top], area=(right - left) * (bottom - top))
            made.append(
                row | (dict(id=len(made) + 1) if scores is None else dict(score=scores[picture, number]))
            )
        return made

    def ours():
        return mean_average_precision(
            (boxes, scores, labels), (truth, kinds), CLASSES, thresholds=COCO_THRESHOLDS
        )["mean"]

    def pycocotools():
        known = COCO()
        known.dataset = dict(
            info={}, images=[dict(id=number + 1) for number in range(len(boxes))],
            categories=[dict(id=number + 1) for number in range(CLASSES)], annotations=rows(truth, kinds),
        )  # fmt: skip
        known.createIndex()
        judge = COCOeval(known, known.loadRes(rows(boxes, labels, scores)), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
        return judge.stats[0]

    def keras_cv():
        metric = BoxCOCOMetrics(bounding_box_format="xyxy", evaluate_freq=1)
        metric.update_state(
            dict(boxes=truth, classes=kinds.astype("float32")),
            dict(boxes=boxes, classes=labels.astype("float32"), confidence=scores),
        )
        return float(metric.result(force=True)["MaP"])

    return {"ours": ours, "pycocotools": pycocotools, "keras-cv": keras_cv}


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
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=3, help="times that each one's turn comes")
    options = parser.parse_args()

    import numpy as np

    boxes, scores, labels, truth, kinds = answers(options.pictures, np.random.default_rng(0))
    print(
        f"{options.pictures} pictures of {boxes.shape[1]} answers, seconds, and how many times ours that is"
    )
    for what, sides in (
        (f"suppression, {MOST} kept at most", suppressions(boxes, scores)),
        ("mean average precision at 10 thresholds", precisions(boxes, scores, labels, truth, kinds)),
    ):
        seconds, given = fastest(sides, options.turns)
        print(what)
        for name, value in seconds.items():
            apart = np.max(np.abs(np.asarray(given[name]) - np.asarray(given["ours"])))
            ratio = value / seconds["ours"]
            print(f"  {name:<22}{value:>9.3f}{ratio:>8.2f}    differs from ours by {apart:.1e}", flush=True)


if __name__ == "__main__":
    main()
