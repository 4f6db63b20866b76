"""Dice loss: how little the predicted and the true region overlap, whatever their size.

Milletari, Navab and Ahmadi, "V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image
Segmentation", 3DV 2016, section 3; with sums in place of the sums of squares in the denominator.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class DiceLoss(keras.losses.Loss):
    """1 minus the mean over classes c of (2 sum p_c t_c + s) / (sum p_c + sum t_c + s).

    p_c is the softmax of the logits, t_c is 1 on the pixels of class c and 0 elsewhere, s is `smooth`; the sums run
    over all pixels of the batch that are not void. A class that is missing from one image but not from the batch
    does no harm, and one that is nowhere and predicted nowhere has Dice 1.

    Args:
        void: class of the pixels that do not count; None if all count.
        smooth: keeps the fraction of an empty class defined.

    Call:
        masks (N, H, W) integers, logits (N, H, W, classes) -> a number in [0, 1].

    Raises:
        InputError: a smooth that is not positive.
    """

    def __init__(self, void=255, smooth=1.0, name="dice", **kwargs):
        super().__init__(name=name, **kwargs)
        if smooth <= 0:
            raise InputError(f"smooth keeps the fraction of an empty class defined: positive, got {smooth}")
        self.void, self.smooth = void, smooth

    def call(self, masks, logits):
        classes = logits.shape[-1]
        masks = ops.cast(masks, "int32")
        counted = ops.ones_like(masks) if self.void is None else ops.cast(masks != self.void, "int32")
        counted = ops.cast(counted, "float32")[..., None]
        truth = ops.one_hot(masks, classes, dtype="float32") * counted
        predicted = ops.softmax(ops.cast(logits, "float32"), axis=-1) * counted
        pixels = (0, 1, 2)  # of the whole batch
        shared = ops.sum(truth * predicted, axis=pixels)
        both = ops.sum(truth, axis=pixels) + ops.sum(predicted, axis=pixels)
        return 1.0 - ops.mean((2.0 * shared + self.smooth) / (both + self.smooth))

    def get_config(self):
        return {**super().get_config(), "void": self.void, "smooth": self.smooth}
