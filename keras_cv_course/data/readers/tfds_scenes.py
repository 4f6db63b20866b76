"""Photographs with masks or boxes through `tensorflow_datasets` and its cache, `$TFDS_DATA_DIR`."""

import numpy as np

from keras_cv_course.data.box_rows import box_rows
from keras_cv_course.data.image_arrays import stratified
from keras_cv_course.data.part import Info, Part
from keras_cv_course.data.readers.tfds_cache import fetch, folder
from keras_cv_course.data.readers.voc_folder import FIELDS
from keras_cv_course.errors import InputError

SIZE = 128
VOID = 255
# What the numbers of the pets' masks mean: 1 the pet, 2 the background, 3 the border between them.
TRIMAP = {1: 1, 2: 0, 3: VOID}
IMAGES = f"(N, S, S, 3) float32 in [0, 1], red, green, blue; S is the size asked for, {SIZE} by default"

BREEDS = (
    "Abyssinian", "american bulldog", "american pit bull terrier", "basset hound", "beagle", "Bengal",
    "Birman", "Bombay", "boxer", "British Shorthair", "chihuahua", "Egyptian Mau", "english cocker spaniel",
    "english setter", "german shorthaired", "great pyrenees", "havanese", "japanese chin", "keeshond",
    "leonberger", "Maine Coon", "miniature pinscher", "newfoundland", "Persian", "pomeranian", "pug",
    "Ragdoll", "Russian Blue", "saint bernard", "samoyed", "scottish terrier", "shiba inu", "Siamese",
    "Sphynx", "staffordshire bull terrier", "wheaten terrier", "yorkshire terrier",
)  # fmt: skip
OBJECTS = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable",
    "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip

INFO = {
    "tfds:oxford_iiit_pet": Info(
        name="tfds:oxford_iiit_pet",
        title="7,349 photographs of cats and dogs of 37 breeds, cut out",
        fields={
            "images": IMAGES,
            "labels": "(N,) int64, 0 to 36: the breed",
            "masks": "(N, S, S) uint8: 0 the background, 1 the pet, 255 void, the border between them",
        },
        classes=BREEDS,
        source="Parkhi, Vedaldi, Zisserman and Jawahar, Cats and dogs, 2012; tfds.load('oxford_iiit_pet')",
        licence="CC BY-SA 4.0",
        file=folder() / "oxford_iiit_pet" / "4.0.0" / "dataset_info.json",
        extra={"mask_classes": ("background", "pet")},
    ),
    "tfds:voc/2007": Info(
        name="tfds:voc/2007",
        title="9,963 photographs with 24,640 objects of 20 classes, a box around each",
        fields={
            "images": IMAGES,
            **{field: FIELDS[field] for field in ("boxes", "box_classes", "difficult")},
            "files": "(N,) str, the photograph's file name",
        },
        classes=OBJECTS,
        source="Everingham and others, The PASCAL visual object classes challenge 2007; "
        "tfds.load('voc/2007')",
        licence="Flickr's terms of use, by photograph",
        file=folder() / "voc" / "2007" / "5.0.0" / "dataset_info.json",
    ),
}


def load(name, size=None):
    """The parts as tensorflow_datasets has them; a fifth of the pets' training photographs validates.

    Args:
        name: one of `INFO`.
        size: the whole photograph is squeezed to size x size pixels, its mask by the nearest pixel, its boxes
            with it.

    Raises:
        InputError: the set is not in the cache and there is no network, it cannot be read, or a mask does
            not fit its photograph.
    """
    size = SIZE if size is None else size
    plain = name.removeprefix("tfds:")
    if plain == "oxford_iiit_pet":
        train, test = fetch(
            plain, lambda builder: [_pets(builder, split, size) for split in ("train", "test")]
        )
        return [*stratified(train, (0.2,)), *stratified(test, ())]
    splits = ("train", "validation", "test")
    read = fetch(plain, lambda builder: [_objects(builder, split, size) for split in splits])
    rows = box_rows([found for _, found, _ in read])
    return [Part(images=images, files=files, **boxes) for (images, _, files), boxes in zip(read, rows)]


def _pets(builder, split, size):
    """The `Part` of a split: images, labels, masks."""
    import tensorflow as tf

    def squeeze(example):
        image, mask = example["image"], example["segmentation_mask"]
        # "nearest" takes the pixel below the new pixel's centre: no number is made that was not there.
        small = tf.image.resize(mask, (size, size), method="nearest")[..., 0]
        shapes = tf.shape(image)[:2], tf.shape(mask)[:2]
        return _squeezed(image, size), example["label"], small, example["file_name"], *shapes

    images, labels, masks, files, *shapes = _rows(builder, split, squeeze)
    for file, image, mask, ids in zip(files, *shapes, masks):
        file = file.decode()
        if list(image) != list(mask):
            raise InputError(
                f"oxford_iiit_pet, mask of {file}: expected {image[1]}x{image[0]} pixels, the size of its "
                f"photograph, got {mask[1]}x{mask[0]}; prepare the set again"
            )
        unknown = np.setdiff1d(ids, list(TRIMAP))
        if len(unknown):
            raise InputError(
                f"oxford_iiit_pet, mask of {file}: expected class ids {', '.join(map(str, TRIMAP))}, got "
                f"{', '.join(map(str, unknown[:5]))}; prepare the set again"
            )
    meaning = np.zeros(256, np.uint8)
    meaning[list(TRIMAP)] = list(TRIMAP.values())
    return Part(images=_shares(images), labels=np.array(labels, "int64"), masks=meaning[np.stack(masks)])


def _objects(builder, split, size):
    """The images of a split, of every image its boxes, classes and difficult or not, and the file names."""
    import tensorflow as tf

    def squeeze(example):
        objects, image = example["objects"], example["image"]
        fields = [objects[field] for field in ("bbox", "label", "is_difficult")]
        return _squeezed(image, size), tf.shape(image)[:2], example["image/filename"], *fields

    images, found, files = [], [], []
    for image, (height, width), file, boxes, kinds, difficult in zip(*_rows(builder, split, squeeze)):
        # tfds keeps VOC's corners, pixels counted from 1, as shares of the height and the width. An object's
        # edges are one pixel further apart: see `voc_annotation`.
        corners = np.round(boxes[:, [1, 0, 3, 2]].astype("float64") * [width, height, width, height])
        corners = np.maximum(corners - [1, 1, 0, 0], 0)
        images.append(image)
        found.append((corners * size / [width, height, width, height], kinds, difficult))
        files.append(file.decode())
    return _shares(images), found, np.array(files)


def _rows(builder, split, squeeze):
    """What `squeeze` makes of every example, field by field."""
    import tensorflow as tf

    examples = builder.as_dataset(split=split).map(squeeze, num_parallel_calls=tf.data.AUTOTUNE)
    return list(zip(*examples.as_numpy_iterator()))


def _squeezed(image, size):
    """(size, size, 3) uint8; "area" takes the mean of the pixels that a smaller image leaves out."""
    import tensorflow as tf

    return tf.cast(tf.round(tf.image.resize(image, (size, size), method="area")), tf.uint8)


def _shares(images):
    """Pixels in [0, 1], float32."""
    return np.stack(images) / np.float32(255)
