"""Cross-entropy of the pixels plus Dice: the one asks about every pixel, the other about every region.

Isensee et al., "nnU-Net", Nature Methods 2021, trains its U-Nets with this sum.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.losses.dice import DiceLoss


@keras.saving.register_keras_serializable("keras_cv_course")
class CrossEntropyDice(keras.losses.Loss):
    """Mean over the pixels of -log p(true class), plus a share of the Dice loss; void pixels count nowhere.

    Args:
        dice: weight of the Dice loss; 0 leaves it out.
        void: class of the pixels that do not count; None if all count.

    Call:
        masks (N, H, W) whole numbers, logits (N, H, W, classes) -> a number of 0 or more. Sample weights
        (N, H, W), such as `border_weights`, weigh the pixels' cross-entropy; Dice takes their mean.

    Raises:
        InputError: a negative weight.
    """

    def __init__(self, dice=1.0, void=255, name="cross_entropy_dice", **kwargs):
        super().__init__(name=name, **kwargs)
        if dice < 0:
            raise InputError(f"the weight of Dice must be 0 or more, got {dice}")
        self.dice, self.void = dice, void
        self.regions = DiceLoss(void=void)

    def call(self, masks, logits):
        masks, logits = ops.cast(masks, "int32"), ops.cast(logits, "float32")
        void = ops.zeros_like(masks, "bool") if self.void is None else masks == self.void
        counted = 1.0 - ops.cast(void, "float32")
        known = ops.where(void, 0, masks)
        pixels = counted * ops.sparse_categorical_crossentropy(known, logits, from_logits=True)
        # Keras divides by all pixels: as many as that, and not only those that count.
        pixels = pixels * ops.cast(ops.size(masks), "float32") / ops.maximum(ops.sum(counted), 1.0)
        return pixels + self.dice * self.regions.call(masks, logits) if self.dice else pixels

    def get_config(self):
        return {**super().get_config(), "dice": self.dice, "void": self.void}
