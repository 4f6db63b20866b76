"""Two domains of photographs without pairs: a folder of your own, or CycleGAN's sets.

Zhu, Park, Isola and Efros, "Unpaired Image-to-Image Translation Using Cycle-Consistent Adversarial Networks",
ICCV 2017. Its sets, and most others, come as four folders or splits: trainA, trainB, testA and testB.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from keras_cv_course.data.mapped_images import part_of
from keras_cv_course.data.part import Dataset, Info, split
from keras_cv_course.data.readers import decoded_images
from keras_cv_course.data.readers.image_files import FORMATS, in_folder, opened, pixels, square
from keras_cv_course.data.readers.tfds_cache import fetch, folder, source
from keras_cv_course.errors import InputError

SIZE = 128
SPLITS = ("trainA", "trainB", "testA", "testB")
LAYOUT = f"a folder with {', '.join(SPLITS)} in it, each with images ({', '.join(FORMATS)})"
FIELDS = {
    "images": f"(N, S, S, 3) float32 in [0, 1], red, green, blue; S is the size asked for, {SIZE} by default",
    "labels": "(N,) int64: the domain, 0 for A, 1 for B",
}
PAIRS = {
    "apple2orange": ("apple", "orange"),
    "summer2winter_yosemite": ("summer", "winter"),
    "horse2zebra": ("horse", "zebra"),
    "monet2photo": ("Monet", "photograph"),
    "cezanne2photo": ("Cezanne", "photograph"),
    "ukiyoe2photo": ("ukiyo-e", "photograph"),
    "vangogh2photo": ("van Gogh", "photograph"),
    "iphone2dslr_flower": ("telephone", "camera"),
}

INFO = {
    "unpaired": Info(
        name="unpaired",
        title="Two domains of images of your own, without pairs",
        fields={**FIELDS, "files": "(N,) str, the image's path below the folder"},
        classes=("A", "B"),
        source="the folder that the user names",
        licence="its owner's",
        from_user="a folder with trainA, trainB, testA and testB",
    ),
    **{
        f"tfds:cycle_gan/{name}": Info(
            name=f"tfds:cycle_gan/{name}",
            title=f"Photographs or paintings without pairs: {first} and {second}",
            fields=FIELDS,
            classes=(first, second),
            source=f"Zhu, Park, Isola and Efros, 2017; tfds.load('cycle_gan/{name}')",
            licence="by image: most are from Flickr, ImageNet and Wikiart",
            file=folder() / "cycle_gan" / name,
        )
        for name, (first, second) in PAIRS.items()
    },
}


def load(name, file=None, size=None):
    """A tenth of trainA and of trainB validates; every part is shuffled once.

    Args:
        name: one of `INFO`.
        file: the folder, for "unpaired".
        size: images become size x size pixels: cropped to the square in their middle, then resized.

    Raises:
        InputError: a folder is missing or empty or has too few images, an image is corrupt (the file is
            named); or the set is not in the cache and there is no network.
    """
    size = SIZE if size is None else size
    if name == "unpaired":
        if file is None:
            raise InputError(
                f"the data set 'unpaired' needs a folder: name it with --file; it must be {LAYOUT}"
            )
        root = Path(file).expanduser()
        (whole, counts), info = _folder(root, size), replace(INFO[name], file=root)
    elif file is not None:
        raise InputError(f"data set {name!r} is not read from a folder, got file={str(file)!r}; leave it out")
    else:
        plain = name.removeprefix("tfds:")
        whole, counts = fetch(plain, lambda builder: _splits(builder, size))
        info = INFO[name]
    ends = np.cumsum(counts)
    domains = [np.arange(end - count, end) for end, count in zip(ends, counts, strict=True)]
    kept, held_out = [], []
    for part, rows in zip(SPLITS[:2], domains[:2], strict=True):
        if len(rows) < 2:
            raise InputError(f"expected 2 images or more in {part} of {name}, got {len(rows)}: add some")
        some, others = split(len(rows), (max(1, len(rows) // 10),), seed=0)
        kept.append(rows[some])
        held_out.append(rows[others])
    order = np.random.default_rng(0)
    parts = (np.concatenate(both) for both in (kept, held_out, domains[2:]))
    return Dataset(*(whole[rows[order.permutation(len(rows))]] for rows in parts), info=info)


def _labels(counts):
    return np.tile([0, 1], 2).repeat(counts)


def _folder(root, size):
    """The images of the four folders as one part, and how many each of them has."""
    found = [in_folder(root / part, LAYOUT) for part in SPLITS]
    files, counts = [path for some in found for path in some], [len(some) for some in found]
    images = decoded_images.from_files(
        f"squares of {size} pixels of the pair {root.resolve()}",
        files,
        (size, size, 3),
        lambda path: pixels(square(opened(path)), size),
    )
    names = np.array([f"{path.parent.name}/{path.name}" for path in files])
    return part_of(images=images, files=names, labels=_labels(counts)), counts


def _splits(builder, size):
    """The images of the four splits as one part, and how many each of them has."""
    from PIL import Image

    counts = [builder.info.splits[part].num_examples for part in SPLITS]

    def decode(start):
        for part, count in zip(SPLITS, counts, strict=True):
            passed = min(start, count)
            start -= passed
            if passed < count:
                for example in builder.as_dataset(split=part).skip(passed).as_numpy_iterator():
                    yield pixels(square(Image.fromarray(example["image"])), size)

    name = f"squares of {size} pixels of {builder.info.full_name}"
    images = decoded_images.from_rows(name, source(builder), (sum(counts), size, size, 3), decode)
    return part_of(images=images, labels=_labels(counts)), counts
