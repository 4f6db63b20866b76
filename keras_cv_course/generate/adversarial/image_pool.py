"""The image pool: a discriminator that also meets the fakes of some time ago forgets less.

Shrivastava et al., "Learning from Simulated and Unsupervised Images through Adversarial Training",
CVPR 2017, section 2.3; as in CycleGAN, section 4: the 50 last images, half of the answers from them.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.random_state import RandomState


@keras.saving.register_keras_serializable("keras_cv_course")
class ImagePool(keras.layers.Layer):
    """Keeps images; for each new one it gives back that one or, every other time, swaps it for an old one.

    Until the pool is full, images are kept and given back. Then, with probability 1/2, an image takes the
    place of a random one of the pool, which is given back in its stead. Within a batch no two meet the same
    place, and images of one batch are not swapped for each other; of a batch larger than the pool, the rest
    passes by. Images and chance are saved with the weights.

    Args:
        size: images in the pool; 0 for no pool.

    Call:
        images (N, H, W, C) of the size that the pool was built with -> (N, H, W, C). Without `training` they
        pass by.

    Raises:
        InputError: a size below 0; at `build`, images of free size.
    """

    def __init__(self, size=50, **kwargs):
        super().__init__(**kwargs)
        if size < 0:
            raise InputError(f"a pool is of 0 images or more, got {size}")
        self.size = size
        self.chance = RandomState()

    def build(self, input_shape):
        if self.size:
            if None in input_shape[1:]:
                raise InputError(
                    f"a pool keeps images of one size, got {tuple(input_shape)}: build it with one"
                )
            kept = dict(initializer="zeros", trainable=False, autocast=False)
            self.images = self.add_weight(
                (self.size, *input_shape[1:]), dtype="float32", name="images", **kept
            )
            self.filled = self.add_weight((), dtype="int32", name="filled", **kept)
        self.built = True

    def call(self, images, training=False):
        if not self.size or not training:
            return images
        new, passing = ops.cast(images[: self.size], "float32"), images[self.size :]
        index = ops.arange(ops.shape(new)[0], dtype="int32")
        filled, places = ops.convert_to_tensor(self.filled), ops.arange(self.size, dtype="int32")
        room = self.size - filled
        # The places of the pool in random order, the empty ones last.
        order = ops.argsort(
            self.chance.whole((self.size,), 2**24) + 2**24 * ops.cast(places >= filled, "int32")
        )
        fresh = index < room
        place = ops.where(fresh, filled + index, ops.take(order, ops.maximum(index - room, 0)))
        swap = self.chance.whole(ops.shape(index), 2) == 1
        old = ops.take(ops.convert_to_tensor(self.images), place, axis=0)
        kept = ops.where((fresh | swap)[:, None, None, None], new, old)
        given = ops.where((fresh | ~swap)[:, None, None, None], new, old)
        self.images.assign(ops.scatter_update(self.images, place[:, None], kept))
        self.filled.assign(ops.minimum(filled + ops.shape(index)[0], self.size))
        return ops.concatenate([ops.cast(given, images.dtype), passing], axis=0)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "size": self.size}
