"""A learning rate that is constant at first and then falls to 0 in a straight line.

Zhu et al., "Unpaired Image-to-Image Translation Using Cycle-Consistent Adversarial Networks", ICCV 2017,
section 4: 100 epochs of either.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """rate until step `constant`, then rate * (steps - step) / (steps - constant), and 0 from `steps` on.

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
