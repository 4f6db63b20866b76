"""The image pool: a discriminator is also trained on images that the generator made some time ago.

Shrivastava et al., "Learning from Simulated and Unsupervised Images through Adversarial Training", CVPR 2017,
section 2.3, as Zhu et al., ICCV 2017, section 4, use it: a pool of 50 images.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.random_state import RandomState


@keras.saving.register_keras_serializable("keras_cv_course")
class ImagePool(keras.layers.Layer):
    """Stores images; returns each new image or, with probability 1/2, a stored one in exchange for it.

    Until the pool is full, images are stored and returned. Then a new image is either returned, and not stored,
    or takes the place of a random stored one, which is returned instead. Within a batch no two images exchange
    with the same place, and images of one batch are not exchanged for each other; of a batch larger than the
    pool, the images beyond its size are returned and not stored. Images and random state are saved with the
    weights.

    Args:
        size: images in the pool; 0 for no pool.

    Call:
        images (N, H, W, C) of the size that the pool was built with -> (N, H, W, C). Without `training` they are
        returned unchanged.

    Raises:
        InputError: a size below 0; at `build`, images of free size.
    """

    def __init__(self, size=50, **kwargs):
        super().__init__(**kwargs)
        if size < 0:
            raise InputError(f"a pool holds 0 images or more, got {size}")
        self.size = size
        self.random = RandomState()

    def build(self, input_shape):
        if self.size:
            if None in input_shape[1:]:
                raise InputError(
                    f"a pool stores images of one size, got {tuple(input_shape)}: build it with one"
                )
            state = dict(initializer="zeros", trainable=False, autocast=False)
            shape = (self.size, *input_shape[1:])
            self.images = self.add_weight(shape, dtype="float32", name="images", **state)
            self.filled = self.add_weight((), dtype="int32", name="filled", **state)
        self.built = True

    def call(self, images, training=False):
        if not self.size or not training:
            return images
        new, beyond = ops.cast(images[: self.size], "float32"), images[self.size :]
        index = ops.arange(ops.shape(new)[0], dtype="int32")
        filled, places = ops.convert_to_tensor(self.filled), ops.arange(self.size, dtype="int32")
        free = self.size - filled
        # The places of the pool in random order, the empty ones last.
        keys = self.random.integers((self.size,), 2**24) + 2**24 * ops.cast(places >= filled, "int32")
        order = ops.argsort(keys)
        fills = index < free
        place = ops.where(fills, filled + index, ops.take(order, ops.maximum(index - free, 0)))
        swaps = self.random.integers(ops.shape(index), 2) == 1
        old = ops.take(ops.convert_to_tensor(self.images), place, axis=0)
        stored = ops.where((fills | swaps)[:, None, None, None], new, old)
        returned = ops.where((fills | ~swaps)[:, None, None, None], new, old)
        self.images.assign(ops.scatter_update(self.images, place[:, None], stored))
        self.filled.assign(ops.minimum(filled + ops.shape(index)[0], self.size))
        return ops.concatenate([ops.cast(returned, images.dtype), beyond], axis=0)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "size": self.size}
