"""Scenes of shapes behind `data.load`: built in, and always the same ones."""

from keras_cv_course.data.part import Info
from keras_cv_course.data.scenes.scenes import CLASSES, scenes

SIZE = 64
COUNTS = (4000, 500, 1000)

FIELDS = {
    "images": f"(N, S, S, 3) float32 in [0, 1], red, green, blue; S is the size asked for, {SIZE} by default",
    "labels": "(N,) int64, 0 to 9: the class of the object of which most pixels are visible",
    "masks": "(N, S, S) uint8: 0 the ground, i + 1 an object of class i",
    "boxes": "(N, K, 4) float32: x_min, y_min, x_max, y_max in pixels, the tight bounds of what is visible, "
    "x_max - x_min wide; the topmost object first, then rows of -1",
    "box_classes": "(N, K) int64, 0 to 9, -1 for a row without object",
    "instances": "(N, S, S) uint8: 0 the ground, k + 1 the object of boxes[:, k]",
}


def _info(name, title):
    return Info(
        name=name, title=title, fields=FIELDS, classes=CLASSES,
        source="drawn by keras_cv_course.data.scenes.scenes", licence="the project's own",
        extra={"mask_classes": ("ground", *CLASSES)},
    )  # fmt: skip


INFO = {
    "shapes": _info("shapes", "5,500 drawn scenes with one shape each, among clutter"),
    "shapes:several": _info("shapes:several", "5,500 drawn scenes with one to five shapes, some half hidden"),
}
OBJECTS = {"shapes": 1, "shapes:several": (1, 5)}


def scene_parts(counts, size, limit=None, **kind):
    """Training, validation and test scenes, each part of a seed of its own whatever the counts.

    Args:
        counts: number of scenes of each part.
        size: height and width in pixels.
        limit: at most so many scenes in a part.
        **kind: more arguments of `scenes.scenes`.

    Returns:
        A list of `Part`s. The first scenes of a part are the same whatever its count.

    Raises:
        InputError: as `scenes.scenes`.
    """
    counts = [count if limit is None else min(count, limit) for count in counts]
    return [scenes(count, size, seed=2024 + part, **kind) for part, count in enumerate(counts)]


def load(name="shapes", size=None):
    """4,000 training, 500 validation and 1,000 test scenes; `scenes.scenes` draws others.

    Args:
        name: "shapes" for one object a picture, "shapes:several" for one to five.
        size: height and width in pixels.
    """
    size = SIZE if size is None else size
    return scene_parts(COUNTS, size, objects=OBJECTS[name])
