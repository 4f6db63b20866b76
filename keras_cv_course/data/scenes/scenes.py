"""Scenes of shapes, drawn from a seed: patterned shapes on a patterned ground among clutter.

Every scene comes with its label, the class of every pixel, and a box around every object. All of it is
exact: it follows from which thing covers more than half of a pixel.
"""

import numpy as np

from keras_cv_course.data.part import Part
from keras_cv_course.data.scenes.outlines import CLUTTER, SHAPES
from keras_cv_course.data.scenes.scene_colours import Look, dress
from keras_cv_course.data.scenes.scene_plan import place
from keras_cv_course.data.scenes.scene_sight import see
from keras_cv_course.data.scenes.scene_tiles import blend, covers, mixes
from keras_cv_course.errors import InputError

CLASSES = tuple(SHAPES)
PLANNED = 512  # scenes whose random numbers are drawn together
DRAWN = 64  # scenes drawn together: enough to spread Python's cost, few enough for the processor's cache
EVERYTHING = slice(None)
VARIED = Look()


def scenes(
    count, size=64, seed=0, objects=1, classes=CLASSES, radius=None, rotation=30.0, clutter=8,
    occlusion=0.25, noise=0.03, void=False, look=VARIED,
):  # fmt: skip
    """Draw scenes.

    The first scenes of a seed are the same whatever the count, and with one object a scene every class comes
    equally often (the counts differ by 1 at most). Two looks of one seed show the same scenes. Neither
    colour, pattern, radius nor place tells the class.

    Args:
        count: number of images N.
        size: height and width S in pixels, 16 or more.
        seed: a whole number, 0 or more.
        objects: number of objects a scene, or the (fewest, most) that are drawn; up to 100.
        classes: names of `outlines.SHAPES`; label i means classes[i].
        radius: (smallest, largest) radius of the circle that an object fits into, as a share of the size. By
            default (0.2, 0.36) for one object, (0.13, 0.22) for several.
        rotation: objects are turned by up to so many degrees to either side; 180 is any way round.
        clutter: at most so many small strokes and arcs lie on the ground, 0 to 25.
        occlusion: share of the images in which a bar lies across the topmost object.
        noise: standard deviation of the grain; pixels are in [0, 1].
        void: pixels that an outline passes through have no class in the masks, but 255.
        look: a `Look`: colours and patterns.

    Returns:
        A `Part` with

        - images (N, S, S, 3) float32 in [0, 1], red, green, blue;
        - labels (N,) int64: the class of the object of which most pixels are visible;
        - masks (N, S, S) uint8: 0 the ground, i + 1 an object of classes[i], 255 void. A pixel belongs to
          the topmost thing that covers more than half of it;
        - boxes (N, K, 4) float32: x_min, y_min, x_max, y_max in pixels from the upper left corner, the tight
          bounds of an object's visible pixels; x_max - x_min is their width. K is the most objects that a
          scene can have, the topmost object comes first, and rows without object are -1;
        - box_classes (N, K) int64, -1 where there is no object;
        - instances (N, S, S) uint8: 0 the ground, k + 1 the object of boxes[:, k].

        An object that keeps less than a third of its pixels under what lies on it is left out.

    Raises:
        InputError: an argument cannot be used.
    """
    objects = (objects, objects) if isinstance(objects, int) else tuple(objects)
    most = objects[-1]
    radius = ((0.2, 0.36) if most == 1 else (0.13, 0.22)) if radius is None else tuple(radius)
    _check(count, size, seed, objects, classes, radius, rotation, clutter, occlusion, noise, look)
    images = np.empty((count, size, size, 3), np.float32)
    labels, kinds = np.empty(count, np.int64), _kinds(seed, count, most, len(classes))
    masks, instances = np.empty((2, count, size, size), np.uint8)
    boxes, box_classes = np.empty((count, most, 4), np.float32), np.empty((count, most), np.int64)
    for start in range(0, count, PLANNED):
        where, how, grain = (np.random.default_rng((seed, stream, start)) for stream in (1, 2, 3))
        chosen = kinds[start : start + PLANNED]
        planned = place(where, chosen, size, objects, radius, rotation, clutter, occlusion)
        grounds = dress(how, *planned, PLANNED, size, look)
        for first in range(0, min(PLANNED, count - start), DRAWN):
            rows = slice(start + first, min(start + first + DRAWN, count))
            batch = [things.within(first, rows.stop - start) for things in (grounds, *planned)]
            seen = _draw(images[rows], batch, grain, classes, most, noise, void, look)
            for field, values in zip((labels, masks, boxes, box_classes, instances), seen, strict=True):
                field[rows] = values
    return Part(
        images=images, labels=labels, masks=masks, boxes=boxes, box_classes=box_classes, instances=instances
    )


def _draw(images, batch, grain, classes, most, noise, void, look):
    """Draw some scenes into the images; give back labels, masks, boxes, box_classes, instances."""
    grounds, objects, clutter, bars = batch
    shape = images.shape[:3]
    cover, bar_cover = covers(objects, [SHAPES[name] for name in classes]), covers(bars, CLUTTER)
    seen = see(objects, cover, bars, bar_cover, shape, most, void)
    clutter_cover = covers(clutter, CLUTTER)
    ground_mix, mix = mixes(grounds, look.ground_patterns), mixes(objects, look.patterns)
    levels = [np.flatnonzero(objects.level == level) for level in range(most)]
    planes = np.empty((3, *shape), np.float32)
    for channel, plane in enumerate(planes):
        first, second = (colours[:, channel, None, None] for colours in (grounds.first, grounds.second))
        np.multiply(ground_mix, second - first, out=plane)
        plane += first
        blend(plane, clutter, EVERYTHING, clutter_cover, channel)
        for rows in levels:
            blend(plane, objects, rows, cover, channel, mix)
        blend(plane, bars, EVERYTHING, bar_cover, channel)
    # Evenly spread numbers in [-1, 1] have a standard deviation of 1 / sqrt 3.
    grains = grain.integers(-128, 128, (DRAWN, *shape[1:]), np.int8) * np.float32(noise * np.sqrt(3) / 128)
    planes += grains[: len(images)]
    for channel, plane in enumerate(planes):
        np.clip(plane, 0, 1, out=images[..., channel])
    return seen


def _kinds(seed, count, most, classes):
    """(scenes, K) classes: of every so many objects each has another class, in a new order every time."""
    scenes = -(-count // PLANNED) * PLANNED
    rounds = np.tile(np.arange(classes), (-(-scenes * most // classes), 1))
    stream = np.random.default_rng((seed, 0)).permuted(rounds, axis=1)
    return stream.ravel()[: scenes * most].reshape(scenes, most)


def _check(count, size, seed, objects, classes, radius, rotation, clutter, occlusion, noise, look):
    """Raise an `InputError` that says which argument of `scenes` cannot be used."""
    unknown = set(classes) - set(CLASSES)
    strange = (set(look.patterns) | set(look.ground_patterns)) - set(VARIED.patterns)
    for wrong, message in (
        (count < 1, f"count must be at least 1 scene, got {count}"),
        (size < 16, f"size must be at least 16 pixels, got {size}"),
        (seed < 0, f"seed must be 0 or more, got {seed}"),
        (
            len(objects) != 2 or not 1 <= objects[0] <= objects[-1] <= 100,
            f"objects must be a number or (fewest, most), from 1 to 100, got {objects}",
        ),
        (
            unknown or len(set(classes)) < max(1, len(classes)),
            f"classes must be different names of {', '.join(CLASSES)}, got {', '.join(classes) or 'none'}",
        ),
        (
            len(radius) != 2 or not 2 / size <= radius[0] <= radius[-1] <= 0.5,
            f"radius must be (smallest, largest) share of the size, from {2 / size:.3g} (2 pixels) to 0.5, "
            f"got {radius}",
        ),
        (not 0 <= rotation <= 180, f"rotation must be 0 to 180 degrees, got {rotation}"),
        (not 0 <= clutter <= 25, f"clutter must be 0 to 25 pieces, got {clutter}"),
        (not 0 <= occlusion <= 1, f"occlusion is a share, 0 to 1, got {occlusion}"),
        (not 0 <= noise <= 1, f"noise must be a standard deviation from 0 to 1, got {noise}"),
        (
            strange or not look.patterns or not look.ground_patterns,
            f"a look's patterns must be one or more of {', '.join(VARIED.patterns)}, "
            f"got {', '.join(look.patterns)} and {', '.join(look.ground_patterns)} for the ground",
        ),
    ):
        if wrong:
            raise InputError(message)
