"""Horse to zebra, drawn: what differs between the domains, and what does not."""

import numpy as np
import pytest

from keras_cv_course import data
from keras_cv_course.data.scenes import scenes
from keras_cv_course.data.scenes.scenes import Look


@pytest.fixture(scope="module")
def parts():
    return data.load("stripes")


def test_partners_differ_inside_the_shape_only(parts):
    for part in parts:
        change = np.abs(part.images - part.partners).max(axis=-1)
        inside = part.masks == 1
        assert 0.15 < inside.mean() < 0.35 and inside.any(axis=(1, 2)).all()
        # Around it, beyond pixels that the shape covers to a part, nothing changes. A tip covers little.
        near = inside.copy()
        for axis in (1, 2):
            near |= np.roll(near, 1, axis) | np.roll(near, -1, axis)
        assert np.mean(change[~near] > 0) < 0.003
        assert np.mean(change[inside] > 0.1) > 0.95


def test_the_domains_come_in_turns_and_share_no_scene(parts):
    assert [len(part) for part in parts] == [600, 200, 400]
    first, second = (
        {ground.tobytes() for part in parts for ground in part.images[part.labels == label][:, :3, :3]}
        for label in (0, 1)
    )
    assert parts.train.labels[:4].tolist() == [0, 1, 0, 1]
    assert len(first) == len(second) == 600 and not first & second


def test_the_second_domain_is_grey_and_striped_and_the_first_is_not(parts):
    """Along a row of a shape the second domain goes up and down; its colours are those of no orange thing."""
    part, _, _ = parts
    inside = part.masks == 1
    spread, colour = np.empty(len(part)), np.empty(len(part))
    for row, (image, mask) in enumerate(zip(part.images, inside, strict=True)):
        spread[row] = image[mask].mean(axis=-1).std()
        colour[row] = np.ptp(image[mask], axis=-1).mean()
    orange, striped = part.labels == 0, part.labels == 1
    assert np.median(spread[striped]) > 3 * np.median(spread[orange])
    assert colour[orange].min() > colour[striped].max()


def test_an_upright_pattern_follows_from_the_outline():
    """Stripes of a period of 0.9 radii begin in the middle of the disc: twice as large, twice as wide."""
    quiet = dict(clutter=0, occlusion=0, noise=0, rotation=0, classes=("disc",))
    look = Look(patterns=("stripes",), saturation=(0, 0), contrast=(0.4, 0.4), period=0.9)
    for radius in (0.2, 0.4):
        part = scenes.scenes(20, size=64, seed=1, radius=(radius, radius), look=look, **quiet)
        for image, (left, top, right, bottom) in zip(part.images, part.boxes[:, 0], strict=True):
            if min(left, top) == 0 or max(right, bottom) == 64:
                continue
            row = int((top + bottom) / 2)
            line = image[row, int(left) + 1 : int(right) - 1, 0]
            np.testing.assert_allclose(line, line[::-1], atol=0.45)  # an edge may be half a pixel off
            edges = np.sum(np.abs(np.diff((line > line.mean()).astype(int))))
            assert edges == 4  # the middle stripe, and one more on either side


@pytest.mark.parametrize("anywhere", [False, True])
def test_where_an_upright_pattern_begins_may_be_left_to_chance(anywhere):
    """The middle of a disc is in the middle of a stripe of the first colour, or on one of either."""
    quiet = dict(clutter=0, occlusion=0, noise=0, rotation=0, classes=("disc",), radius=(0.4, 0.4))
    look = Look(
        patterns=("stripes",), saturation=(0, 0), contrast=(0.4, 0.4), period=0.9, begins_anywhere=anywhere,
        ground_patterns=("plain",), ground_lightness=(0.3, 0.3), away=(0.3, 0.3),
    )  # fmt: skip
    part = scenes.scenes(400, size=32, seed=1, look=look, **quiet)
    middle = np.int64((part.boxes[:, 0, :2] + part.boxes[:, 0, 2:]) / 2)
    whole = (part.boxes[:, 0].min(axis=1) > 0) & (part.boxes[:, 0].max(axis=1) < 32)
    colours = part.images[np.arange(400), middle[:, 1], middle[:, 0]].mean(axis=-1)[whole]
    first = np.mean(colours > 0.4)  # of 0.6; the second is 0.4 darker
    assert whole.sum() > 200 and (0.4 < first < 0.6 if anywhere else first == 1)


def test_another_size_shows_the_same_scenes():
    small, large = (data.load("stripes", size=size, limit=6).test for size in (32, 64))
    halved = large.images.reshape(6, 32, 2, 32, 2, 3).mean(axis=(2, 4))
    assert large.images.shape == (6, 64, 64, 3)
    assert np.abs(halved - small.images).mean() < 0.06
