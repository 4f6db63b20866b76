"""Cross-entropy plus Dice: the first term counts pixels, the second regions, whatever their size.

Isensee, Jaeger, Kohl, Petersen and Maier-Hein, "nnU-Net: a self-configuring method for deep learning-based
biomedical image segmentation", Nature Methods 18, 2021, trains its U-Nets with this sum.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.losses.dice import DiceLoss


@keras.saving.register_keras_serializable("keras_cv_course")
class CrossEntropyDice(keras.losses.Loss):
    """Mean of -log p(true class) over the pixels that are not void (0 where all are), plus a multiple of Dice.

    Args:
        dice: weight of the Dice loss; 0 leaves it out.
        void: class of the pixels that do not count; None if all count.

    Call:
        masks (N, H, W) integers, logits (N, H, W, classes) -> a number of 0 or more. It takes `sample_weight`
        (N, H, W), such as `border_weights`: they weigh the pixels' cross-entropy, and Dice is multiplied by their
        mean. For this, the method `call` returns one number a pixel, (N, H, W), whose mean over all pixels, void
        ones too, is the loss: Keras multiplies by the weights and takes that mean.

    Raises:
        InputError: a negative weight of Dice.
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
        # Keras divides by the number of all pixels; the mean is over those that count.
        pixels = pixels * ops.cast(ops.size(masks), "float32") / ops.maximum(ops.sum(counted), 1.0)
        return pixels + self.dice * self.regions.call(masks, logits) if self.dice else pixels

    def get_config(self):
        return {**super().get_config(), "dice": self.dice, "void": self.void}
