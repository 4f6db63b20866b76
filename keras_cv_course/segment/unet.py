"""U-Net: down to what, up to where, and a bridge on every floor.

Ronneberger, Fischer and Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation",
MICCAI 2015, figure 1.
"""

import keras

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class ConvolutionPair(keras.layers.Layer):
    """Two 3x3 convolutions, each with ReLU: one floor of the U.

    Args:
        filters: channels of both.
        padding: "valid" loses two pixels on every side of the map, "same" none.
        batch_norm: batch normalisation behind each convolution, whose bias it replaces.
    """

    def __init__(self, filters, padding="valid", batch_norm=False, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.padding, self.batch_norm = filters, padding, batch_norm
        conv = dict(padding=padding, use_bias=not batch_norm, kernel_initializer="he_normal")
        self.convolutions = [keras.layers.Conv2D(filters, 3, **conv) for _ in range(2)]
        norm = keras.layers.BatchNormalization if batch_norm else keras.layers.Identity
        self.norms = [norm(momentum=0.9) if batch_norm else norm() for _ in range(2)]
        self.relu = keras.layers.ReLU()

    def build(self, input_shape):
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def call(self, maps, training=False):
        for convolution, norm in zip(self.convolutions, self.norms):
            maps = self.relu(norm(convolution(maps), training=training))
        return maps

    def compute_output_shape(self, input_shape):
        batch, height, width, _ = input_shape
        lost = 4 if self.padding == "valid" else 0
        sides = (None if side is None else side - lost for side in (height, width))
        return (batch, *sides, self.filters)

    def get_config(self):
        own = dict(filters=self.filters, padding=self.padding, batch_norm=self.batch_norm)
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("keras_cv_course")
class UNet(keras.Model):
    """Floors of two convolutions, pooled on the way down, doubled on the way up, joined across.

    Trainable parameters of the defaults (no batch normalisation): 31,030,658 from one channel to two
    classes, 31,033,045 from three to 21. 572x572 pixels come out as 388x388: unpadded convolutions answer
    only where they saw everything, and `overlap_tile` covers a picture of any size with such answers.

    Args:
        filters: channels of each floor, from the top to the bottom of the U.
        classes: number of classes.
        padding: "valid" as published, or "same": as large out as in, with zeros beyond the edge.
        batch_norm: not in the paper, but the usual way to train from scratch in little time.
        dropout: share of the lowest floor's outputs that training drops ("at the end of the contracting
            path").
        names: of the classes, kept in the saved file for whoever draws its answers; may be left out.

    Call:
        images (N, H, W, C) in [0, 1] -> logits (N, h, w, classes). "same": H and W multiples of
        2 ** (floors - 1), h = H, w = W. "valid": see `output_size`.

    Raises:
        InputError: an argument out of its range; at `build`, a size that does not fit.
    """

    def __init__(
        self,
        filters=(64, 128, 256, 512, 1024),
        classes=2,
        padding="valid",
        batch_norm=False,
        dropout=0.5,
        names=(),
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = tuple(filters)
        self.classes = classes
        self.padding = padding
        self.batch_norm = batch_norm
        self.dropout = dropout
        self.names = tuple(names)
        if len(self.filters) < 2 or min(*self.filters, classes) < 1:
            raise InputError(
                f"filters must be two or more numbers of 1 or more, and classes 1 or more; got "
                f"{self.filters} and {classes}"
            )
        if padding not in ("valid", "same"):
            raise InputError(f'padding must be "valid" or "same", got {padding!r}')
        if self.names and len(self.names) != classes:
            raise InputError(f"there must be a name for each of {classes} classes, got {len(self.names)}")

        layers, kind = keras.layers, dict(padding=padding, batch_norm=batch_norm)
        self.down = [ConvolutionPair(count, **kind) for count in self.filters]
        self.pool = layers.MaxPooling2D(2)
        self.drop = layers.Dropout(dropout)
        upper = self.filters[-2::-1]  # from the floor above the lowest to the top
        up = dict(kernel_size=2, strides=2, kernel_initializer="he_normal")
        self.doubled = [layers.Conv2DTranspose(count, **up) for count in upper]
        self.crops = [layers.Cropping2D(pixels) for pixels in self.cropped()]
        self.join = layers.Concatenate()
        self.up = [ConvolutionPair(count, **kind) for count in upper]
        self.classifier = layers.Conv2D(classes, 1, dtype="float32")

    @classmethod
    def small(cls, classes=10, **kwargs):
        """A small one for 64x64 images, as large out as in."""
        sizes = dict(filters=(16, 32, 64, 128), padding="same", batch_norm=True, dropout=0.0)
        return cls(**{**sizes, "classes": classes, **kwargs})

    def cropped(self):
        """Pixels that each bridge loses on every side, from the lowest to the top: 4, 16, 40, 88 in the
        paper.

        Two unpadded convolutions lose 2 pixels a side below the bridge, twice that once they are doubled;
        what was lost on the floor below counts double too: c = 2 (c below + 2 + 2).
        """
        pixels = []
        for _ in self.filters[1:]:
            pixels.append(2 * (pixels[-1] + 4) if pixels else 4)
        return pixels if self.padding == "valid" else [0 for _ in pixels]

    @property
    def margin(self):
        """Pixels by which the answer is smaller than the picture on every side: 92 in the paper."""
        return self.cropped()[-1] + 4 if self.padding == "valid" else 0

    def output_size(self, size):
        """Pixels of the answer along one axis.

        Raises:
            InputError: the picture does not fit: a map would be of odd size where it is pooled, or of none.
        """
        if not self._fits(size):
            fitting = [other for other in range(1, 2 * size + 400) if self._fits(other)]
            nearest = sorted(fitting, key=lambda other: abs(other - size))[:2]
            raise InputError(
                f"a U-Net of {len(self.filters)} floors, {self.padding} padding, cannot take {size} "
                f"pixels; the nearest sizes are {' and '.join(map(str, sorted(nearest)))}: resize, or use "
                "overlap_tile"
            )
        return size - 2 * self.margin

    def tile(self, least):
        """Tile and margin for `overlap_tile`: the smallest tile of `least` pixels or more.

        Tiles lie a multiple of the lowest floor's pixels apart, and so every window is pooled in the same
        step: tiles then answer exactly what one pass over the whole picture does. (The paper's tiles of 388
        pixels are 4 out of step with pools of 16.)

        Args:
            least: pixels, 1 or more.

        Returns:
            (tile, margin) in pixels.
        """
        step = 2 ** (len(self.filters) - 1)
        tile = step * -(-least // step)
        # Up to 6 steps from a padded window's edge a pixel has seen zeros.
        margin = self.margin or 6 * step
        while not self._fits(tile + 2 * margin):
            margin += 1
        return tile, margin

    def _fits(self, size):
        if size <= 2 * self.margin:
            return False
        lost = 4 if self.padding == "valid" else 0
        for _ in self.filters[1:]:
            size -= lost
            if size < 2 or size % 2:
                return False
            size //= 2
        return size > lost

    def build(self, input_shape):
        known = next(size for size in range(1, 10_000) if self._fits(size))
        sides = [known if side is None else side for side in input_shape[1:3]]
        for side in sides:
            self.output_size(side)
        # One symbolic image through the whole network builds every layer.
        self.call(keras.KerasTensor((None, *sides, input_shape[-1])))
        self.built = True

    def endpoints(self, images, training=False):
        """Images -> {name: feature map}: "down1" at the top ... and "up1" ..., the last "features" too."""
        maps, floor = {}, images
        for number, pair in enumerate(self.down, start=1):
            floor = pair(self.pool(floor) if number > 1 else floor, training=training)
            if number == len(self.down):
                floor = self.drop(floor, training=training)
            maps[f"down{number}"] = floor
        for number, (doubled, crop, pair) in enumerate(zip(self.doubled, self.crops, self.up), start=1):
            bridge = crop(maps[f"down{len(self.down) - number}"])
            floor = pair(self.join([bridge, doubled(floor)]), training=training)
            maps[f"up{len(self.down) - number}"] = floor
        maps["features"] = floor
        return maps

    def call(self, images, training=False):
        return self.classifier(self.endpoints(images, training)["features"])

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "classes": self.classes,
            "padding": self.padding,
            "batch_norm": self.batch_norm,
            "dropout": self.dropout,
            "names": self.names,
        }
