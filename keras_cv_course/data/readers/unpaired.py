"""Two domains of photographs without pairs: a folder of your own, or CycleGAN's sets.

Zhu, Park, Isola and Efros, "Unpaired Image-to-Image Translation Using Cycle-Consistent Adversarial Networks",
ICCV 2017. Its sets, and most others, come as four folders or splits: trainA, trainB, testA and testB.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from keras_cv_course.data.part import Dataset, Info, Part, split
from keras_cv_course.data.readers.image_files import FORMATS, in_folder, opened, pixels, square
from keras_cv_course.data.readers.tfds_cache import fetch, folder
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
        domains, info = [_folder(root / part, size) for part in SPLITS], replace(INFO[name], file=root)
    elif file is not None:
        raise InputError(f"data set {name!r} is not read from a folder, got file={str(file)!r}; leave it out")
    else:
        plain = name.removeprefix("tfds:")
        domains = fetch(plain, lambda builder: [_split(builder, part, size) for part in SPLITS])
        info = INFO[name]
    cut = []
    for part, fields in zip(SPLITS[:2], domains[:2], strict=True):
        count = len(fields["images"])
        if count < 2:
            raise InputError(f"expected 2 images or more in {part} of {name}, got {count}: add some")
        cut.append(split(count, (max(1, count // 10),), seed=0))
    kept, held_out = (
        [
            {key: values[rows[place]] for key, values in fields.items()}
            for fields, rows in zip(domains, cut, strict=False)
        ]
        for place in (0, 1)
    )
    order = np.random.default_rng(0)
    return Dataset(*(_joined(*both, order) for both in (kept, held_out, domains[2:])), info=info)


def _joined(first, second, order):
    """The `Part` of two domains, shuffled."""
    fields = {key: np.concatenate([values, second[key]]) for key, values in first.items()}
    labels = np.repeat([0, 1], [len(first["images"]), len(second["images"])])
    return Part(**fields, labels=labels)[order.permutation(len(labels))]


def _folder(path, size):
    """images and files of a folder."""
    files = in_folder(path, LAYOUT)
    images = np.stack([pixels(square(opened(file)), size) for file in files])
    return {
        "images": images / np.float32(255),
        "files": np.array([f"{path.name}/{file.name}" for file in files]),
    }


def _split(builder, part, size):
    """images of a split."""
    from PIL import Image

    examples = builder.as_dataset(split=part).as_numpy_iterator()
    images = np.stack([pixels(square(Image.fromarray(example["image"])), size) for example in examples])
    return {"images": images / np.float32(255)}
