"""FCN: a classifier that slides over the picture, and a way back to its pixels.

Long, Shelhamer and Darrell, "Fully Convolutional Networks for Semantic Segmentation", CVPR 2015,
sections 3 and 4.
"""

import keras
import numpy as np

from keras_cv_course.classify.vgg import VGG
from keras_cv_course.errors import InputError
from keras_cv_course.layers.enlarging import Enlarging


def bilinear_kernel(factor):
    """The kernel of a transposed convolution that enlarges `factor` times by bilinear interpolation.

    k[i] = 1 - |i - c| / factor with c the kernel's middle, in both directions (section 3.3).

    Args:
        factor: pixels that one pixel becomes along each axis.

    Returns:
        (2 factor, 2 factor) float32; at stride `factor` every output pixel gets weights that sum to 1.
    """
    places = np.arange(2 * factor) + 0.5
    one = 1 - np.abs(places - factor) / factor
    return np.outer(one, one).astype("float32")


@keras.saving.register_keras_serializable("keras_cv_course")
class Bilinear(keras.initializers.Initializer):
    """Starts a transposed convolution as bilinear enlarging, each channel by itself.

    The kernel is (2 factor, 2 factor, out, in) with as many channels out as in.
    """

    def __call__(self, shape, dtype=None, **kwargs):
        rows, columns, outputs, inputs = shape
        if rows != columns or rows % 2 or outputs != inputs:
            raise InputError(
                "bilinear enlarging needs a square kernel of even size and as many channels out as in, "
                f"got {shape}"
            )
        kernel = bilinear_kernel(rows // 2)[:, :, None, None] * np.eye(outputs, dtype="float32")
        return keras.ops.cast(kernel, dtype or "float32")


@keras.saving.register_keras_serializable("keras_cv_course")
class FCN(keras.Model):
    """A VGG body, dense layers made convolutions, 1x1 scores, transposed convolutions back to full size.

    Stride 32 scores the last map only; 16 adds the scores of the map before it, 8 of one more. Each
    score is doubled and added to the finer one: the coarse map knows what, the fine one where.

    Trainable parameters of the published sizes (VGG16, 21 classes, no biases in the enlarging layers):
    FCN-32s 136,152,917, FCN-16s 134,815,994, FCN-8s 134,489,759. Unlike the paper's code, which pads
    the picture by 100 pixels and crops, all convolutions are padded ("same"), so that nothing has to be
    cropped.

    Args:
        stride: 32, 16 or 8 at five blocks: pixels that one pixel of the last score stands for. In
            general 2 ** blocks, half or a quarter of that.
        blocks: convolutions in each block of the body.
        filters: channels of each block.
        units: channels of the two dense layers that became convolutions.
        window: kernel of the first of them.
        dropout: share of their outputs that training drops.
        batch_norm: in the body; not in the paper.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], H and W multiples of 2 ** blocks -> logits (N, H, W, classes).

    Raises:
        InputError: an argument out of its range; at `build`, a size that does not fit.
    """

    def __init__(
        self,
        stride=8,
        blocks=(2, 2, 3, 3, 3),
        filters=(64, 128, 256, 512, 512),
        units=(4096, 4096),
        window=7,
        dropout=0.5,
        batch_norm=False,
        classes=21,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.stride = stride
        self.blocks = tuple(blocks)
        self.filters = tuple(filters)
        self.units = tuple(units)
        self.window = window
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.classes = classes
        whole = 2 ** len(self.blocks)
        if stride not in (whole, whole // 2, whole // 4) or stride < 2:
            raise InputError(
                f"with {len(self.blocks)} blocks the stride is {whole}, {whole // 2} or {whole // 4}, "
                f"got {stride}"
            )
        layers = keras.layers
        self.body = VGG(blocks, filters, units=(), batch_norm=batch_norm, classes=classes)
        kernels = (window,) + (1,) * (len(self.units) - 1)
        dense = dict(padding="same", activation="relu", kernel_initializer="he_normal")
        self.dense = [layers.Conv2D(count, size, **dense) for count, size in zip(self.units, kernels)]
        self.drop = layers.Dropout(dropout)
        # Scores are a matter of logits: float32 in mixed precision too.
        exact = dict(dtype="float32")
        fused = {whole: 0, whole // 2: 1, whole // 4: 2}[stride]
        self.fused = [f"pool{len(self.blocks) - number}" for number in range(1, fused + 1)]
        self.scores = [
            layers.Conv2D(classes, 1, kernel_initializer="zeros" if number else "glorot_uniform", **exact)
            for number in range(fused + 1)
        ]
        up = dict(use_bias=False, kernel_initializer=Bilinear(), **exact)
        self.enlarge = [Enlarging(classes, factor, **up) for factor in (*[2] * fused, stride)]

    @classmethod
    def small(cls, classes=10, **kwargs):
        """A small one for 64x64 images: four blocks, so that the strides are 16, 8 and 4."""
        sizes = dict(stride=4, blocks=(1, 2, 2, 2), filters=(16, 32, 64, 96), units=(128, 128), window=3)
        sizes |= dict(dropout=0.0, batch_norm=True)
        return cls(**{**sizes, "classes": classes, **kwargs})

    def build(self, input_shape):
        step = 2 ** len(self.blocks)
        sides = [step if side is None else side for side in input_shape[1:3]]
        for side in sides:
            if side < step or side % step:
                raise InputError(
                    f"height and width must be multiples of {step} for {len(self.blocks)} poolings, got "
                    f"{tuple(input_shape)}; resize or pad the images"
                )
        # One symbolic image through the whole network builds every layer.
        self.call(keras.KerasTensor((None, *sides, input_shape[-1])))
        self.built = True

    def endpoints(self, images, training=False):
        """Images -> {name: map}: the body's, and the fused scores: "score16" (16 pixels apart) ..."""
        maps = self.body.endpoints(images, training)
        features = maps["features"]
        for dense in self.dense:
            features = self.drop(dense(features), training=training)
        apart = 2 ** len(self.blocks)
        score = maps[f"score{apart}"] = self.scores[0](features)
        for name, finer, enlarge in zip(self.fused, self.scores[1:], self.enlarge):
            apart //= 2
            score = maps[f"score{apart}"] = enlarge(score) + finer(maps[name])
        maps["features"] = self.enlarge[-1](score)
        return maps

    def call(self, images, training=False):
        return self.endpoints(images, training)["features"]

    def get_config(self):
        return {
            **super().get_config(),
            "stride": self.stride,
            "blocks": self.blocks,
            "filters": self.filters,
            "units": self.units,
            "window": self.window,
            "dropout": self.dropout,
            "batch_norm": self.batch_norm,
            "classes": self.classes,
        }
