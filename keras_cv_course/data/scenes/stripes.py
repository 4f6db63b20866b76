"""Two domains without pairs: drawn scenes with an orange shape, and others with a striped one (horse to zebra).

Each scene is drawn in both domains, so that the true translation of every image is known and errors can be measured.
"""

import numpy as np

from keras_cv_course.data.part import Info, Part
from keras_cv_course.data.scenes.scene_colours import Look
from keras_cv_course.data.scenes.scenes import scenes

SIZE = 32
COUNTS = (300, 100, 200)  # of each domain
CLASSES = ("orange", "striped")
# One brightness for all: CycleGAN's networks normalise every image by itself, and cannot see how bright it is.
LIGHT = dict(
    ground_hues=(0.31, 0.33), ground_saturation=(0.33, 0.37), ground_patterns=("plain",),
    ground_lightness=(0.3, 0.32), away=(0.3, 0.4),
)  # fmt: skip
LOOKS = (
    Look(hues=(0.03, 0.08), saturation=(0.6, 0.8), patterns=("plain",), **LIGHT),
    Look(
        hues=(0.03, 0.08), saturation=(0.0, 0.05), patterns=("stripes",), contrast=(0.4, 0.45), period=0.9,
        **LIGHT,
    ),
)  # fmt: skip
PLAN = dict(radius=(0.32, 0.44), clutter=6, occlusion=0, noise=0.01)

INFO = Info(
    name="stripes",
    title="1,200 drawn scenes, half of them with an orange shape, half with a striped one",
    fields={
        "images": f"(N, S, S, 3) float32 in [0, 1], red, green, blue; S is the size asked for, or {SIZE}",
        "labels": "(N,) int64: the domain, 0 orange, 1 striped, alternating",
        "partners": "(N, S, S, 3) float32 in [0, 1]: the same scene in the other domain, for evaluation only: "
        "a model that trains on it is no longer unpaired",
        "masks": "(N, S, S) uint8: 1 the shape, 0 the background, which is the same in both domains",
    },
    classes=CLASSES,
    source="drawn by keras_cv_course.data.scenes.scenes",
    licence="the project's own",
)


def load(size=None):
    """300 training, 100 validation and 200 test scenes of either domain.

    Args:
        size: height and width in pixels.
    """
    size = SIZE if size is None else size
    return [_part(count, size, seed=2040 + 2 * number) for number, count in enumerate(COUNTS)]


def _part(count, size, seed):
    """The scenes of one seed as the first domain shows them, alternating with those of the next as the second."""
    drawn = [[scenes(count, size, seed + own, look=look, **PLAN) for look in LOOKS] for own in (0, 1)]

    def alternating(first, second):
        return np.stack([first, second], axis=1).reshape(-1, *first.shape[1:])

    return Part(
        images=alternating(drawn[0][0].images, drawn[1][1].images),
        labels=np.tile([0, 1], count),
        partners=alternating(drawn[0][1].images, drawn[1][0].images),
        masks=alternating(*(np.uint8(looks[0].masks > 0) for looks in drawn)),
    )
