"""Images through `tensorflow_datasets` and its cache, `$TFDS_DATA_DIR`.

It is the second door to MNIST, Fashion-MNIST and CIFAR-10, and the only one to some sets of photographs.
"""

from dataclasses import replace

import numpy as np

from keras_cv_course.data import disk_cache
from keras_cv_course.data.image_arrays import parts_of, stratified
from keras_cv_course.data.mapped_images import part_of
from keras_cv_course.data.part import Info, Part
from keras_cv_course.data.readers import cifar10, decoded_images, fashion_mnist, mnist
from keras_cv_course.data.readers.tfds_cache import fetch, folder, source

SIZE = 128  # of photographs that come in many sizes


def _second_door(info, version):
    return replace(
        info,
        name=f"tfds:{info.name}",
        source=info.source.split(";")[0] + f"; tfds.load('{info.name}')",
        file=folder() / info.name / version / "dataset_info.json",
    )


def _photographs(name, version, title, classes, source, licence):
    return Info(
        name=f"tfds:{name}",
        title=title,
        fields={
            "images": f"(N, S, S, 3) float32 in [0, 1], red, green, blue; S is the size asked for, or {SIZE}",
            "labels": f"(N,) int64, 0 to {len(classes) - 1}",
        },
        classes=classes,
        source=f"{source}; tfds.load('{name}')",
        licence=licence,
        file=folder() / name / version / "dataset_info.json",
    )


INFO = {
    info.name: info
    for info in (
        _second_door(mnist.INFO, "3.0.1"),
        _second_door(fashion_mnist.INFO, "3.0.1"),
        _second_door(cifar10.INFO, "3.0.2"),
        _photographs(
            "tf_flowers", "3.0.1", "3,670 photographs of flowers",
            ("dandelion", "daisy", "tulip", "sunflower", "rose"),
            "The TensorFlow Team, Flowers, 2019", "Creative Commons Attribution, by photograph",
        ),
        _photographs(
            "beans", "0.1.0", "1,295 photographs of bean leaves",
            ("angular leaf spot", "bean rust", "healthy"),
            "Makerere AI Lab, Bean disease dataset, 2020", "MIT",
        ),
    )
}  # fmt: skip


def load(name, size=None):
    """Sets of one size come as their other door gives them; photographs of many sizes in three parts.

    A set without parts of its own is cut into 64 % training, 16 % validation and 20 % test images.

    Args:
        name: one of `INFO`.
        size: photographs of many sizes become size x size pixels: cut to a square about the middle, so that
            nothing is squeezed, and resized.

    Raises:
        InputError: the set is not in the cache and there is no network, or it cannot be read.
    """
    plain = name.removeprefix("tfds:")
    doors = [set_.INFO.name for set_ in (mnist, fashion_mnist, cifar10)]
    if plain in doors:
        hint = f"Or use the other door: --dataset {plain}"
        arrays = fetch(plain, lambda builder: [_arrays(builder, split) for split in ("train", "test")], hint)
        return parts_of(*arrays, name=name, validation=min(5000, len(arrays[0][1]) // 10))
    size = SIZE if size is None else size
    parts = fetch(
        plain,
        lambda builder: {
            split: squares_of(builder, split, size, lambda row: (row["image"], row["label"]))
            for split in builder.info.splits
        },
    )
    if set(parts) == {"train"}:
        return stratified(parts["train"], (0.16, 0.2))
    return [parts[split] for split in ("train", "validation", "test")]


def _arrays(builder, split):
    """All images of one size, and their labels; the channel axis of grey ones is left out."""
    images, labels = builder.as_dataset(split=split, batch_size=-1, as_supervised=True)
    images = images.numpy()
    return images[..., 0] if images.shape[-1] == 1 else images, labels.numpy()


def squares_of(builder, split, size, pair, most=None):
    """Photographs of a split, cut to squares about the middle and resized.

    Args:
        builder: the set's, of tensorflow_datasets.
        split: its name.
        size: height and width of the squares, in pixels.
        pair: function of an example that returns its image (H, W, 3) uint8 and its label.
        most: take so many, the first ones; None for all.

    Returns:
        A `Part` with images (N, size, size, 3) float32 in [0, 1] and labels (N,) int64. Images that would take too
        much memory stay on disk, rounded to 8 bits.
    """
    import tensorflow as tf
    import tensorflow_datasets as tfds

    def rows(**decoders):
        examples = builder.as_dataset(split=split, decoders=decoders)
        return (examples if most is None else examples.take(most)).map(pair)

    def square(image, label):
        height, width = tf.shape(image)[0], tf.shape(image)[1]
        side = tf.minimum(height, width)
        image = tf.image.crop_to_bounding_box(image, (height - side) // 2, (width - side) // 2, side, side)
        # "area" takes the mean of the pixels that a smaller image leaves out: no staircase at the edges.
        return tf.image.resize(image, (size, size), method="area"), label

    def decode(start):
        pairs = rows().skip(start).map(square, num_parallel_calls=tf.data.AUTOTUNE)
        for image, _ in pairs.as_numpy_iterator():
            yield np.clip(np.rint(image), 0, 255).astype("uint8")

    count = builder.info.splits[split].num_examples
    shape = (count if most is None else min(most, count), size, size, 3)
    if not decoded_images.too_large(shape):
        pairs = rows().map(square, num_parallel_calls=tf.data.AUTOTUNE)
        images, labels = zip(*pairs.as_numpy_iterator())
        images = np.clip(np.stack(images) / np.float32(255), 0, 1)  # a mean can come out as 255.00002
        return Part(images=images, labels=np.array(labels, "int64"))
    labels = [label for _, label in rows(image=tfds.decode.SkipDecoding()).as_numpy_iterator()]
    name = f"squares of {size} pixels of {builder.info.full_name} {split}"
    images = disk_cache.fetch(name, [source(builder)] * shape[0], shape, decode)
    return part_of(images=images, labels=np.array(labels, "int64"))
