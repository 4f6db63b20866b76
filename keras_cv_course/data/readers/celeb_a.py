"""Faces through `tensorflow_datasets` and its cache, `$TFDS_DATA_DIR`: the kind of data of DCGAN's paper."""

from keras_cv_course.data.part import Info
from keras_cv_course.data.readers.tfds_cache import fetch, folder
from keras_cv_course.data.readers.tfds_images import squares_of

SIZE = 64
MOST = {"train": 20_000, "validation": 2_000, "test": 2_000}  # a gigabyte at 64 pixels; there are 202,599
ATTRIBUTES = ("Smiling", "Eyeglasses")

INFO = Info(
    name="tfds:celeb_a",
    title="24,000 photographs of faces, aligned and centred",
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
    """The first faces of each part of the set, cropped to the square in their middle.

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
        smile, glasses = (row["attributes"][name] for name in ATTRIBUTES)
        return row["image"], tf.cast(smile, "int64") + 2 * tf.cast(glasses, "int64")

    return squares_of(builder, split, size, example, MOST[split])
