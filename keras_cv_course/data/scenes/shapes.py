"""Scenes of shapes behind `data.load`: built in, and always the same ones. Each variant has a name of its
own."""

from dataclasses import dataclass

import numpy as np

from keras_cv_course.data.part import Info, Part
from keras_cv_course.data.scenes.scene_colours import PAPER
from keras_cv_course.data.scenes.scenes import CLASSES, scenes

SIZE = 64
SEED = 2024  # of the training part; the others have the next ones


@dataclass(frozen=True)
class Variant:
    """A data set of drawn scenes.

    Args:
        title: one line that says what it shows.
        options: arguments of `scenes.scenes`.
        counts: number of training, validation and test scenes.
        silhouettes: in place of the colours, white objects on black: (N, S, S, 1).
        seed: seed of the training part; the others have the next ones.
    """

    title: str
    options: dict
    counts: tuple = (4000, 500, 1000)
    silhouettes: bool = False
    seed: int = SEED

    @property
    def classes(self):
        return self.options.get("classes", CLASSES)


THREE = dict(classes=("triangle", "cross", "ring"))
SIX = ("disc", "triangle", "star", "cross", "ring", "crescent")
ALONE = dict(clutter=0, occlusion=0)
TRANSFER = dict(radius=(0.3, 0.45), rotation=20, **ALONE)

VARIANTS = {
    "shapes": Variant("scenes with one shape each, among clutter", dict(objects=1)),
    "shapes:several": Variant("scenes with one to five shapes, some half hidden", dict(objects=(1, 5))),
    "shapes:few": Variant(
        "scenes with one to three plain shapes on bright paper, among clutter",
        dict(objects=(1, 3), look=PAPER),
        counts=(12_000, 400, 1000),
    ),
    "shapes:repeated": Variant(
        "scenes with four to eight plain shapes of three kinds on bright paper, so that kinds repeat",
        dict(objects=(4, 8), radius=(0.1, 0.17), look=PAPER, **THREE),
        counts=(1000, 200, 500),
    ),
    "shapes:three": Variant(
        "scenes with a triangle, a cross or a ring, among clutter", THREE, counts=(1600, 200, 500)
    ),
    "shapes:paper": Variant(
        "scenes with a triangle, a cross or a ring, plain on bright paper, among clutter",
        dict(look=PAPER, **THREE),
        counts=(1600, 200, 500),
    ),
    "shapes:patterned": Variant(
        "scenes with one large patterned shape of six kinds on a patterned background",
        dict(classes=SIX, radius=(0.3, 0.45), **ALONE),
        counts=(8000, 200, 1000),
    ),
    "shapes:crowd": Variant(
        "scenes with six patterned shapes of six kinds on a patterned background",
        dict(classes=SIX, objects=(6, 6), radius=(0.075, 0.11), **ALONE),
        counts=(100, 50, 50),
    ),
    "shapes:touching": Variant(
        "scenes with nine shapes, some of which touch",
        dict(objects=(9, 9), radius=(0.13, 0.18)),
        counts=(100, 50, 50),
    ),
    "shapes:source": Variant(
        "scenes with one large shape of six kinds: what transfer learns from first",
        dict(classes=CLASSES[:6], **TRANSFER),
        counts=(5000, 500, 1000),
    ),
    "shapes:target": Variant(
        "scenes with one large shape of four other kinds: what transfer is about",
        dict(classes=CLASSES[6:], **TRANSFER),
        counts=(1200, 500, 1000),
        seed=2034,
    ),
    "shapes:silhouettes": Variant(
        "white shapes on black, one an image: nothing but the outline tells the class",
        dict(objects=1),
        silhouettes=True,
    ),
}


def _info(name, variant):
    last = len(variant.classes) - 1
    images = f"(N, S, S, 3) float32 in [0, 1], red, green, blue; S is the size asked for, {SIZE} by default"
    if variant.silhouettes:
        images = f"(N, S, S, 1) float32, 0 or 1; S is the size asked for, {SIZE} by default"
    fields = {
        "images": images,
        "labels": f"(N,) int64, 0 to {last}: the class of the object of which most pixels are visible",
        "masks": "(N, S, S) uint8: 0 the background, i + 1 an object of class i",
        "boxes": "(N, K, 4) float32: x_min, y_min, x_max, y_max in pixels, the tight bounds of what is "
        "visible, x_max - x_min wide; the topmost object first, then rows of -1",
        "box_classes": f"(N, K) int64, 0 to {last}, -1 for a row without object",
        "instances": "(N, S, S) uint8: 0 the background, k + 1 the object of boxes[:, k]",
    }
    return Info(
        name=name,
        title=f"{sum(variant.counts):,} drawn {variant.title}",
        fields=fields,
        classes=variant.classes,
        source="drawn by keras_cv_course.data.scenes.scenes",
        licence="the project's own",
        extra={"mask_classes": ("background", *variant.classes)},
    )


INFO = {name: _info(name, variant) for name, variant in VARIANTS.items()}


def load(name="shapes", size=None, limit=None):
    """Training, validation and test scenes; each part has a seed of its own.

    Args:
        name: one of `VARIANTS`.
        size: height and width in pixels.
        limit: at most so many scenes a part; the first ones are the same whatever the limit.

    Returns:
        A list of three `Part`s.
    """
    variant = VARIANTS[name]
    parts = []
    for number, count in enumerate(variant.counts):
        count = count if limit is None else min(count, limit)
        part = scenes(count, size or SIZE, seed=variant.seed + number, **variant.options)
        if variant.silhouettes:
            part = Part(**part.fields | {"images": np.float32(part.masks > 0)[..., None]})
        parts.append(part)
    return parts
