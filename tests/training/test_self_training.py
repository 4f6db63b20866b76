import keras
import numpy as np
import pytest
from scipy import special

from keras_cv_course.errors import InputError
from keras_cv_course.training.self_training import balanced, precision_and_coverage, pseudo_labels, self_train


def test_what_is_sure_enough_is_kept_by_hand():
    probabilities = np.array([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8], [0.05, 0.95], [0.1, 0.9]])
    rows, labels = pseudo_labels(probabilities, 0.9)
    assert rows.tolist() == [1, 3, 4] and labels.tolist() == [0, 1, 1]
    rows, labels = pseudo_labels(probabilities, 0.5)
    assert rows.tolist() == [0, 1, 2, 3, 4] and labels.tolist() == [0, 0, 1, 1, 1]
    rows, labels = pseudo_labels(np.array([[1.0, 0.0], [0.99, 0.01]]), 1)
    assert rows.tolist() == [0] and labels.tolist() == [0]


def test_bad_pseudo_labels():
    sure = np.array([[0.7, 0.3]])
    for threshold in (0, -0.1, 1.01, float("nan")):
        with pytest.raises(InputError, match="the threshold is a probability above 0 and up to 1"):
            pseudo_labels(sure, threshold)
    with pytest.raises(
        InputError, match="reaches the threshold of 0.9, the most confident of 1 has 0.700; lower"
    ):
        pseudo_labels(sure, 0.9)
    for wrong in (np.array([[3.0, -2.0]]), np.array([0.7, 0.3]), np.zeros((0, 2)), np.array([[np.nan, 1.0]])):
        with pytest.raises(InputError, match="apply a softmax to logits first"):
            pseudo_labels(wrong, 0.5)


def test_precision_and_coverage_by_hand():
    probabilities = np.array([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8], [0.05, 0.95]])
    precision, coverage = precision_and_coverage(probabilities, [1, 0, 0, 1], [0.0, 0.8, 0.9, 0.99])
    np.testing.assert_allclose(precision, [0.5, 2 / 3, 1, np.nan])
    np.testing.assert_allclose(coverage, [1, 0.75, 0.5, 0])


def test_precision_and_coverage_are_those_of_the_pseudo_labels():
    rng = np.random.default_rng(6)
    probabilities, truth = rng.dirichlet(np.full(4, 0.3), 500), rng.integers(0, 4, 500)
    for threshold in (0.4, 0.9):
        (precision,), (coverage,) = precision_and_coverage(probabilities, truth, [threshold])
        rows, labels = pseudo_labels(probabilities, threshold)
        assert coverage == len(rows) / 500 and precision == np.mean(labels == truth[rows])
    for wrong in (truth[:5], truth[:, None]):
        with pytest.raises(InputError, match="N true labels"):
            precision_and_coverage(probabilities, wrong, [0.5])


def test_every_class_comes_equally_often_and_every_row_at_least_once():
    labels = np.array([3] * 7 + [0] * 3 + [5])
    rows = balanced(labels, np.random.default_rng(0))
    assert np.bincount(labels[rows])[[0, 3, 5]].tolist() == [7, 7, 7] and set(rows) == set(range(11))
    assert sorted(np.bincount(rows)[7:10]) == [2, 2, 3]
    assert sorted(balanced(np.array([1, 0, 1, 0]), np.random.default_rng(0))) == [0, 1, 2, 3]


class Centres:
    """Nearest class centre: logits are minus the squared distances."""

    def __init__(self, points, labels):
        self.centres = np.stack([points[labels == label].mean(axis=0) for label in range(2)])

    def predict(self, points):
        return -((points[:, None] - self.centres) ** 2).sum(axis=2)


def clouds():
    """Two clouds of 200 points; the first of each alone is labelled, and lies at the cloud's rim."""
    rng = np.random.default_rng(4)
    truth = np.repeat([0, 1], 200)
    points = rng.normal(0, 0.6, (400, 2)) + np.array([[-1.5, 0], [1.5, 0]])[truth]
    labelled = np.array([[-1.5, 2.0], [1.5, -2.0]])
    return labelled, np.array([0, 1]), points, truth


def test_rounds_are_those_done_by_hand_and_get_better():
    labelled, labels, points, truth = clouds()
    seen = []

    def train(images, answers, number):
        seen.append((number, images, answers))
        return Centres(images, answers)

    student, rounds = self_train(train, labelled, labels, points, threshold=0.95, rounds=3, truth=truth)
    assert [number for number, *_ in seen] == [0, 1, 2, 3] and len(rounds) == 3
    teacher = Centres(labelled, labels)
    for done, (_, images, answers) in zip(rounds, seen[1:]):
        probabilities = special.softmax(teacher.predict(points), axis=1)
        rows = np.flatnonzero(probabilities.max(axis=1) >= 0.95)
        guesses = probabilities.argmax(axis=1)[rows]
        np.testing.assert_array_equal(done.rows, rows)
        np.testing.assert_array_equal(done.labels, guesses)
        np.testing.assert_allclose(done.confidence, probabilities[rows, guesses])
        assert done.precision == np.mean(guesses == truth[rows]) and done.count == len(rows)
        # The student learns from the true labels and from these, and becomes the next teacher.
        np.testing.assert_array_equal(images, np.concatenate([labelled, points[rows]]))
        np.testing.assert_array_equal(answers, np.concatenate([labels, guesses]))
        teacher = Centres(images, answers)
    np.testing.assert_array_equal(student.centres, teacher.centres)
    right = [
        np.mean(model.predict(points).argmax(axis=1) == truth)
        for model in (Centres(labelled, labels), student)
    ]
    assert right[1] > right[0] + 0.02 and rounds[-1].precision > rounds[0].precision


def test_the_truth_only_measures():
    labelled, labels, points, truth = clouds()

    def run(truth):
        return self_train(lambda x, y, _: Centres(x, y), labelled, labels, points, 0.9, 2, truth)

    (student, rounds), (other, unmeasured), (lied, wrong) = run(truth), run(None), run(1 - truth)
    for classifier, other_rounds in ((other, unmeasured), (lied, wrong)):
        np.testing.assert_array_equal(classifier.centres, student.centres)
        np.testing.assert_array_equal(other_rounds[-1].rows, rounds[-1].rows)
    assert [done.precision for done in unmeasured] == [None, None]
    assert wrong[0].precision == pytest.approx(1 - rounds[0].precision)


def test_a_keras_model_is_a_classifier(capsys):
    labelled, labels, points, truth = clouds()

    def train(images, answers, number):
        keras.utils.set_random_seed(number)
        model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(2)])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(0.2), loss=loss, jit_compile=False)
        model.fit(images, answers, epochs=10, batch_size=64, verbose=0)
        return model

    student, rounds = self_train(train, labelled, labels, points, 0.8, rounds=1, truth=truth)
    assert isinstance(student, keras.Model) and rounds[0].count > 50 and rounds[0].precision > 0.7
    assert capsys.readouterr().out == ""


def test_bad_arguments():
    labelled, labels, points, truth = clouds()

    def run(images=labelled, labels=labels, unlabelled=points, **options):
        return self_train(lambda x, y, _: Centres(x, y), images, labels, unlabelled, **options)

    for options, message in (
        (dict(rounds=0), "1 round or more"),
        (dict(labels=labels.astype(float)), "integer labels"),
        (dict(labels=labels[:1]), "expected 2 integer labels"),
        (dict(labels=np.eye(2, dtype=int)), "integer labels"),
        (dict(unlabelled=points[:, :1]), "must be of one size"),
        (dict(unlabelled=points[:0]), "must be of one size"),
        (dict(truth=truth[:5]), "expected 400 true labels"),
        (dict(threshold=0), "the threshold is a probability"),
        (dict(threshold=1.0, unlabelled=points * 1e-3), "no prediction reaches the threshold of 1"),
    ):
        with pytest.raises(InputError, match=message):
            run(**options)


def test_what_is_not_finite_is_told_apart():
    labelled, labels, points, _ = clouds()
    broken = points.copy()
    broken[3, 1] = np.nan
    for images, unlabelled, which in (
        (labelled, broken, "unlabelled"),
        (labelled * np.inf, points, "labelled"),
    ):
        with pytest.raises(InputError, match=f"the {which} images must be finite"):
            self_train(lambda *_: pytest.fail("trained"), images, labels, unlabelled)
    for weights, message in (
        ([np.array([1.0, np.nan])], "weights are NaN .* diverged"),
        ([np.ones(2)], "overflow"),
    ):
        classifier = Centres(labelled, labels)
        classifier.predict, classifier.weights = lambda images: np.full((len(images), 2), np.inf), weights
        with pytest.raises(InputError, match=message):
            self_train(lambda *_, classifier=classifier: classifier, labelled, labels, points)
