"""Handwritten digits, 8x8: real, small, and shipped with scikit-learn, so no network is needed."""

import numpy as np

from keras_cv_course.data.part import Info, Part, split

INFO = Info(
    name="digits",
    title="1,797 handwritten digits of 8x8 pixels",
    fields={
        "images": "(N, 8, 8, 1) float32 in [0, 1]: 17 grey levels, 0 = paper",
        "labels": "(N,) int64, 0 to 9",
    },
    classes=tuple("0123456789"),
    source="Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI 1998 (its test part); "
    "sklearn.datasets.load_digits",
    licence="CC BY 4.0",
)


def load():
    """1,257 training, 180 validation and 360 test digits, in one fixed stratified split."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = (bunch.images[..., None] / 16).astype("float32")
    labels = bunch.target.astype("int64")
    order = np.random.default_rng(0).permutation(len(labels))
    images, labels = images[order], labels[order]
    return [
        Part(images=images[rows], labels=labels[rows])
        for rows in split(len(labels), (180, 360), seed=0, groups=labels)
    ]
