"""The focal loss of heat maps, which forgives what lies near a peak.

Law and Deng, "CornerNet", ECCV 2018, equation 1; Zhou, Wang and Krähenbühl, "Objects as Points", 2019, equation 1.
"""

import keras
from keras import ops


def penalty_reduced_focal_loss(heat_map, logits, alpha=2.0, beta=4.0):
    """The loss of predicted heat maps, summed over all places and divided by the number of peaks.

    With p = sigmoid(logit), Y the target, and N the number of places with Y = 1, at least 1:

        -1/N * sum of  (1 - p)^alpha log p                 where Y = 1
                       (1 - Y)^beta p^alpha log(1 - p)     elsewhere

    The first factor of each row is the focal loss', small where the network is right already; (1 - Y)^beta is small
    near a peak, where a detection would be almost as good. With alpha = beta = 0 it is binary cross-entropy.

    Args:
        heat_map: Y, (N, h, w, C) in [0, 1].
        logits: the same shape.
        alpha: of the focal factor.
        beta: of the reduced penalty.

    Returns:
        A number; without any peak the second row alone.
    """
    is_peak = ops.cast(heat_map >= 1.0, "float32")
    log_p = keras.ops.log_sigmoid(logits)
    log_not_p = log_p - logits  # log(1 - p)
    p = ops.sigmoid(logits)
    at_peaks = is_peak * ops.power(1 - p, alpha) * log_p
    elsewhere = (1 - is_peak) * ops.power(1 - heat_map, beta) * ops.power(p, alpha) * log_not_p
    return -ops.sum(at_peaks + elsewhere) / ops.maximum(ops.sum(is_peak), 1.0)
