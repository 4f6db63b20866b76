"""PatchGAN: a discriminator with one output for each patch of an image.

Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial Networks", CVPR 2017, section
3.2.2 and appendix 6.1.2; with instance normalisation in Zhu, Park, Isola and Efros, "Unpaired Image-to-Image
Translation Using Cycle-Consistent Adversarial Networks", ICCV 2017, appendix 7.2.
"""

import keras

from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.conventions import (
    batch_norm,
    check_sizes,
    normal_weights,
    to_signed,
)
from keras_cv_course.layers.instance_normalization import InstanceNormalization


@keras.saving.register_keras_serializable("keras_cv_course")
class PatchDiscriminator(keras.Model):
    """4x4 convolutions, all but the last two of stride 2: one output for each patch of 70x70 pixels.

    The image is brought to [-1, 1] first. Leaky ReLU of slope 0.2 follows every convolution but the last, and a
    norm stands before it except in the first. The appendix gives stride 2 to all of C64-C128-C256-C512; a patch
    of 70x70 pixels, 30x30 outputs for 256x256 and the authors' programs need stride 1 in the last two
    convolutions, each with one pixel of zeros around its input.

    Trainable parameters of the defaults: 2,764,737 for 3 channels; 2,768,705 with norm="batch" for the 6 channels
    of a pair of images.

    Args:
        filters: channels of the maps. The last one is of stride 1: (64, 128, 256, 512) has patches of 70x70
            pixels, (64, 128, 256) of 34x34, (64, 128) of 16x16.
        norm: "instance" or "batch", behind every convolution but the first and the last.

    Call:
        images (N, H, W, C) in [0, 1], of any size from 2 ** (len(filters) + 1) on -> (N, h, w, 1) float32 without a
        sigmoid: 256x256 pixels -> 30x30 outputs, 32x32 with three filters -> 6x6.

    Raises:
        InputError: fewer than two filters or one below 1, an unknown norm; at `build`, too small an image.

    Example:
        >>> model = PatchDiscriminator((24, 48, 64))
        >>> tuple(model(keras.ops.zeros((2, 32, 32, 3))).shape)
        (2, 6, 6, 1)
    """

    def __init__(self, filters=(64, 128, 256, 512), norm="instance", **kwargs):
        super().__init__(**kwargs)
        self.filters, self.norm = tuple(filters), norm
        check_sizes(filters=self.filters)
        if len(self.filters) < 2 or norm not in ("instance", "batch"):
            raise InputError(
                f'filters must be two numbers or more and norm "instance" or "batch", got {self.filters} and '
                f"{norm!r}"
            )
        # Batch normalisation has an offset of its own. Instance normalisation takes a bias away again, but the
        # published networks have it.
        biased = norm == "instance"

        def conv(channels, strides=1, padding="valid", bias=True, **named):
            named |= dict(use_bias=bias, kernel_initializer=normal_weights())
            return keras.layers.Conv2D(channels, 4, strides, padding, **named)

        first, *middle, last = self.filters
        self.downsampling = [conv(first, 2, "same"), *(conv(count, 2, "same", biased) for count in middle)]
        # One pixel of zeros on every side: "same" would put two at the right and the bottom.
        self.pads = [keras.layers.ZeroPadding2D(1) for _ in range(2)]
        self.last = conv(last, bias=biased)
        self.norms = [
            InstanceNormalization() if norm == "instance" else batch_norm() for _ in self.filters[1:]
        ]
        self.leaky = keras.layers.LeakyReLU(0.2)
        self.to_logits = conv(1, dtype="float32")

    def build(self, input_shape):
        smallest = 2 ** (len(self.filters) + 1)
        if any(side is not None and side < smallest for side in input_shape[1:3]):
            raise InputError(
                f"a PatchGAN of {len(self.filters)} filters takes images of {smallest} pixels or more, got "
                f"{tuple(input_shape)}: give it fewer filters"
            )
        sides = [smallest if side is None else side for side in input_shape[1:3]]
        self.call(keras.KerasTensor((None, *sides, input_shape[-1])))
        self.built = True

    def call(self, images, training=False):
        maps = self.leaky(self.downsampling[0](to_signed(images)))
        for convolution, norm in zip([*self.downsampling[1:], self.last], self.norms, strict=True):
            maps = self.pads[0](maps) if convolution is self.last else maps
            maps = self.leaky(norm(convolution(maps), training=training))
        return self.to_logits(self.pads[1](maps))

    def get_config(self):
        return {**super().get_config(), "filters": self.filters, "norm": self.norm}
