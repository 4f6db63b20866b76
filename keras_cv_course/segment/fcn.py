"""FCN: a classification network made fully convolutional, and skip connections back to the pixels.

Long, Shelhamer and Darrell, "Fully Convolutional Networks for Semantic Segmentation", CVPR 2015, sections 3 and
4; Shelhamer, Long and Darrell, the same title, PAMI 39(4), 2017.
"""

import keras
import numpy as np

from keras_cv_course.classify.vgg import VGG
from keras_cv_course.errors import InputError
from keras_cv_course.layers.upsampling_conv2d import UpsamplingConv2D


def bilinear_kernel(factor):
    """The kernel of a transposed convolution that upsamples by bilinear interpolation (section 3.3).

    Along one axis it is k[i] = 1 - |i + 1/2 - factor| / factor for i = 0 ... 2 factor - 1; the square kernel is the
    outer product of two of them.

    Args:
        factor: the stride: height and width grow by this factor.

    Returns:
        (2 factor, 2 factor) float32; at stride `factor` the weights of every output pixel sum to 1.
    """
    places = np.arange(2 * factor) + 0.5
    one = 1 - np.abs(places - factor) / factor
    return np.outer(one, one).astype("float32")


@keras.saving.register_keras_serializable("keras_cv_course")
class Bilinear(keras.initializers.Initializer):
    """Initialises a transposed convolution as bilinear interpolation of each channel by itself.

    Call:
        shape (2 factor, 2 factor, channels, channels) of the kernel -> the kernel: [:, :, c, c] is
        `bilinear_kernel(factor)` for every channel c, all else is 0.

    Raises:
        InputError: a kernel that is not square, of odd size, or with other channels out than in.
    """

    def __call__(self, shape, dtype=None, **kwargs):
        rows, columns, outputs, inputs = shape
        if rows != columns or rows % 2 or outputs != inputs:
            raise InputError(
                "bilinear upsampling needs a square kernel of even size and as many channels out as in, "
                f"got {shape}"
            )
        kernel = bilinear_kernel(rows // 2)[:, :, None, None] * np.eye(outputs, dtype="float32")
        return keras.ops.cast(kernel, dtype or "float32")


@keras.saving.register_keras_serializable("keras_cv_course")
class FCN(keras.Model):
    """A VGG body, its dense layers as convolutions, 1x1 scores, and transposed convolutions to full size.

    At stride 32 only the last map is scored. Stride 16 upsamples these scores by 2 and adds those of the pooling
    layer before (pool4); stride 8 does so once more (pool3). Coarse maps see more of the image, fine ones know
    better where things are.

    Trainable parameters of VGG16 with 21 classes and learned upsampling: FCN-32s 136,152,917, FCN-16s
    134,815,994, FCN-8s 134,489,759. As in the PAMI paper, the last upsampling is fixed to bilinear interpolation
    (FCN-8s: 134,376,863 trainable), the ones before start bilinear and learn, and the scores of the skip
    connections start at zero. Unlike the paper's program, which pads the image by 100 pixels and crops, all
    convolutions have "same" padding; its first score starts at zero too, which needs a pretrained body.

    Args:
        stride: 32, 16 or 8 with five blocks: pixels from one of the finest scores to the next. In general
            2 ** blocks, half or a quarter of that.
        blocks: convolutions in each block of the body; a 2x2 pooling follows each block.
        filters: channels of each block.
        head_filters: channels of the dense layers that became convolutions.
        head_kernel: kernel size of the first of them; the others are 1x1.
        dropout: rate of the dropout behind each of them.
        batch_norm: batch normalisation in the body; not in the paper.
        learn_last: let the last upsampling learn, too.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], H and W multiples of 2 ** blocks -> logits (N, H, W, classes).

    Raises:
        InputError: an argument out of its range; at `build`, a size that does not fit.

    Example:
        >>> model = FCN.small(classes=4)
        >>> tuple(model(keras.ops.zeros((2, 64, 64, 3))).shape)
        (2, 64, 64, 4)
    """

    def __init__(
        self,
        stride=8,
        blocks=(2, 2, 3, 3, 3),
        filters=(64, 128, 256, 512, 512),
        head_filters=(4096, 4096),
        head_kernel=7,
        dropout=0.5,
        batch_norm=False,
        learn_last=False,
        classes=21,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.stride = stride
        self.blocks = tuple(blocks)
        self.filters = tuple(filters)
        self.head_filters = tuple(head_filters)
        self.head_kernel = head_kernel
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.learn_last = learn_last
        self.classes = classes
        coarsest = 2 ** len(self.blocks)
        if stride not in (coarsest, coarsest // 2, coarsest // 4) or stride < 2:
            raise InputError(
                f"with {len(self.blocks)} blocks the stride must be {coarsest}, {coarsest // 2} or "
                f"{coarsest // 4}, got {stride}"
            )
        layers = keras.layers
        self.body = VGG(blocks, filters, units=(), batch_norm=batch_norm, classes=classes)
        kernels = (head_kernel,) + (1,) * (len(self.head_filters) - 1)
        conv = dict(padding="same", activation="relu", kernel_initializer="he_normal")
        self.head = [layers.Conv2D(count, size, **conv) for count, size in zip(self.head_filters, kernels)]
        self.drop = layers.Dropout(dropout)
        # Logits stay float32 in mixed precision, too.
        exact = dict(dtype="float32")
        skips = {coarsest: 0, coarsest // 2: 1, coarsest // 4: 2}[stride]
        self.skips = [f"pool{len(self.blocks) - number}" for number in range(1, skips + 1)]
        self.scores = [
            layers.Conv2D(classes, 1, kernel_initializer="zeros" if number else "glorot_uniform", **exact)
            for number in range(skips + 1)
        ]
        up = dict(use_bias=False, kernel_initializer=Bilinear(), **exact)
        self.upsample = [UpsamplingConv2D(classes, factor, **up) for factor in (*[2] * skips, stride)]
        self.upsample[-1].trainable = learn_last

    @classmethod
    def small(cls, classes=10, **kwargs):
        """A small one for 64x64 images: four blocks, so that the strides are 16, 8 and 4."""
        sizes = dict(stride=4, blocks=(1, 2, 2, 2), filters=(16, 32, 64, 96), head_filters=(128, 128))
        sizes |= dict(head_kernel=3, dropout=0.0, batch_norm=True)
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
        """Images -> {name: map}: the body's maps, the scores, and the logits.

        "pool1" ... are the body's pooling layers, as `VGG.endpoints` gives them, its "features" the last of them.
        "score32", "score16", "score8" (with five blocks) are the scores so many pixels apart, (N, H / 32, W / 32,
        classes) ...; as many as the stride asks for. Each finer one is the one before, upsampled by 2, plus the
        1x1 score of the pooling layer of that size. "logits" is the finest, upsampled to full size.
        """
        maps = self.body.endpoints(images, training)
        features = maps["features"]
        for convolution in self.head:
            features = self.drop(convolution(features), training=training)
        apart = 2 ** len(self.blocks)
        score = maps[f"score{apart}"] = self.scores[0](features)
        for name, finer, upsample in zip(self.skips, self.scores[1:], self.upsample):
            apart //= 2
            score = maps[f"score{apart}"] = upsample(score) + finer(maps[name])
        maps["logits"] = self.upsample[-1](score)
        return maps

    def call(self, images, training=False):
        return self.endpoints(images, training)["logits"]

    def get_config(self):
        return {
            **super().get_config(),
            "stride": self.stride,
            "blocks": self.blocks,
            "filters": self.filters,
            "head_filters": self.head_filters,
            "head_kernel": self.head_kernel,
            "dropout": self.dropout,
            "batch_norm": self.batch_norm,
            "learn_last": self.learn_last,
            "classes": self.classes,
        }
