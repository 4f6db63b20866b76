"""Self-training: a network predicts labels for unlabelled images, and learns from the confident predictions.

D.-H. Lee, "Pseudo-Label: The Simple and Efficient Semi-Supervised Learning Method for Deep Neural Networks", ICML 2013
workshop on challenges in representation learning, section 2. Rounds, a threshold, and noise on the student's side only:
Q. Xie, M.-T. Luong, E. Hovy, Q. Le, "Self-training with Noisy Student improves ImageNet classification", CVPR 2020,
algorithm 1 and section 2.
"""

from dataclasses import dataclass

import keras
import numpy as np

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.cross_entropy import softmax


def pseudo_labels(probabilities, threshold=0.9):
    """The examples that a classifier predicts with confidence, and the predicted classes.

    Args:
        probabilities: (N, classes), rows that sum to 1.
        threshold: keep an example if its largest probability is this or more, in (0, 1].

    Returns:
        (kept,) indices of the kept examples, ascending, and (kept,) their labels: the class of the largest probability.

    Raises:
        InputError: the threshold is not in (0, 1], these are no probabilities, or none reaches the threshold.
    """
    if not 0 < threshold <= 1:
        raise InputError(f"the threshold is a probability above 0 and up to 1, received {threshold}")
    probabilities = np.asarray(probabilities)
    # Written so that NaN fails too.
    if (
        probabilities.ndim != 2
        or probabilities.size == 0
        or not (probabilities.min() >= 0 and np.abs(probabilities.sum(axis=1) - 1).max() <= 1e-3)
    ):
        raise InputError(
            "expected probabilities (N, classes) whose rows sum to 1, received an array of shape "
            f"{probabilities.shape} that is not that; apply a softmax to logits first"
        )
    confidence = probabilities.max(axis=1)
    rows = np.flatnonzero(confidence >= threshold)
    if rows.size == 0:
        raise InputError(
            f"no prediction reaches the threshold of {threshold:g}, the most confident of {len(confidence)} has "
            f"{confidence.max():.3f}; lower the threshold or train the teacher longer"
        )
    return rows, probabilities.argmax(axis=1)[rows]


def precision_and_coverage(probabilities, truth, thresholds):
    """How many pseudo labels each threshold would give, and how many of them would be right.

    Args:
        probabilities: (N, classes), rows that sum to 1.
        truth: (N,) true labels.
        thresholds: (T,) probabilities.

    Returns:
        precision: (T,) share of the kept examples whose label is right; NaN where none is kept.
        coverage: (T,) share of all examples that are kept.

    Raises:
        InputError: there is not one true label for each row.
    """
    probabilities, truth = np.asarray(probabilities), np.asarray(truth)
    if probabilities.ndim != 2 or truth.shape != probabilities.shape[:1]:
        raise InputError(
            f"expected probabilities (N, classes) and N true labels, received shapes {probabilities.shape} "
            f"and {truth.shape}"
        )
    kept = probabilities.max(axis=1) >= np.reshape(thresholds, (-1, 1))  # (T, N)
    right = kept & (probabilities.argmax(axis=1) == truth)
    counts = kept.sum(axis=1)
    precision = np.where(counts > 0, right.sum(axis=1) / np.maximum(counts, 1), np.nan)
    return precision, kept.mean(axis=1)


def balanced(labels, rng):
    """Rows that hold every class equally often: those of rarer classes come again (Xie et al., section 2).

    Confident predictions are not equally frequent in all classes. A student that sees few examples of a class predicts
    it more rarely still, and so does its own student.

    Args:
        labels: (N,) integers.
        rng: a `numpy.random.Generator`.

    Returns:
        Indices, as many for each class that occurs as the most frequent one has; each row at least once.
    """
    rows = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    most = max(map(len, rows))
    repeated = [
        np.concatenate([np.tile(each, most // len(each)), rng.permutation(each)[: most % len(each)]])
        for each in rows
    ]
    return np.concatenate(repeated)


@dataclass(frozen=True)
class Round:
    """The pseudo labels of one round of self-training.

    Args:
        rows: (kept,) indices of the unlabelled images that received a pseudo label.
        labels: (kept,) the pseudo labels.
        confidence: (kept,) the teacher's probabilities of them.
        precision: share of the pseudo labels that are right; None where the truth is not known.
    """

    rows: np.ndarray
    labels: np.ndarray
    confidence: np.ndarray
    precision: float | None

    @property
    def count(self):
        """Number of pseudo labels."""
        return len(self.rows)


def self_train(train, images, labels, unlabelled, threshold=0.9, rounds=3, truth=None):
    """Train a teacher on labels; let it label more images; train a student on both; repeat with the student.

    Args:
        train: a function (images, labels, round) -> trained classifier, new or trained anew: a `keras.Model`,
            or anything else with `predict(images)` -> logits (N, classes). Round 0 is the first teacher. The
            noise belongs in here, in augmentation and dropout: the student has to predict under noise what its
            teacher predicted without.
        images, labels: (N, ...) and (N,) integers, the labelled part.
        unlabelled: (M, ...) more images of the same kind.
        threshold: see `pseudo_labels`.
        rounds: number of students, 1 or more. Each starts from the true labels and from new pseudo labels.
        truth: (M,) true labels of the unlabelled images, to measure the pseudo labels and for nothing else.

    Returns:
        The last student, and one `Round` a student.

    Raises:
        InputError: before any training: no rounds, no unlabelled images, labels that are not one integer for each
            image, unlabelled images or true labels of another shape, images that are NaN or infinite. After one: no
            prediction reaches the threshold, or logits are not finite.
    """
    if rounds < 1:
        raise InputError(f"self-training takes 1 round or more, received {rounds}")
    images, labels, unlabelled = np.asarray(images), np.asarray(labels), np.asarray(unlabelled)
    if labels.shape != (len(images),) or not np.issubdtype(labels.dtype, np.integer):
        raise InputError(
            f"expected {len(images)} integer labels, one an image, received {labels.dtype} of shape "
            f"{labels.shape}"
        )
    if images.shape[1:] != unlabelled.shape[1:] or len(unlabelled) == 0:
        raise InputError(
            f"labelled and unlabelled images must be of one size, and one at least unlabelled, received shapes "
            f"{images.shape} and {unlabelled.shape}"
        )
    for name, these in (("labelled", images), ("unlabelled", unlabelled)):
        broken = np.flatnonzero(~np.isfinite(these).reshape(len(these), -1).all(axis=1))
        if broken.size:
            raise InputError(
                f"the {name} images must be finite, received NaN or infinity in number {broken[0]}"
            )
    if truth is not None and np.shape(truth) != (len(unlabelled),):
        raise InputError(f"expected {len(unlabelled)} true labels, received shape {np.shape(truth)}")
    classifier, done = train(images, labels, 0), []
    for number in range(1, rounds + 1):
        probabilities = softmax(_logits(classifier, unlabelled))
        rows, guesses = pseudo_labels(probabilities, threshold)
        precision = None if truth is None else float(np.mean(np.asarray(truth)[rows] == guesses))
        done.append(Round(rows, guesses, probabilities[rows, guesses], precision))
        classifier = train(
            np.concatenate([images, unlabelled[rows]]),
            np.concatenate([labels, guesses.astype(labels.dtype)]),
            number,
        )
    return classifier, done


def _logits(classifier, images):
    """What `predict` gives, (N, classes); an InputError that tells the causes apart where it is not finite."""
    quietly = {"verbose": 0} if isinstance(classifier, keras.Model) else {}
    logits = np.asarray(classifier.predict(images, **quietly))
    if not np.isfinite(logits).all():
        weights = getattr(classifier, "weights", ())
        if not all(np.isfinite(np.asarray(weight)).all() for weight in weights):
            raise InputError(
                "the classifier's weights are NaN or infinite: it diverged; try a smaller learning rate"
            )
        raise InputError(
            "the classifier predicts NaN or infinity for finite images, with finite weights: its logits overflow; "
            "scale the images to [0, 1], and train in float32"
        )
    return logits
