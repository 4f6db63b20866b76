"""The segmentation models, each in a small configuration.

No dropout: neither a reload nor XLA draws the masks that the uninterrupted run draws.
"""

import numpy as np

from keras_cv_course.segment.deeplab import DeepLab
from keras_cv_course.segment.fcn import FCN
from keras_cv_course.segment.unet import UNet
from tests.harness import Case

_rng = np.random.default_rng(20261121)
_images = _rng.random((4, 16, 16, 2), dtype="float32")
_masks = np.where(_images[..., :1].mean(axis=-1) > 0.5, 2, 0)
_masks[:, 4:9, 3:9] = 1
_wider = _rng.random((2, 24, 32, 2), dtype="float32")


def _from_logits():
    import keras

    return keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=255)


CASES = {
    "unet": Case(
        make=lambda: UNet(
            filters=(6, 8, 10), classes=3, padding="same", batch_norm=True, dropout=0.0, names=("a", "b", "c")
        ),
        inputs=_images,
        targets=_masks,
        loss=_from_logits(),
        signature=(None, None, None, 2),
        other_inputs=_wider,
        overfit=0.5,
        published={
            "one channel to two classes": (UNet, (None, 572, 572, 1), 31_030_658),
            "one to one": (lambda: UNet(classes=1), (None, 572, 572, 1), 31_030_593),
            "three to one": (lambda: UNet(classes=1), (None, 572, 572, 3), 31_031_745),
            "three to 21": (lambda: UNet(classes=21), (None, 572, 572, 3), 31_033_045),
        },
    ),
    "fcn": Case(
        make=lambda: FCN(
            stride=4, blocks=(1, 1, 1), filters=(6, 8, 10), units=(12, 12), window=3, dropout=0.0,
            batch_norm=True, classes=3,
        ),
        inputs=_images,
        targets=_masks,
        loss=_from_logits(),
        signature=(None, None, None, 2),
        other_inputs=_wider,
        overfit=0.6,
        published={
            "FCN-32s": (lambda: FCN(stride=32), (None, 224, 224, 3), 136_152_917),
            "FCN-16s": (lambda: FCN(stride=16), (None, 224, 224, 3), 134_815_994),
            "FCN-8s": (FCN, (None, 224, 224, 3), 134_489_759),
        },
    ),
    "deeplab": Case(
        make=lambda: DeepLab(
            filters=(8, 10, 12), stem=6, depth=2, output_stride=8, pyramid=10, rates=(1, 2), detail=5,
            dropout=0.0, classes=3,
        ),
        inputs=_images,
        targets=_masks,
        loss=_from_logits(),
        signature=(None, 16, 16, 2),
        overfit=0.6,
    ),
}  # fmt: skip
