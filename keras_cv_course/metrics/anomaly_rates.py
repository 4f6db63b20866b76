"""How good an anomaly detector is: counts, rates and the ROC curve.

One convention for all of it, that of TensorFlow's tutorial "Intro to Autoencoders": a signal's label is
1 = normal or 0 = abnormal, and *normal* is the positive class of precision and recall.
"""

import numpy as np

from keras_cv_course.errors import InputError


def confusion_counts(labels, anomaly):
    """Count the four outcomes.

    Args:
        labels: (N,) 1 = normal, 0 = abnormal.
        anomaly: (N,) True where the detector calls the signal anomalous.

    Returns:
        (2, 2) integers: row = truth (normal, abnormal), column = prediction (normal, anomalous). So [0, 1]
        are the false alarms (type I errors) and [1, 0] the missed anomalies (type II errors).

    Raises:
        InputError: lengths differ, nothing to count, or labels other than 0 and 1.
    """
    labels, anomaly = _checked(labels, anomaly)
    anomaly = anomaly.astype(bool)
    truths = (labels == 1, labels == 0)
    return np.array([[np.sum(truth & ~anomaly), np.sum(truth & anomaly)] for truth in truths])


def anomaly_rates(labels, anomaly):
    """Rates in [0, 1] of a detector's predictions; the arguments are those of `confusion_counts`.

    Returns:
        A dictionary of
        accuracy: share of the signals that are predicted right;
        precision: of the signals predicted normal, the share that is normal;
        recall: of the normal signals, the share predicted normal;
        false_alarm_rate: of the normal signals, the share predicted anomalous: type I error, 1 - recall;
        miss_rate: of the abnormal signals, the share predicted normal: type II error.
        A share of no signals counts as 0: where nothing is abnormal, nothing is missed.
    """
    (passed, alarms), (missed, detected) = confusion_counts(labels, anomaly).tolist()
    return {
        "accuracy": _share(passed + detected, passed + alarms + missed + detected),
        "precision": _share(passed, passed + missed),
        "recall": _share(passed, passed + alarms),
        "false_alarm_rate": _share(alarms, passed + alarms),
        "miss_rate": _share(missed, missed + detected),
    }


def anomaly_roc(labels, errors):
    """Receiver operating characteristic: the rates at every possible threshold on the error.

    Args:
        labels: (N,) 1 = normal, 0 = abnormal.
        errors: (N,) larger = more anomalous.

    Returns:
        false_alarm_rate (T,) and detection_rate (T,), the share of the abnormal signals that is detected,
        1 - miss rate, both rising from 0 to 1; and the area under that curve, the probability that an
        abnormal signal has a larger error than a normal one. Swapping the classes mirrors the curve and
        leaves the area as it is.

    Raises:
        InputError: there is only one class, so one of the two rates is not defined.
    """
    from sklearn.metrics import roc_auc_score, roc_curve

    labels, errors = _checked(labels, errors)
    if len(np.unique(labels)) < 2:
        only = "normal" if labels[0] == 1 else "abnormal"
        raise InputError(f"a ROC curve needs normal and abnormal signals, received {len(labels)} {only} ones")
    abnormal = labels == 0
    false_alarm_rate, detection_rate, _ = roc_curve(abnormal, errors)
    return false_alarm_rate, detection_rate, float(roc_auc_score(abnormal, errors))


def _checked(labels, predictions):
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.ndim != 1 or labels.shape != predictions.shape or len(labels) == 0:
        shapes = f"{predictions.shape} and {labels.shape}"
        raise InputError(f"expected one prediction for each label, received {shapes}")
    if not np.isin(labels, (0, 1)).all():
        found = np.unique(labels)[:5].tolist()
        raise InputError(f"labels must be 1 (normal) or 0 (abnormal), received {found}")
    return labels, predictions


def _share(part, whole):
    return part / whole if whole else 0.0
