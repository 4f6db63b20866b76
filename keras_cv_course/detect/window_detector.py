"""A linear support vector machine that looks at every window of an image, trained on the windows it gets wrong.

Dalal and Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005, section 4: the first detector is
trained on objects and random background; it is run over the training images, what it takes for an object there (the
hard negatives) joins the background, and the detector is trained again.
"""

import numpy as np
from sklearn.svm import LinearSVC

from keras_cv_course.boxes.suppression import multiclass_non_max_suppression
from keras_cv_course.detect.hard_negatives import hardest, window_labels
from keras_cv_course.detect.window_features import pyramid_windows
from keras_cv_course.errors import InputError


class WindowDetector:
    """One linear SVM a class over the windows of an image pyramid.

    Args:
        features: "hog" or "pixels"; see `window_features`.
        hard_negatives: rounds of mining; 0 leaves the detector with random background.
        an_image: windows of background that an image gives at most, for the first training and each round.
        penalty: the SVM's C.
        seed: of the random background and the SVM.
    """

    def __init__(self, features="hog", hard_negatives=1, an_image=10, penalty=0.01, seed=0):
        if hard_negatives < 0 or an_image < 1 or penalty <= 0:
            raise InputError(
                "rounds of mining are 0 or more, windows an image 1 or more, and C is positive, got "
                f"hard_negatives={hard_negatives}, an_image={an_image}, penalty={penalty}"
            )
        self.features, self.hard_negatives, self.an_image = features, hard_negatives, an_image
        self.penalty, self.seed = penalty, seed

    def fit(self, images, boxes, labels):
        """Learn from images (N, H, W, C) in [0, 1] with objects: boxes (N, K, 4) xyxy in pixels, labels (N, K), -1 for
        padding.

        Raises:
            InputError: no window covers an object.
        """
        rng = np.random.default_rng(self.seed)
        seen = [pyramid_windows(image, self.features)[0] for image in images]
        places = pyramid_windows(images[0], self.features)[1]
        targets = [window_labels(places, *objects) for objects in zip(boxes, labels, strict=True)]
        chosen = []
        for known in targets:
            background = np.flatnonzero(known == -1)
            chosen.append(rng.permutation(background)[: self.an_image])
        objects = [np.flatnonzero(known >= 0) for known in targets]
        if not sum(map(len, objects)):
            raise InputError(
                "no window covers an object; take more or larger images, or objects of a window's size"
            )
        for round_ in range(self.hard_negatives + 1):
            if round_:
                chosen = [
                    np.union1d(old, hardest(self.scores(windows), known, self.an_image))
                    for windows, known, old in zip(seen, targets, chosen, strict=True)
                ]
            rows = [np.concatenate(some) for some in zip(objects, chosen, strict=True)]
            learnt = np.concatenate([windows[some] for windows, some in zip(seen, rows, strict=True)])
            known = np.concatenate([known[some] for known, some in zip(targets, rows, strict=True)])
            self.machine = LinearSVC(C=self.penalty, random_state=self.seed, dual=True, max_iter=5000).fit(
                learnt, known
            )
        return self

    def scores(self, windows):
        """Windows (N, F) -> (N, C) distances to the C classes' hyperplanes, positive on the side of the class."""
        machine = self.machine
        classes = machine.classes_ >= 0
        if len(machine.classes_) == 2:  # one class and the background have one plane
            return windows @ machine.coef_.T + machine.intercept_
        return windows @ machine.coef_[classes].T + machine.intercept_[classes]

    def detect(self, images, iou_threshold=0.3, max_detections=20):
        """Images (N, H, W, C) -> boxes (N, max_detections, 4) xyxy in pixels, scores (N, max_detections) in [0, 1],
        labels (N, max_detections); -1, 0 and -1 for padding. A score is the distance through a sigmoid."""
        found = [pyramid_windows(image, self.features) for image in images]
        boxes = np.stack([places for _, places in found])
        scores = np.stack([1 / (1 + np.exp(-2 * self.scores(windows))) for windows, _ in found])
        kept = multiclass_non_max_suppression(
            boxes, scores.astype("float32"), iou_threshold, max_detections, 0.05
        )
        boxes, scores, labels = (np.asarray(values) for values in kept)
        known = self.machine.classes_[self.machine.classes_ >= 0]
        return boxes, scores, np.where(labels >= 0, known[labels], -1)
