"""Learning rates that change during a training.

Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017, eq. 5;
Goyal et al., "Accurate, Large Minibatch SGD", arXiv:1706.02677, section 2.2 (warm-up);
Zhu et al., "Unpaired Image-to-Image Translation Using Cycle-Consistent Adversarial Networks", ICCV 2017,
section 4.
"""

import keras
from keras import ops

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


def adam_with_warmup(learning_rate, steps, **options):
    """Adam whose rate warms up to `learning_rate` and then falls to zero; see `warmup_cosine`.

    Args:
        learning_rate: the highest rate.
        steps: number of steps of the whole training: epochs times batches an epoch.
        **options: further arguments of `keras.optimizers.Adam`, such as beta_2.

    Raises:
        InputError: as `warmup_cosine`.
    """
    return keras.optimizers.Adam(warmup_cosine(learning_rate, steps), **options)


@keras.saving.register_keras_serializable("keras_cv_course")
class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Constant at first, then falling to 0 in a straight line (Zhu et al., ICCV 2017, section 4: 100 epochs
    each).

    rate until step `constant`, then rate * (steps - step) / (steps - constant), and 0 from `steps` on.

    Args:
        rate: the rate of the first part.
        constant: steps of the first part.
        steps: steps of both parts.

    Raises:
        InputError: a first part that is not shorter than both.
    """

    def __init__(self, rate, constant, steps):
        if not 0 <= constant < steps:
            raise InputError(f"constant must be from 0 to below steps, got {constant} and {steps}")
        self.rate, self.constant, self.steps = rate, constant, steps

    def __call__(self, step):
        left = (self.steps - ops.cast(step, "float32")) / (self.steps - self.constant)
        return self.rate * ops.clip(left, 0.0, 1.0)

    def get_config(self):
        return {"rate": self.rate, "constant": self.constant, "steps": self.steps}
