"""The colours and patterns of a scene: of its ground, its objects, and what clutters it."""

from dataclasses import dataclass

import numpy as np

from keras_cv_course.data.scenes.patterns import PATTERNS
from keras_cv_course.data.scenes.scene_tiles import Things, axes

LUMA = np.array([0.299, 0.587, 0.114])  # how bright red, green and blue look, ITU-R BT.601


@dataclass(frozen=True)
class Look:
    """How scenes look. Hues are in turns: 0 red, 1/3 green, 2/3 blue, 1 red again; a range may pass 1.

    Args:
        hues: (lowest, highest) hue of the objects.
        saturation: (lowest, highest) saturation of the objects, 0 = grey.
        patterns: names of `patterns.PATTERNS` that the objects have, equally often.
        contrast: (least, most) that an object's second colour is darker or lighter than its first.
        period: a pattern's period as a share of its object's radius. The pattern then stands upright about
            the object's middle, so that it follows from the outline; None leaves all of it to chance.
        begins_anywhere: leave it to chance where an upright pattern begins.
        ground_hues, ground_saturation, ground_patterns: the same for the ground.
        ground_lightness: (darkest, lightest) ground, in [0, 1].
        away: (least, most) that an object is darker or lighter than its ground.
    """

    hues: tuple = (0.0, 1.0)
    saturation: tuple = (0.3, 0.8)
    patterns: tuple = tuple(PATTERNS)
    contrast: tuple = (0.1, 0.3)
    period: float | None = None
    begins_anywhere: bool = False
    ground_hues: tuple = (0.0, 1.0)
    ground_saturation: tuple = (0.1, 0.5)
    ground_patterns: tuple = tuple(PATTERNS)
    ground_lightness: tuple = (0.15, 0.85)
    away: tuple = (0.2, 0.5)


# Dark things of one colour on bright paper of one colour: what is figure and what is ground is soon learnt.
PAPER = Look(patterns=("plain",), ground_patterns=("plain",), ground_lightness=(0.75, 0.9), away=(0.35, 0.6))


def dress(rng, objects, clutter, bars, count, size, look):
    """Give everything its colours and patterns.

    Every random number is drawn whatever the look, so that a look changes only what it names.

    Args:
        rng: a `numpy.random.Generator`.
        objects, clutter, bars: `Things` of `scene_plan.place`; they gain the columns first and second,
            (T, 3) colours, and what `scene_tiles.mixes` asks for.
        count, size: number of scenes, and their side in pixels.
        look: a `Look`.

    Returns:
        The grounds, as `Things`.
    """
    grounds = Things(size, scene=np.arange(count), left=np.zeros(count, int), top=np.zeros(count, int))
    grounds.columns |= {"x": np.full(count, size / 2), "y": np.full(count, size / 2)}
    lightness = rng.uniform(*look.ground_lightness, count)
    _paint(rng, grounds, look.ground_hues, look.ground_saturation, lightness, (0.05, 0.22))
    _pattern(rng, grounds, look.ground_patterns, rng.uniform(0.1, 0.3, count) * size)

    for things in (clutter, bars):
        tones = _apart(rng, lightness[things.scene], (0.15, 0.45))
        _paint(rng, things, (0, 1), (0.3, 0.8), tones, (0, 0))

    tones = _apart(rng, lightness[objects.scene], look.away)
    _paint(rng, objects, look.hues, look.saturation, tones, look.contrast)
    period = np.maximum(3, rng.uniform(0.3, 0.8, len(tones)) * objects.radius)
    if look.period is None:
        _pattern(rng, objects, look.patterns, period)
    else:
        by_chance = dict(turn=0.0, move=float(look.begins_anywhere))
        _pattern(rng, objects, look.patterns, look.period * objects.radius, **by_chance)
    return grounds


def colour(hue, saturation, lightness):
    """Colours of a given lightness, which no hue or saturation changes unless a channel leaves [0, 1].

    Args:
        hue: (T,) in turns.
        saturation: (T,), 0 = grey, 1 = the pure hue where the lightness allows it.
        lightness: (T,) in [0, 1], the `LUMA`-weighted mean of the channels.

    Returns:
        (T, 3) float32 in [0, 1].
    """
    strongest = np.array(
        [0, 4, 2]
    )  # of the circle's six steps: where a channel's peak is, 3 steps further on
    pure = np.clip(np.abs((6 * hue[:, None] + strongest) % 6 - 3) - 1, 0, 1)
    away = pure - (pure @ LUMA)[:, None]
    return np.clip(lightness[:, None] + saturation[:, None] * away, 0, 1).astype(np.float32)


def _paint(rng, things, hues, saturation, lightness, contrast):
    """Two colours of nearly one hue: the second is darker where the first is light."""
    count = len(lightness)
    hue, strength = rng.uniform(*hues, count), rng.uniform(*saturation, count)
    other_hue = hue + rng.uniform(-0.06, 0.06, count)
    step = np.where(lightness > 0.5, -1, 1) * rng.uniform(*contrast, count)
    things.columns["first"] = colour(hue, strength, lightness)
    things.columns["second"] = colour(other_hue, strength, np.clip(lightness + step, 0, 1))


def _apart(rng, ground, distance):
    """A lightness (T,) that is this far from the ground's, up or down, and within [0.05, 0.95]."""
    step = rng.uniform(*distance, len(ground)) * np.where(rng.random(len(ground)) < 0.5, -1, 1)
    outside = np.abs(ground + step - 0.5) > 0.45
    return np.where(outside, ground - step, ground + step)


def _pattern(rng, things, names, period, turn=1.0, move=1.0):
    """A pattern's kind, slant and beginning; `turn` and `move` say how much of the last two is by chance."""
    count = len(period)
    slant, shift = turn * rng.uniform(-np.pi, np.pi, count), move * rng.uniform(-1, 1, (count, 2))
    things.columns |= {
        "period": period,
        "pattern": (rng.random(count) * len(names)).astype(int),
        "pattern_axes": axes(things, slant, period, shift),
    }
