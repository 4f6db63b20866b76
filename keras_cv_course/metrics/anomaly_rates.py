"""How good a detector of anomalies is.

One convention for all of it, that of TensorFlow's tutorial: a signal's label is 1 = normal or 0 = abnormal,
and *normal* is the positive class of precision and recall.
"""

import numpy as np

from keras_cv_course.errors import InputError


def counts_of(labels, anomaly):
    """Count the four outcomes.

    Args:
        labels: (N,) 1 = normal, 0 = abnormal.
        anomaly: (N,) True where the detector calls the signal anomalous.

    Returns:
        (2, 2) integers: row = truth (normal, abnormal), column = verdict (normal, anomalous). So [0, 1] are
        the false alarms (errors of type I) and [1, 0] the missed anomalies (errors of type II).

    Raises:
        InputError: lengths differ, nothing to count, or labels other than 0 and 1.
    """
    labels, anomaly = _checked(labels, anomaly)
    anomaly = anomaly.astype(bool)
    truths = (labels == 1, labels == 0)
    return np.array([[np.sum(truth & ~anomaly), np.sum(truth & anomaly)] for truth in truths])


def anomaly_rates(labels, anomaly):
    """Rates in [0, 1] of a detector's verdicts; the arguments are those of `counts_of`.

    Returns:
        A dictionary of
        accuracy: share of right verdicts;
        precision: of the signals called normal, the share that is normal;
        recall: of the normal signals, the share called normal;
        false_alarm_rate: of the normal signals, the share called anomalous: type I error, 1 - recall;
        miss_rate: of the abnormal signals, the share called normal: type II error.
        A share of no signals counts as 0: where nothing is abnormal, nothing is missed.
    """
    (passed, alarms), (missed, found) = counts_of(labels, anomaly).tolist()
    return {
        "accuracy": _share(passed + found, passed + alarms + missed + found),
        "precision": _share(passed, passed + missed),
        "recall": _share(passed, passed + alarms),
        "false_alarm_rate": _share(alarms, passed + alarms),
        "miss_rate": _share(missed, missed + found),
    }


def anomaly_roc(labels, errors):
    """Receiver operating characteristic: what every possible threshold on the error would reach.

    Args:
        labels: (N,) 1 = normal, 0 = abnormal.
        errors: (N,) larger = more anomalous.

    Returns:
        false_alarm_rate (T,) and found (T,), the share of the abnormal signals that is found, 1 - miss rate,
        both rising from 0 to 1; and the area under that curve. Swapping the roles of the classes mirrors the
        curve and leaves the area as it is.

    Raises:
        InputError: only one class is there, so one of the two rates is not defined.
    """
    from sklearn.metrics import roc_auc_score, roc_curve

    labels, errors = _checked(labels, errors)
    if len(np.unique(labels)) < 2:
        only = "normal" if labels[0] == 1 else "abnormal"
        raise InputError(f"a ROC curve needs normal and abnormal signals, got {len(labels)} {only} ones")
    abnormal = labels == 0
    false_alarm_rate, found, _ = roc_curve(abnormal, errors)
    return false_alarm_rate, found, float(roc_auc_score(abnormal, errors))


def _checked(labels, verdicts):
    labels, verdicts = np.asarray(labels), np.asarray(verdicts)
    if labels.ndim != 1 or labels.shape != verdicts.shape or len(labels) == 0:
        raise InputError(f"expected one verdict for each label, got {verdicts.shape} and {labels.shape}")
    if not np.isin(labels, (0, 1)).all():
        raise InputError(f"labels must be 1 (normal) or 0 (abnormal), got {np.unique(labels)[:5].tolist()}")
    return labels, verdicts


def _share(part, whole):
    return part / whole if whole else 0.0
