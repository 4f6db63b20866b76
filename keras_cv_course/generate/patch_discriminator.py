"""PatchGAN: every patch of an image is judged by itself.

Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial Networks",
CVPR 2017, section 3.2.2 and appendix; with instance normalisation in Zhu, Park, Isola and Efros, "Unpaired
Image-to-Image Translation Using Cycle-Consistent Adversarial Networks", ICCV 2017.
"""

import keras

from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.conventions import batch_norm, check_sizes, initial, to_signed
from keras_cv_course.layers.instance_normalization import InstanceNormalization


@keras.saving.register_keras_serializable("keras_cv_course")
class PatchDiscriminator(keras.Model):
    """Convolutions of 4x4, all but the last two of stride 2: one answer for each patch of 70x70 pixels.

    Trainable parameters of the defaults: 2,764,737 for 3 channels; 2,768,705 with norm="batch" for the 6
    channels of a pair of images.

    Args:
        filters: channels of the maps. The last one is of stride 1: (64, 128, 256, 512) judges 70x70 pixels,
            (64, 128, 256) 34x34, (64, 128) 16x16.
        norm: "instance" or "batch", behind every convolution but the first and the last.

    Call:
        images (N, H, W, C) in [0, 1], of any size from 2 ** (len(filters) + 1) on -> (N, h, w, 1) float32
        without a sigmoid: 256 pixels -> 30 answers.

    Raises:
        InputError: fewer than two filters or one below 1, an unknown norm; at `build`, too small an image.
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
        layers, after = keras.layers, self.filters[1:]
        self.halved = [
            # Batch normalisation has an offset of its own. Instance normalisation takes a bias away again,
            # but the published networks have it.
            layers.Conv2D(
                count, 4, 2, "same", kernel_initializer=initial(), use_bias=number == 0 or norm == "instance"
            )
            for number, count in enumerate(self.filters[:-1])
        ]
        # One pixel of zeros on every side: "same" would put two at the right and the bottom.
        self.pads = [layers.ZeroPadding2D(1) for _ in range(2)]
        self.last = layers.Conv2D(
            self.filters[-1], 4, kernel_initializer=initial(), use_bias=norm == "instance"
        )
        self.norms = [InstanceNormalization() if norm == "instance" else batch_norm() for _ in after]
        self.leaky = layers.LeakyReLU(0.2)
        self.answer = layers.Conv2D(1, 4, kernel_initializer=initial(), dtype="float32")

    def build(self, input_shape):
        least = 2 ** (len(self.filters) + 1)
        if any(side is not None and side < least for side in input_shape[1:3]):
            raise InputError(
                f"a PatchGAN of {len(self.filters)} filters takes images of {least} pixels or more, got "
                f"{tuple(input_shape)}: give it fewer filters"
            )
        sides = [least if side is None else side for side in input_shape[1:3]]
        self.call(keras.KerasTensor((None, *sides, input_shape[-1])))
        self.built = True

    def call(self, images, training=False):
        maps = self.leaky(self.halved[0](to_signed(images)))
        for convolution, norm in zip([*self.halved[1:], self.last], self.norms, strict=True):
            maps = self.pads[0](maps) if convolution is self.last else maps
            maps = self.leaky(norm(convolution(maps), training=training))
        return self.answer(self.pads[1](maps))

    def get_config(self):
        return {**super().get_config(), "filters": self.filters, "norm": self.norm}
