"""Photographs that scikit-image, scikit-learn and matplotlib ship: real ones, for networks that know ImageNet."""

from importlib import resources
from pathlib import Path

import numpy as np

from keras_cv_course.data.part import Info, Part
from keras_cv_course.data.readers.image_files import opened, pixels, square

SIZE = 256
SCIKIT_IMAGE = ("skimage", "data")
SCIKIT_LEARN = ("sklearn", "datasets", "images")
MATPLOTLIB = ("matplotlib", "mpl-data", "sample_data")
CC_BY = "CC BY 2.0"

# fmt: off
# The three parts: name -> folder of the package, file, what it shows and who made it, terms.
TRAIN = {
    "chelsea": (SCIKIT_IMAGE, "chelsea.png", "the cat Chelsea, by Stefan van der Walt", "CC0"),
    "coffee": (SCIKIT_IMAGE, "coffee.png", "a cup of espresso, by Rachel Michetti", "CC0"),
    "astronaut": (SCIKIT_IMAGE, "astronaut.png", "the astronaut Eileen Collins, by NASA", "public domain"),
    "camera": (SCIKIT_IMAGE, "camera.png", "a photographer at his tripod, grey, by Lav Varshney", "CC0"),
    "rocket": (SCIKIT_IMAGE, "rocket.jpg", "the launch of a Falcon 9, by SpaceX", "public domain"),
    "china": (SCIKIT_LEARN, "china.jpg", "a temple in China, by danielbuechele (Flickr)", CC_BY),
    "flower": (SCIKIT_LEARN, "flower.jpg", "a dahlia, by vultilion (Flickr)", CC_BY),
    "hopper": (MATPLOTLIB, "grace_hopper.jpg", "Grace Hopper, by the United States Navy", "public domain"),
}
VALIDATION = {
    "clock": (SCIKIT_IMAGE, "clock_motion.png", "a clock, grey, blurred, by Stefan van der Walt", "public domain"),
    "coins": (SCIKIT_IMAGE, "coins.png", "Greek coins, grey, Brooklyn Museum", "no known restrictions"),
}
TEST = {
    "brick": (SCIKIT_IMAGE, "brick.png", "a brick wall, grey, cc0textures.com", "CC0"),
    "grass": (SCIKIT_IMAGE, "grass.png", "grass, grey, by linolafett (DeviantArt)", "CC0"),
    "gravel": (SCIKIT_IMAGE, "gravel.png", "gravel, grey, cc0textures.com", "CC0"),
    "hubble": (SCIKIT_IMAGE, "hubble_deep_field.jpg", "the Hubble eXtreme Deep Field, by NASA", "public domain"),
    "retina": (SCIKIT_IMAGE, "retina.jpg", "a human retina, by Mikael Häggström", "CC0"),
}
# fmt: on

INFO = Info(
    name="photos",
    title="15 photographs: a cat, a cup, a rocket ...; to look at, not to learn from",
    fields={
        "images": f"(N, S, S, 3) float32 in [0, 1]: the square in the middle; S is the size asked for, or {SIZE}",
        "names": "(N,) str, such as chelsea",
    },
    source="files that scikit-image, scikit-learn and matplotlib install, which name the photographers; "
    "extra['credits'] has each one's",
    licence="CC0 or public domain; coins: no known restrictions; china and flower: CC BY 2.0",
    extra={
        "credits": {
            name: f"{what}; {terms}; {folder[0]}/{file}"
            for part in (TRAIN, VALIDATION, TEST)
            for name, (folder, file, what, terms) in part.items()
        }
    },
)


def load(size=None):
    """Eight photographs of things that ImageNet has classes for, or nearly; two and five others.

    Args:
        size: the square in the middle of each photograph becomes size x size pixels.

    Returns:
        Three parts, always in the same order.

    Raises:
        InputError: an installed package lacks a file.
    """
    return [_part(rows, SIZE if size is None else size) for rows in (TRAIN, VALIDATION, TEST)]


def _part(rows, size):
    images = [pixels(square(opened(_path(folder, file))), size) for folder, file, *_ in rows.values()]
    return Part(images=np.stack(images) / np.float32(255), names=np.array(list(rows)))


def _path(folder, file):
    package, *below = folder
    return Path(str(resources.files(package))).joinpath(*below, file)
