"""Dice loss: how little the predicted and the true region overlap, whatever their size.

Milletari, Navab and Ahmadi, "V-Net", 3DV 2016, section 3 (with the sum in place of the squares below the
line).
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class DiceLoss(keras.losses.Loss):
    """1 - mean over classes of 2 |P and T| / (|P| + |T|), with P the softmax of logits and T the truth.

    Counted over the whole batch, so that a class that is missing from one picture does no harm. A class that
    is in no picture of the batch and predicted nowhere has Dice 1.

    Args:
        void: class of the pixels that do not count; None if all count.
        smooth: added above and below the line: keeps an empty class defined.

    Call:
        masks (N, H, W) whole numbers, logits (N, H, W, classes) -> a number in [0, 1].

    Raises:
        InputError: a smooth that is not positive.
    """

    def __init__(self, void=255, smooth=1.0, name="dice", **kwargs):
        super().__init__(name=name, **kwargs)
        if smooth <= 0:
            raise InputError(f"smooth keeps an empty class defined and must be positive, got {smooth}")
        self.void, self.smooth = void, smooth

    def call(self, masks, logits):
        classes = logits.shape[-1]
        masks = ops.cast(masks, "int32")
        counted = ops.ones_like(masks) if self.void is None else ops.cast(masks != self.void, "int32")
        counted = ops.cast(counted, "float32")[..., None]
        truth = ops.one_hot(masks, classes, dtype="float32") * counted
        predicted = ops.softmax(ops.cast(logits, "float32"), axis=-1) * counted
        every = (0, 1, 2)
        shared = ops.sum(truth * predicted, axis=every)
        both = ops.sum(truth, axis=every) + ops.sum(predicted, axis=every)
        return 1.0 - ops.mean((2.0 * shared + self.smooth) / (both + self.smooth))

    def get_config(self):
        return {**super().get_config(), "void": self.void, "smooth": self.smooth}
