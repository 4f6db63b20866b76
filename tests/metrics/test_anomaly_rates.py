import numpy as np
import pytest
from sklearn import metrics

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.anomaly_rates import anomaly_rates, anomaly_roc, confusion_counts

LABELS = np.array([1, 1, 1, 1, 0, 0])
ANOMALY = np.array([False, False, False, True, True, False])


def test_counts_by_hand():
    np.testing.assert_array_equal(confusion_counts(LABELS, ANOMALY), [[3, 1], [1, 1]])


def test_rates_by_hand():
    assert anomaly_rates(LABELS, ANOMALY) == pytest.approx(
        dict(accuracy=4 / 6, precision=3 / 4, recall=3 / 4, false_alarm_rate=1 / 4, miss_rate=1 / 2)
    )


@pytest.mark.parametrize("seed", range(5))
def test_rates_are_scikit_learns_with_normal_as_positive(seed):
    rng = np.random.default_rng(seed)
    labels, anomaly = rng.integers(0, 2, 200), rng.random(200) < rng.uniform(0.2, 0.8)
    said, rates = (~anomaly).astype(int), anomaly_rates(labels, anomaly)
    assert rates["accuracy"] == pytest.approx(metrics.accuracy_score(labels, said))
    assert rates["precision"] == pytest.approx(metrics.precision_score(labels, said))
    assert rates["recall"] == pytest.approx(metrics.recall_score(labels, said))
    assert rates["miss_rate"] == pytest.approx(1 - metrics.recall_score(labels, said, pos_label=0))
    expected = metrics.confusion_matrix(labels, said, labels=[1, 0])
    np.testing.assert_array_equal(confusion_counts(labels, anomaly), expected)


def test_false_alarms_and_misses_are_not_swapped():
    rates = anomaly_rates([1, 1, 0, 0], [True, True, True, True])
    assert rates["false_alarm_rate"] == 1 and rates["miss_rate"] == 0
    rates = anomaly_rates([1, 1, 0, 0], [False, False, False, False])
    assert rates["false_alarm_rate"] == 0 and rates["miss_rate"] == 1


def test_all_normal_has_no_misses():
    rates = anomaly_rates([1, 1, 1, 1], [False, True, False, False])
    assert rates == dict(accuracy=0.75, precision=1.0, recall=0.75, false_alarm_rate=0.25, miss_rate=0.0)


def test_nothing_called_normal_has_precision_0():
    assert anomaly_rates([1, 0], [True, True])["precision"] == 0.0


def test_roc_by_hand():
    alarms, found, area = anomaly_roc([1, 1, 0, 0], [0.1, 0.3, 0.2, 0.4])
    assert area == pytest.approx(3 / 4)  # of the four pairs, three are in the right order
    assert (alarms[0], found[0], alarms[-1], found[-1]) == (0, 0, 1, 1)


@pytest.mark.parametrize("seed", range(3))
def test_every_point_of_the_roc_is_a_threshold(seed):
    rng = np.random.default_rng(seed)
    labels, errors = rng.integers(0, 2, 60), rng.random(60)
    alarms, found, area = anomaly_roc(labels, errors)
    rates = [anomaly_rates(labels, errors > threshold) for threshold in [-1.0, *errors]]
    reached = np.array([(rate["false_alarm_rate"], 1 - rate["miss_rate"]) for rate in rates])
    for point in zip(alarms, found, strict=True):
        assert np.abs(reached - point).max(axis=1).min() < 1e-9
    pairs = errors[labels == 0][:, None] > errors[labels == 1]
    assert area == pytest.approx(pairs.mean())


@pytest.mark.parametrize("label, name", [(1, "normal"), (0, "abnormal")])
def test_roc_needs_both_classes(label, name):
    with pytest.raises(InputError, match=f"received 3 {name} ones"):
        anomaly_roc([label] * 3, [0.1, 0.2, 0.3])


@pytest.mark.parametrize("measure", [anomaly_rates, confusion_counts, anomaly_roc])
@pytest.mark.parametrize(
    "labels, predictions, message",
    [
        ([1, 0], [1], "one prediction for each label"),
        ([], [], "one prediction for each label"),
        ([1, 2], [0, 1], "labels must be 1"),
    ],
)
def test_bad_input_is_refused(measure, labels, predictions, message):
    with pytest.raises(InputError, match=message):
        measure(labels, predictions)
