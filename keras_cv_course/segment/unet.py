"""U-Net: a contracting path, an expanding path, and skip connections between them at every level.

Ronneberger, Fischer and Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015,
section 2 and figure 1.
"""

import keras

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class ConvolutionPair(keras.layers.Layer):
    """Two 3x3 convolutions, each followed by ReLU: one level of the U on either path.

    Args:
        filters: channels of both.
        padding: "valid" loses two pixels on every side of the map, "same" none.
        batch_norm: batch normalisation (momentum 0.9) between each convolution and its ReLU; the convolution then
            has no bias.

    Call:
        maps (N, H, W, C) -> (N, H - 4, W - 4, filters) with "valid", (N, H, W, filters) with "same".
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
        """(N, H, W, C) -> the shape of the maps; a side that is None, unknown, stays None."""
        batch, height, width, _ = input_shape
        lost = 4 if self.padding == "valid" else 0
        sides = (None if side is None else side - lost for side in (height, width))
        return (batch, *sides, self.filters)

    def get_config(self):
        own = dict(filters=self.filters, padding=self.padding, batch_norm=self.batch_norm)
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("keras_cv_course")
class UNet(keras.Model):
    """Levels of two convolutions: pooled on the way down, upsampled and joined with the skip on the way up.

    Trainable parameters with the defaults (no batch normalisation): 31,030,658 from one channel to two classes,
    31,033,045 from three to 21. An input of 572x572 pixels gives an output of 388x388: convolutions without
    padding have an output only where they see all of their window, and `overlap_tile` covers an image of any
    size with such outputs.

    Args:
        filters: channels of each level, from the top to the lowest.
        classes: number of classes.
        padding: "valid" as published, or "same": output as large as the input, zeros beyond the edge.
        batch_norm: not in the paper, but the usual way to train from scratch in little time.
        dropout: rate of the dropout on the lowest level's output ("at the end of the contracting path").
        names: of the classes, kept in the saved file for figures of its predictions; may be left out.

    Call:
        images (N, H, W, C) in [0, 1] -> logits (N, h, w, classes). "same": H and W multiples of
        2 ** (levels - 1), h = H, w = W. "valid": see `output_size`.

    Raises:
        InputError: an argument out of its range; at `build`, a size that does not fit.

    Example:
        >>> model = UNet.small(classes=4)
        >>> tuple(model(keras.ops.zeros((2, 64, 64, 3))).shape)
        (2, 64, 64, 4)
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
        upper = self.filters[-2::-1]  # from the level above the lowest to the top
        up = dict(kernel_size=2, strides=2, kernel_initializer="he_normal")
        self.upsample = [layers.Conv2DTranspose(count, **up) for count in upper]
        self.crops = [layers.Cropping2D(pixels) for pixels in self.skip_crops()]
        self.join = layers.Concatenate()
        self.up = [ConvolutionPair(count, **kind) for count in upper]
        self.classifier = layers.Conv2D(classes, 1, dtype="float32")

    @classmethod
    def small(cls, classes=10, **kwargs):
        """A small one for 64x64 images, output as large as the input."""
        sizes = dict(filters=(16, 32, 64, 128), padding="same", batch_norm=True, dropout=0.0)
        return cls(**{**sizes, "classes": classes, **kwargs})

    def skip_crops(self):
        """Pixels to crop from each skip connection on every side, from the lowest to the top.

        The lowest pair loses 2 pixels a side, and upsampling doubles them: 4 for the lowest skip. Each one above is
        c = 2 (c of the level below + 4): what is cropped there, and 2 pixels a side of that level's pair on either
        path, all doubled. The published network: 4, 16, 40, 88.

        Returns:
            A list of levels - 1 integers; all 0 with "same" padding.
        """
        pixels = []
        for _ in self.filters[1:]:
            pixels.append(2 * (pixels[-1] + 4) if pixels else 4)
        return pixels if self.padding == "valid" else [0 for _ in pixels]

    @property
    def margin(self):
        """Pixels by which the output is smaller than the input on every side: 92 in the published network."""
        return self.skip_crops()[-1] + 4 if self.padding == "valid" else 0

    def output_size(self, size):
        """Height or width of the output for an input of `size` pixels: size - 2 margin.

        Args:
            size: pixels.

        Raises:
            InputError: the size does not fit: a map would have an odd side where it is pooled, or none at all.
        """
        if not self._fits(size):
            fitting = [other for other in range(1, 2 * size + 400) if self._fits(other)]
            nearest = sorted(fitting, key=lambda other: abs(other - size))[:2]
            raise InputError(
                f"a U-Net of {len(self.filters)} levels with {self.padding} padding cannot take {size} "
                f"pixels; the nearest sizes are {' and '.join(map(str, sorted(nearest)))}: resize, or use "
                "overlap_tile"
            )
        return size - 2 * self.margin

    def tile_and_margin(self, min_tile):
        """Tile and margin for `overlap_tile`: the smallest tile of `min_tile` pixels or more.

        Tiles start a multiple of 2 ** (levels - 1) pixels apart, so that every window is pooled on the same grid:
        the tiles then have exactly the output of one pass over the whole image. (The paper's tiles of 388 pixels
        are 4 pixels off the grid of its pooling, 16.)

        Args:
            min_tile: pixels, 1 or more.

        Returns:
            (tile, margin) in pixels.
        """
        step = 2 ** (len(self.filters) - 1)
        tile = step * -(-min_tile // step)
        # With "same" padding, zeros beyond the window's edge reach up to 6 steps into it.
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
        """Images -> {name: feature map} of every level, 1 being the top.

        "down1" ... are the outputs of the contracting path's convolution pairs, before they are pooled; the lowest
        one is the output of the dropout behind it. "up1" ... are those of the expanding path; a level joins
        first the cropped skip, then the upsampled map. "features" is "up1" once more.
        """
        maps, level = {}, images
        for number, pair in enumerate(self.down, start=1):
            level = pair(self.pool(level) if number > 1 else level, training=training)
            if number == len(self.down):
                level = self.drop(level, training=training)
            maps[f"down{number}"] = level
        for number, (upsample, crop, pair) in enumerate(zip(self.upsample, self.crops, self.up), start=1):
            skip = crop(maps[f"down{len(self.down) - number}"])
            level = pair(self.join([skip, upsample(level)]), training=training)
            maps[f"up{len(self.down) - number}"] = level
        maps["features"] = level
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
