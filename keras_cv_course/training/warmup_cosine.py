"""A learning rate that starts small, peaks early and ends at zero.

Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017, eq. 5;
the warm-up is that of Goyal et al., "Accurate, Large Minibatch SGD", arXiv:1706.02677, section 2.2.
"""

import keras

from keras_cv_course.errors import InputError


def warmup_cosine(peak, steps, warmup=0.1):
    """Linear warm-up to the peak, then half a cosine down to zero.

    Args:
        peak: the highest learning rate.
        steps: number of steps of the whole training: epochs times batches an epoch.
        warmup: share of the steps spent on the way up.

    Returns:
        A `keras.optimizers.schedules.LearningRateSchedule`.

    Raises:
        InputError: the peak is not a positive number, or there are no steps.
    """
    if not 0 < peak < float("inf"):
        raise InputError(f"the peak learning rate must be a positive number, got {peak:g}")
    if steps < 1:
        raise InputError(f"there is nothing to train: epochs must be at least 1, got {steps} steps in all")
    up = max(1, round(warmup * steps))
    return keras.optimizers.schedules.CosineDecay(
        0.0, decay_steps=max(1, steps - up), warmup_target=peak, warmup_steps=up
    )
