"""The exercises of day1.selftrain: pseudo labels, what they are worth, and the rounds."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect, shape_is
from keras_cv_course.classroom.remote import value
from keras_cv_course.classroom.shared_checks import all_refused

labelling = Exercise(
    "pseudo_labels",
    "the examples that a classifier predicts with confidence, and the predicted classes",
    definitions=("pseudo_labels",),
    points=3,
    hints=(
        "How confident is a classifier of its prediction? Which of the row's probabilities says so?",
        "`np.flatnonzero` makes indices of True and False. A confidence equal to the threshold is enough.",
        "Logits are no probabilities, and a threshold on them means nothing: refuse rows that do not sum to "
        "1 (to a thousandth), have something below 0 or NaN, or are not there; and refuse an empty result.",
        "What to reach: (0.9, 0.1) and (0.2, 0.8) at 0.85 give rows [0] and labels [0].",
    ),
)
worth = Exercise(
    "precision_and_coverage",
    "for each threshold: the share of the kept labels that is right, and the share that is kept",
    definitions=("precision_and_coverage",),
    points=2,
    hints=(
        "Two tables of True and False, (thresholds, examples): which are kept, and which are kept and right?",
        "Precision divides by the number of kept examples, coverage by the number of all. 0 / 0 is NaN, "
        "without NumPy's warning.",
        "What to reach: four examples, three kept, two of these right: precision 2/3, coverage 3/4.",
    ),
)
rounds = Exercise(
    "self_train",
    "a teacher from the labels; then, round by round, pseudo labels and a student that is the next teacher",
    definitions=("self_train",),
    points=5,
    hints=(
        "Check what comes in as the docstring says; then train round 0 on the labelled images alone.",
        "Each round: `_logits`, which is given, then the functions that you wrote before. The student gets "
        "the true labels and this round's pseudo labels, none of earlier rounds, and is the next teacher.",
        "`truth` measures the precision of a round, and nothing else: without it the student is the same.",
        "`train` receives the number of the round: 0 for the first teacher, then 1, 2 and so on.",
        "What to reach: with `NearestCentre` as `train`, on two clouds of which one point each is "
        "labelled, the centres move from these points to the middles of the clouds.",
    ),
)

EXERCISES = Exercises(
    "day1.selftrain",
    sources=("keras_cv_course.training.self_training", "keras_cv_course.baselines.nearest_centre"),
    exercises=(labelling, worth, rounds),
)


@labelling.check(points=1)
def check_pseudo_labels_against_a_loop(mine, rng):
    """Rows whose largest probability reaches the threshold, ascending, and their most probable class."""
    confident = rng.dirichlet(np.full(4, 0.5), 60)
    exact = rng.permuted(np.tile([0.75, 0.25, 0.0, 0.0], (10, 1)), axis=1)  # just on the threshold
    for probabilities, threshold in ((confident, 0.7), (np.concatenate([confident, exact]), 0.75)):
        found = _two(mine.pseudo_labels(probabilities, threshold), "rows and labels")
        expected = [(row, int(np.argmax(p))) for row, p in enumerate(probabilities) if max(p) >= threshold]
        attempts = "keep where the largest probability is the threshold or more", "argmax of the kept rows"
        for numbers, wanted, attempt in zip(found, zip(*expected, strict=True), attempts, strict=True):
            close_to(numbers, wanted, 0, f"rows, or labels, at {threshold:g}", attempt)


@labelling.check
def check_pseudo_labels_refuse(mine):
    """Logits, other shapes, thresholds that are no probability and an empty result are refused."""
    probabilities = np.array([[0.7, 0.3]])
    cases = {f"threshold {value}": (probabilities, value) for value in (0, -0.1, 1.01, float("nan"))}
    cases["no confidence of 0.9"] = (probabilities, 0.9)
    wrong = {
        "logits (3, -2)": [[3.0, -2.0]],
        "logits (1.5, -0.5)": [[1.5, -0.5]],
        "a row that sums to 1.5": [[1.0, 0.5]],
        "NaN": [[np.nan, 1.0]],
        "one axis": [0.7, 0.3],
        "no example": np.zeros((0, 2)),
    }
    cases |= {what: (np.array(numbers), 0.5) for what, numbers in wrong.items()}
    all_refused(mine.pseudo_labels, cases)


@worth.check(points=1)
def check_precision_and_coverage_against_loops(mine, rng):
    """Random predictions, counted one by one; precision is NaN where nothing is kept."""
    probabilities, truth = rng.dirichlet(np.full(4, 0.5), 80), rng.integers(0, 4, 80)
    probabilities[0], thresholds, expected = (0.75, 0.25, 0, 0), np.array([0.3, 0.5, 0.75, 0.8]), []
    for threshold in thresholds:
        kept = [
            (np.argmax(p), true) for p, true in zip(probabilities, truth, strict=True) if max(p) >= threshold
        ]
        expected.append((np.mean([predicted == true for predicted, true in kept]), len(kept) / 80))
    found = _two(mine.precision_and_coverage(probabilities, truth, thresholds), "precision and coverage")
    for numbers, wanted, what in zip(found, np.transpose(expected), ("precision", "coverage"), strict=True):
        close_to(numbers, wanted, 1e-9, what, "count the kept, and the correct ones among them")
    precision, coverage = mine.precision_and_coverage(probabilities[:1], truth[:1], [0.99])
    nan = shape_is(precision, (1,), "precision", "one a threshold")
    expect(np.isnan(nan).all(), "NaN where nothing is kept", precision, "0 / 0 is not a share")
    close_to(coverage, [0], 0, "coverage where nothing is kept", "kept over all")


@worth.check
def check_precision_refuses_other_lengths(mine):
    """There must be one true label an example."""
    probabilities = np.full((4, 2), 0.5)
    shapes = ((3,), (4, 1), (1,))
    cases = {f"4 examples, labels {shape}": (probabilities, np.zeros(shape, int), [0.5]) for shape in shapes}
    all_refused(mine.precision_and_coverage, cases)


@rounds.check(points=2)
def check_rounds_by_hand(mine, rng):
    """The students, the pseudo labels and their confidence are those of the rounds written out."""
    labelled, labels, points, truth = _clouds(rng)
    for threshold, count in ((0.9, 1), (0.9, 3), (0.6, 2)):
        found = mine.self_train(mine.NearestCentre, labelled, labels, points, threshold, count, truth)
        student, done = _two(found, "a student and its rounds")
        there = isinstance(done, (list, tuple)) and len(done) == count
        expect(there, f"{count} rounds", done, "one `Round` a student")
        centres, variance = _centres(labelled, labels)
        for number, one in enumerate(done, start=1):
            sure = _probabilities(points, centres, variance)
            rows = np.flatnonzero(sure.max(axis=1) >= threshold)
            guesses = sure.argmax(axis=1)[rows]
            case = f"of round {number} (threshold {threshold:g})"
            attempt = "the teacher is the student of the round before"
            close_to(value(one.rows), rows, 0, f"rows {case}", attempt)
            attempt = "what the teacher predicts, not the truth"
            close_to(value(one.labels), guesses, 0, f"labels {case}", attempt)
            attempt = "the probability of the pseudo label"
            close_to(value(one.confidence), sure[rows, guesses], 1e-6, f"confidence {case}", attempt)
            right = np.mean(truth[rows] == guesses)
            close_to(value(one.precision), right, 1e-9, f"precision {case}", "right ones among the kept")
            both = np.concatenate([labelled, points[rows]]), np.concatenate([labels, guesses])
            centres, variance = _centres(*both)
        attempt = "the true labels and this round's pseudo labels, no others; return the last student"
        close_to(value(student.centres), centres, 1e-6, "the last student's centres", attempt)


@rounds.check
def check_the_truth_only_measures(mine, rng):
    """With no truth, or with a wrong one, the student is the same."""
    labelled, labels, points, truth = _clouds(rng)
    students, kept = [], []
    for known in (truth, None, 1 - truth):
        student, done = mine.self_train(mine.NearestCentre, labelled, labels, points, 0.9, 2, known)
        students.append(value(student.centres))
        kept.append([value(one.precision) for one in done])
    for centres in students[1:]:
        attempt = "a true label of an unlabelled image must not come near the training"
        close_to(centres, students[0], 1e-9, "centres without the truth", attempt)
    equal_to(kept[1], [None, None], "precision where the truth is not known", "None")
    what = "precision where the truth is the other class"
    close_to(kept[2], 1 - np.array(kept[0]), 1e-9, what, "truth == label")


@rounds.check
def check_labels_keep_their_kind(mine, rng):
    """Labels of any integer dtype do."""
    labelled, labels, points, truth = _clouds(rng)
    first, second = (
        mine.self_train(mine.NearestCentre, labelled, labels.astype(kind), points, 0.9, 1, truth)[0]
        for kind in ("int64", "uint8")
    )
    attempt = "pseudo labels of the labels' dtype"
    close_to(value(first.centres), value(second.centres), 1e-9, "centres", attempt)


@rounds.check
def check_self_train_refuses(mine, rng):
    """No rounds, and arrays that do not belong together, are refused."""
    labelled, labels, points, truth = _clouds(rng)
    good = dict(images=labelled, labels=labels, unlabelled=points, rounds=1, truth=truth)
    bad = {
        "0 rounds": dict(rounds=0),
        "labels that are no integers": dict(labels=labels.astype(float)),
        "one label for four images": dict(labels=labels[:1]),
        "unlabelled points of another length": dict(unlabelled=points[:, :1]),
        "no unlabelled point": dict(unlabelled=points[:0], truth=truth[:0]),
        "five true labels": dict(truth=truth[:5]),
        "NaN": dict(unlabelled=points * np.nan),
    }
    attempt = "raise InputError as the docstring says, before any training"
    # `pseudo_labels` takes two arguments: as `train` it fails with another error when it is called.
    cases = {what: {"train": mine.pseudo_labels, **good, **options} for what, options in bad.items()}
    all_refused(mine.self_train, cases, attempt)
    uncertain = {**good, "train": mine.NearestCentre, "unlabelled": points * 1e-3, "threshold": 1.0}
    all_refused(mine.self_train, {"no prediction of probability 1": uncertain}, "let `pseudo_labels` refuse")


def _two(found, what):
    """Two results, as a tuple or a list."""
    expect(isinstance(found, (list, tuple)) and len(found) == 2, what, found, "return both")
    return found


def _clouds(rng):
    """Two clouds of 60 points; two of each are labelled, and lie at the cloud's rim."""
    truth = np.repeat([0, 1], 60)
    points = rng.normal(0, 0.7, (120, 2)) + np.array([[-1.5, 0], [1.5, 0]])[truth]
    labelled = np.array([[-2.0, 2.0], [-0.5, 1.0], [2.0, -2.0], [0.5, -1.0]])
    return labelled, np.array([0, 0, 1, 1]), points, truth


def _centres(points, labels):
    centres = np.array([points[labels == label].mean(axis=0) for label in (0, 1)])
    return centres, np.mean((points - centres[labels]) ** 2)


def _probabilities(points, centres, variance):
    odds = np.exp(
        [[-np.sum((point - centre) ** 2) / (2 * variance) for centre in centres] for point in points]
    )
    return odds / odds.sum(axis=1, keepdims=True)
