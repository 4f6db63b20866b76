"""Pairs of a label map, which gives the class of every pixel, and an image that it is a map of.

What a map does not say, such as where a stripe begins, is random: many images would fit the same map.
"""

import numpy as np

from keras_cv_course.data.part import Info, Part
from keras_cv_course.data.scenes.scene_colours import Look
from keras_cv_course.data.scenes.scenes import scenes
from keras_cv_course.errors import InputError

SIZE = 32
COUNTS = (800, 100, 200)
SHAPES = ("disc", "square", "triangle")
BACKGROUND = dict(
    ground_hues=(0.56, 0.6), ground_saturation=(0.3, 0.4), ground_patterns=("plain",),
    ground_lightness=(0.3, 0.32), away=(0.28, 0.32),
)  # fmt: skip
# Upright, of a period that follows from the object's size, and beginning anywhere: no map says where.
PATTERN = dict(contrast=(0.35, 0.4), period=0.6, begins_anywhere=True)
# The look of each class: orange with dots, grey with stripes, green with waves.
LOOKS = (
    Look(hues=(0.06, 0.1), saturation=(0.7, 0.9), patterns=("dots",), **PATTERN, **BACKGROUND),
    Look(hues=(0.0, 0.1), saturation=(0.0, 0.1), patterns=("stripes",), **PATTERN, **BACKGROUND),
    Look(hues=(0.28, 0.34), saturation=(0.5, 0.7), patterns=("waves",), **PATTERN, **BACKGROUND),
)
PLAN = dict(objects=(1, 3), radius=(0.26, 0.4), clutter=0, occlusion=0, noise=0)
# Colours of a map's classes that are easy to tell apart (Okabe and Ito's), then the same ones darker.
PALETTE = np.float32([
    [0, 114, 178], [230, 159, 0], [204, 121, 167], [0, 158, 115], [213, 94, 0], [86, 180, 233],
    [240, 228, 66],
]) / np.float32(255)  # fmt: skip
VOID = 255

INFO = Info(
    name="label_maps",
    title="1,100 drawn scenes of dotted discs, striped squares and wavy triangles, each with its label map",
    fields={
        "images": f"(N, S, S, 3) float32 in [0, 1], red, green, blue; S is the size asked for, or {SIZE}",
        "masks": "(N, S, S) uint8: 0 the background, i + 1 an object of class i",
    },
    classes=SHAPES,
    source="drawn by keras_cv_course.data.scenes.scenes",
    licence="the project's own",
    extra={"mask_classes": ("background", *SHAPES)},
)


def load(size=None):
    """800 training, 100 validation and 200 test pairs.

    Args:
        size: height and width in pixels.
    """
    size = SIZE if size is None else size
    return [_part(count, size, seed=2060 + number) for number, count in enumerate(COUNTS)]


def _part(count, size, seed):
    # One seed shows the same scene in every look: each class is taken from its own.
    looks = [scenes(count, size, seed, classes=SHAPES, look=look, **PLAN) for look in LOOKS]
    images, masks = looks[0].images.copy(), looks[0].masks
    for number, part in enumerate(looks):
        own = masks == number + 1
        images[own] = part.images[own]
    return Part(images=images, masks=masks)


def coloured(masks, classes):
    """Label maps as images, one colour a class: pix2pix' input.

    Args:
        masks: (N, H, W) uint8, 0 to classes - 1; 255, which has no class, becomes black.
        classes: number of classes, up to 14.

    Returns:
        (N, H, W, 3) float32 in [0, 1].

    Raises:
        InputError: too many classes, or a number that is none.
    """
    colours = np.concatenate([PALETTE, PALETTE / 2])
    if not 1 <= classes <= len(colours):
        raise InputError(f"there are colours for 1 to {len(colours)} classes, got {classes}")
    unknown = np.setdiff1d(masks, [*range(classes), VOID])
    if len(unknown):
        raise InputError(f"label maps must hold 0 to {classes - 1}, or {VOID} for none, got {unknown[:5]}")
    table = np.zeros((VOID + 1, 3), np.float32)
    table[:classes] = colours[:classes]
    return table[masks]
