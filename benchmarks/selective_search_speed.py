"""Selective search beside OpenCV's and the Python package selectivesearch, on the same scenes.

    pip install opencv-contrib-python-headless selectivesearch     # in an environment of its own
    python benchmarks/selective_search_speed.py [--images 6] [--size 128]

Ours has the paper's "fast" strategies: two colour spaces, two sets of similarities, k = 50 and 100. OpenCV's has
its own fast mode (HSV and Lab, k = 150 and 300, the same two sets) and its single strategy; the Python package has one
strategy and no order. Seconds are those of the processor, all threads together. Recall is that of all boxes, and of
the first 100. What is not installed is left out. Give the same Python both this course and the two packages.
"""

import argparse
import importlib.util
import time

from measured import keep


def sides():
    """{side: function of an image (H, W, 3) in [0, 1] that gives boxes (N, 4) xyxy, the best first}."""
    import numpy as np

    from keras_cv_course.detect.proposals.grouping import ALL_FOUR
    from keras_cv_course.detect.proposals.selective_search import selective_search

    rng = np.random.default_rng(0)
    one = dict(spaces=("hsv",), measures=(ALL_FOUR,), scales=(100.0,))
    methods = {
        "ours, fast (8 strategies)": lambda image: selective_search(image, rng),
        "ours, one strategy": lambda image: selective_search(image, rng, **one),
    }

    def opencv(mode):
        import cv2

        cv2.setNumThreads(1)

        def boxes(image):
            search = cv2.ximgproc.segmentation.createSelectiveSearchSegmentation()
            search.setBaseImage(np.ascontiguousarray((255 * image[..., ::-1]).astype("uint8")))
            getattr(search, mode)()
            found = search.process().astype(float)
            return np.concatenate([found[:, :2], found[:, :2] + found[:, 2:]], axis=1)

        return boxes

    def python(image):
        import selectivesearch

        found = selectivesearch.selective_search(
            (255 * image).astype("uint8"), scale=100, sigma=0.8, min_size=20
        )[1]
        found = np.array([region["rect"] for region in found], float)
        return np.concatenate([found[:, :2], found[:, :2] + found[:, 2:]], axis=1)

    if importlib.util.find_spec("cv2") is not None:
        methods["OpenCV, fast (8 strategies)"] = opencv("switchToSelectiveSearchFast")
        methods["OpenCV, one strategy"] = opencv("switchToSingleStrategy")
    if importlib.util.find_spec("selectivesearch") is not None:
        methods["selectivesearch (Python)"] = python
    return methods


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=6)
    parser.add_argument("--size", type=int, default=128)
    arguments = parser.parse_args()

    from keras_cv_course.boxes.recall import recall_at
    from keras_cv_course.data.scenes.scenes import scenes

    part = scenes(arguments.images, arguments.size, seed=1, objects=(1, 5))
    found = {}
    for name, method in sides().items():
        method(part.images[0])
        began = time.process_time()
        boxes = [method(image) for image in part.images]
        seconds = (time.process_time() - began) / len(boxes)
        first, every = recall_at(boxes, part.boxes, [100, 10**6])
        count = sum(map(len, boxes)) / len(boxes)
        found[name] = dict(seconds=seconds, boxes=count, recall_100=first, recall=every)
        print(
            f"{name:<30}{seconds:>9.3f} s{count:>8.0f} boxes   recall@100 {first:.3f}   all {every:.3f}",
            flush=True,
        )
    keep(__file__, found)


if __name__ == "__main__":
    main()
