"""Faces through `tensorflow_datasets` and its cache, `$TFDS_DATA_DIR`: what DCGAN's paper paints best."""

import numpy as np

from keras_cv_course.data.part import Info, Part
from keras_cv_course.data.tfds_cache import fetch, folder
from keras_cv_course.data.tfds_images import square

SIZE = 64
MOST = {"train": 20_000, "validation": 2_000, "test": 2_000}  # a gigabyte at 64 pixels; there are 202,599
ATTRIBUTES = ("Smiling", "Eyeglasses")

INFO = Info(
    name="tfds:celeb_a",
    title="24,000 photographs of faces, upright and in the middle",
    fields={
        "images": f"(N, S, S, 3) float32 in [0, 1], red, green, blue; S is the size asked for, or {SIZE}",
        "labels": "(N,) int64, 0 to 3: 1 for a smile, plus 2 for glasses",
    },
    classes=("neither", "smiling", "glasses", "smiling with glasses"),
    source="Liu, Luo, Wang and Tang, Deep Learning Face Attributes in the Wild, ICCV 2015; "
    "tfds.load('celeb_a')",
    licence="for research that is not commercial; the faces are of real persons",
    file=folder() / "celeb_a" / "2.1.0" / "dataset_info.json",
)


def load(size=None):
    """The first faces of each part of the set, cut to a square about the middle.

    Args:
        size: height and width in pixels.

    Raises:
        InputError: the set is not in the cache and there is no network, or it cannot be read.
    """
    size = SIZE if size is None else size
    return fetch("celeb_a", lambda builder: [_part(builder, split, size) for split in MOST])


def _part(builder, split, size):
    import tensorflow as tf

    def example(row):
        smile, glasses = (tf.cast(row["attributes"][name], "int64") for name in ATTRIBUTES)
        return square(row["image"], size), smile + 2 * glasses

    rows = builder.as_dataset(split=split).take(MOST[split]).map(example, num_parallel_calls=tf.data.AUTOTUNE)
    images, labels = zip(*rows.as_numpy_iterator())
    return Part(images=np.clip(np.stack(images) / np.float32(255), 0, 1), labels=np.array(labels, "int64"))
