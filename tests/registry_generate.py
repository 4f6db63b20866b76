"""The models that make pictures, each in a small configuration.

No dropout: neither a reload nor XLA draws the masks that the uninterrupted run draws. Two players do not both
win: of six images of noise DCGAN's discriminator learns the last pixel, and the sum of the losses rises.
`overfit` says there how far, before something has run away.
"""

import numpy as np

from keras_cv_course.generate.cyclegan import CycleGAN, ResidualGenerator
from keras_cv_course.generate.dcgan import DCGAN, DCGANDiscriminator, DCGANGenerator
from keras_cv_course.generate.patch_discriminator import PatchDiscriminator
from keras_cv_course.generate.pix2pix import Pix2Pix, UNetGenerator
from tests.harness import Case

_rng = np.random.default_rng(20261122)
_noise = _rng.uniform(-1, 1, (6, 5)).astype("float32")
_images = _rng.random((6, 8, 12, 2), dtype="float32")
_pictures = _rng.random((4, 8, 8, 2), dtype="float32")
_wider = _rng.random((2, 16, 24, 2), dtype="float32")
_verdicts = np.array([[1], [0], [1], [0], [0], [1]], dtype="float32")


def _from_logits():
    import keras

    return keras.losses.BinaryCrossentropy(from_logits=True)


CASES = {
    "dcgan_generator": Case(
        make=lambda: DCGANGenerator((8, 12, 2), latent=5, filters=(12, 8)),
        inputs=_noise,
        targets=_images,
        loss="mse",
        signature=(None, 5),
        published={
            "64 pixels, 64 filters": (DCGANGenerator, (None, 100), 3_576_704),
            "figure 1": (lambda: DCGANGenerator(filters=(1024, 512, 256, 128)), (None, 100), 12_658_432),
        },
    ),
    "dcgan_discriminator": Case(
        make=lambda: DCGANDiscriminator((8, 12, 2), filters=(8, 12)),
        inputs=_images,
        targets=_verdicts,
        loss=_from_logits(),
        signature=(None, 8, 12, 2),
        published={"64 pixels, 64 filters": (DCGANDiscriminator, (None, 64, 64, 3), 2_765_568)},
    ),
    "dcgan": Case(
        make=lambda: DCGAN((8, 12, 2), latent=5, filters=(12, 8), smooth=0.1),
        inputs=_images,
        signature=(None, 8, 12, 2),
        overfit=4.0,
        learning_rate=1e-3,
        published={"both": (DCGAN, (None, 64, 64, 3), 3_576_704 + 2_765_568)},
    ),
    "patch_discriminator": Case(
        make=lambda: PatchDiscriminator(filters=(6, 8), norm="batch"),
        inputs=_pictures,
        targets=np.tile(_verdicts[:4, None, None], (1, 2, 2, 1)),
        loss=_from_logits(),
        signature=(None, None, None, 2),
        other_inputs=_wider,
        published={
            "CycleGAN": (PatchDiscriminator, (None, 256, 256, 3), 2_764_737),
            "pix2pix": (lambda: PatchDiscriminator(norm="batch"), (None, 256, 256, 6), 2_768_705),
        },
    ),
    "unet_generator": Case(
        make=lambda: UNetGenerator(channels=2, filters=(6, 8, 10), dropout=0.0, dropped=1),
        inputs=_pictures,
        targets=_pictures[..., ::-1],
        loss="mae",
        signature=(None, None, None, 2),
        other_inputs=_wider,
        overfit=0.8,
        published={"U-Net 256": (UNetGenerator, (None, 256, 256, 3), 54_413_955)},
    ),
    "pix2pix": Case(
        make=lambda: Pix2Pix(
            channels=2,
            filters=(6, 8, 10),
            patch_filters=(6, 8),
            dropout=0.0,
            dropped=1,
            distance=50.0,
            adversary=0.5,
        ),
        inputs=_pictures,
        targets=_pictures[..., ::-1],
        signature=(None, None, None, 2),
        other_inputs=_wider,
        overfit=0.8,
    ),
    "residual_generator": Case(
        make=lambda: ResidualGenerator(channels=2, filters=4, blocks=1),
        inputs=_pictures,
        targets=_pictures[..., ::-1],
        loss="mae",
        signature=(None, None, None, 2),
        other_inputs=_wider,
        overfit=0.8,
        published={
            "nine blocks": (ResidualGenerator, (None, 256, 256, 3), 11_378_179),
            "six blocks": (lambda: ResidualGenerator(blocks=6), (None, 128, 128, 3), 7_837_699),
        },
    ),
    "cyclegan": Case(
        make=lambda: CycleGAN(
            channels=2, filters=4, blocks=1, patch_filters=(6, 8), cycle=8.0, identity=2.0, pool=3
        ),
        inputs=_pictures,
        targets=_pictures[::-1, ..., ::-1] ** 2,
        signature=(None, None, None, 2),
        other_inputs=_wider,
        overfit=0.8,
    ),
}
