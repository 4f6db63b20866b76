import dataclasses

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from keras_cv_course.data.scenes import scene_colours, scene_plan, scene_sight, scene_tiles, scenes, shapes
from keras_cv_course.data.scenes.outlines import CLUTTER, SHAPES
from keras_cv_course.data.scenes.scenes import CLASSES, Look
from keras_cv_course.errors import InputError

draw = scenes.scenes
QUIET = dict(clutter=0, occlusion=0, noise=0, look=Look(patterns=("plain",), ground_patterns=("plain",)))


@pytest.fixture(scope="module")
def one():
    return draw(700, size=48, seed=5)


@pytest.fixture(scope="module")
def several():
    return draw(600, size=48, seed=6, objects=(1, 5), occlusion=0.5)


def test_shapes_types_and_ranges(one, several):
    for part, count, most in ((one, 700, 1), (several, 600, 5)):
        assert {name: (values.shape, str(values.dtype)) for name, values in part.fields.items()} == {
            "images": ((count, 48, 48, 3), "float32"),
            "labels": ((count,), "int64"),
            "masks": ((count, 48, 48), "uint8"),
            "boxes": ((count, most, 4), "float32"),
            "box_classes": ((count, most), "int64"),
            "instances": ((count, 48, 48), "uint8"),
        }
        assert part.images.min() == 0 and part.images.max() == 1
        assert set(np.unique(part.masks)) <= set(range(11))
        assert set(np.unique(part.instances)) == set(range(most + 1))
        assert part.images.std(axis=(1, 2)).min() > 0.005  # no image is empty


def test_every_box_is_the_tight_bounds_of_what_is_visible(one, several):
    for part in (one, several):
        for row in range(len(part)):
            for place, (box, kind) in enumerate(zip(part.boxes[row], part.box_classes[row], strict=True)):
                lines, columns = np.nonzero(part.instances[row] == place + 1)
                if kind < 0:
                    assert not len(lines) and (box == -1).all()
                else:
                    tight = columns.min(), lines.min(), columns.max() + 1, lines.max() + 1
                    assert tuple(box) == tight
                    assert set(part.masks[row, lines, columns]) == {kind + 1}


def test_masks_are_instances_with_their_class(several):
    assert ((several.masks > 0) == (several.instances > 0)).all()
    for row in range(len(several)):
        kinds = np.concatenate([[0], several.box_classes[row] + 1])
        np.testing.assert_array_equal(several.masks[row], kinds[several.instances[row]])


def test_missing_objects_come_last(several):
    there = several.box_classes >= 0
    assert there[:, 0].all() and (np.diff(there.astype(int), axis=1) <= 0).all()
    numbers = np.bincount(there.sum(axis=1), minlength=6)
    assert numbers[0] == 0 and (numbers[1:] > 30).all()


def test_the_label_is_the_class_of_which_most_is_visible(one, several):
    np.testing.assert_array_equal(one.labels, one.box_classes[:, 0])
    for row in range(len(several)):
        areas = np.bincount(several.instances[row].ravel(), minlength=6)[1:]
        assert several.labels[row] == several.box_classes[row, areas.argmax()]


def full_size_covers(things, outlines, size):
    """Every thing alone on an image of its own: its tile put where it belongs."""
    alone = np.zeros((len(things), size, size), np.float32)
    cover, side = scene_tiles.covers(things, outlines), things.side
    for row in range(len(things)):
        top, left = things.top[row], things.left[row]
        alone[row, top : top + side, left : left + side] = cover[row]
    return alone


def test_who_is_seen_equals_a_slow_loop_over_pixels_and_objects():
    rng, size, count, most = np.random.default_rng(3), 40, 60, 4
    kinds = rng.integers(0, 10, (count, most))
    objects, _, bars = scene_plan.place(rng, kinds, size, (2, 4), (0.15, 0.3), 180, 0, 0.5)
    outlines = list(SHAPES.values())
    alone, bar_alone = full_size_covers(objects, outlines, size), full_size_covers(bars, CLUTTER, size)
    seen = scene_sight.see(
        objects, scene_tiles.covers(objects, outlines), bars, scene_tiles.covers(bars, CLUTTER),
        (count, size, size), most, False,
    )  # fmt: skip
    _, masks, _, box_classes, instances = seen
    left_out = 0
    for scene in range(count):
        rows = np.flatnonzero(objects.scene == scene)[::-1]  # from the top down
        taken = {
            (line, column)
            for row in np.flatnonzero(bars.scene == scene)
            for line, column in np.argwhere(bar_alone[row] > 0.5)
        }
        found = []
        for row in rows:
            own = {tuple(pixel) for pixel in np.argwhere(alone[row] > 0.5)}
            visible = own - taken
            if 3 * len(visible) < len(own):
                left_out += 1
                continue
            taken |= visible
            found.append((objects.kind[row], visible))
        assert [kind for kind, _ in found] == [kind for kind in box_classes[scene] if kind >= 0]
        for place, (kind, visible) in enumerate(found):
            assert {tuple(pixel) for pixel in np.argwhere(instances[scene] == place + 1)} == visible
            assert {masks[scene, line, column] for line, column in visible} == {kind + 1}
    assert left_out > 5


def test_pixels_are_ground_and_object_mixed_by_their_cover():
    """With nothing but a plain object on a plain ground, cover can be read off the image again."""
    part = draw(20, size=64, seed=1, **QUIET)
    for image, mask in zip(part.images.astype("float64"), part.masks, strict=True):
        solid = np.argwhere(mask > 0)
        deep = np.array([(mask[a - 1 : a + 2, b - 1 : b + 2] > 0).all() for a, b in solid])
        ground, paint = image[0, 0], image[tuple(solid[deep][0])]
        step = paint - ground
        cover = (image - ground) @ step / (step @ step)
        np.testing.assert_allclose(image, ground + cover[..., None] * step, atol=1e-5)
        assert cover.min() > -1e-5 and cover.max() < 1 + 1e-5
        np.testing.assert_array_equal(cover > 0.5, mask > 0)
        assert ((cover > 0.02) & (cover < 0.98)).sum() > 15  # smooth edges


def test_classes_are_balanced_and_can_be_chosen():
    assert np.ptp(np.bincount(draw(1003, size=16, radius=(0.3, 0.4)).labels)) <= 1
    few = draw(50, size=24, classes=("star", "disc"))
    assert np.bincount(few.labels).tolist() == [25, 25]
    star, disc = (few.masks[few.labels == label] > 0 for label in (0, 1))
    assert disc.sum() > 1.3 * star.sum()


def test_a_seed_gives_the_same_scenes_whatever_the_count():
    whole, again, first, other = (
        draw(count, size=24, seed=seed) for count, seed in ((600, 7), (600, 7), (90, 7), (90, 8))
    )
    for field in whole.fields:
        np.testing.assert_array_equal(whole.fields[field], again.fields[field])
        np.testing.assert_array_equal(whole.fields[field][:90], first.fields[field])
    assert len(np.unique(whole.images.reshape(600, -1), axis=0)) == 600
    assert not (first.images == other.images).all(axis=(1, 2, 3)).any()


def test_several_objects_are_of_all_classes(several):
    counts = np.bincount(several.box_classes[several.box_classes >= 0])
    assert counts.min() > 0.8 * counts.mean()


def test_colours_do_not_tell_the_class():
    """Guessing from the mean colour of object and ground is guessing."""
    part = draw(3000, size=32, seed=11)
    inside = (part.masks > 0)[..., None]
    colours = np.concatenate(
        [
            (part.images * share).sum(axis=(1, 2)) / share.sum(axis=(1, 2))
            for share in (inside, ~inside)
        ],
        axis=1,
    )  # fmt: skip
    guess = LogisticRegression(max_iter=500).fit(colours[:2000], part.labels[:2000])
    assert guess.score(colours[2000:], part.labels[2000:]) < 0.14


def test_looks_of_one_seed_show_the_same_scenes():
    plain, striped, green = (
        draw(64, size=40, seed=4, objects=(1, 3), look=look)
        for look in (
            Look(patterns=("plain",)),
            Look(patterns=("stripes",)),
            Look(patterns=("plain",), hues=(0.3, 0.36)),
        )
    )
    for other in (striped, green):
        for field in ("labels", "masks", "boxes", "box_classes", "instances"):
            np.testing.assert_array_equal(plain.fields[field], other.fields[field])
        far = np.stack([not_near(mask > 0) for mask in plain.masks])
        np.testing.assert_array_equal(plain.images[far], other.images[far])  # the ground is the same
        changed = np.abs(plain.images - other.images).max(axis=-1)[plain.masks > 0]
        assert np.mean(changed > 0.02) > 0.3
    deep = green.images[green.masks > 0]
    assert np.mean(deep.argmax(axis=-1) == 1) > 0.9


def not_near(mask):
    """Pixels that are more than six away from the mask, further than any thin tip reaches."""
    from scipy.ndimage import binary_dilation

    return ~binary_dilation(mask, np.ones((3, 3)), iterations=6)


def test_void_is_where_outlines_pass():
    settings = dict(count=80, size=40, seed=9, objects=(1, 4))
    sharp, voided = draw(**settings), draw(**settings, void=True)
    void = voided.masks == scene_sight.VOID
    np.testing.assert_array_equal(sharp.masks[~void], voided.masks[~void])
    for field in ("images", "boxes", "instances"):
        np.testing.assert_array_equal(sharp.fields[field], voided.fields[field])
    right = sharp.instances[:, :, 1:] != sharp.instances[:, :, :-1]
    at_an_edge = void[:, :, 1:] | void[:, :, :-1]
    assert at_an_edge[right].mean() > 0.98
    assert 0.02 < void.mean() < 0.2


def test_upright_shapes_stand_upright():
    part = draw(30, size=64, rotation=0, classes=("heart", "drop", "triangle"), radius=(0.3, 0.3), **QUIET)
    for image, label, (left, top, right, bottom) in zip(
        part.masks, part.labels, part.boxes[:, 0].astype(int)
    ):
        if left == 0 or right == 64 or top == 0 or bottom == 64:
            continue  # cut off by the image's edge
        shape = image[top:bottom, left:right] > 0
        assert np.mean(shape == shape[:, ::-1]) > 0.9
        upper, lower = shape[: len(shape) // 2].sum(), shape[len(shape) // 2 :].sum()
        assert (upper > lower) == (label == 0)  # a heart is wide above, a drop and a triangle below


def test_noise_is_what_it_says():
    loud, quiet = (
        draw(40, size=32, seed=2, noise=noise, clutter=0, look=Look(ground_lightness=(0.5, 0.5)))
        for noise in (0.05, 0)
    )
    difference = (loud.images - quiet.images)[np.abs(quiet.images - 0.5) < 0.3]
    assert difference.std() == pytest.approx(0.05, rel=0.02) and abs(difference.mean()) < 1e-3


def test_clutter_and_bars_come_and_go():
    bare, full = (
        draw(64, size=40, seed=3, noise=0, clutter=clutter, occlusion=occlusion)
        for clutter, occlusion in ((0, 0), (25, 1))
    )
    hidden = (bare.masks > 0).sum(axis=(1, 2)) - (full.masks > 0).sum(axis=(1, 2))
    assert (hidden >= 0).all() and np.mean(hidden > 0) > 0.95
    assert np.mean(np.abs(bare.images - full.images).max(axis=-1) > 0.05) > 0.1


@pytest.mark.parametrize("size", [16, 17, 33, 100])
def test_any_size(size):
    part = draw(30, size=size, objects=(1, 3), radius=(0.2, 0.5))
    assert part.images.shape == (30, size, size, 3) and (part.box_classes[:, 0] >= 0).all()


def test_every_scene_has_an_object_however_large_and_hidden():
    part = draw(2000, size=24, seed=13, objects=(1, 3), radius=(0.13, 0.5), occlusion=1, rotation=180)
    assert (part.box_classes[:, 0] >= 0).all()


def test_colours_have_the_lightness_that_was_asked_for():
    hue, lightness = np.random.default_rng(0).random((2, 500))
    colours = scene_colours.colour(hue, np.full(500, 0.1), 0.2 + 0.6 * lightness)
    np.testing.assert_allclose(colours @ scene_colours.LUMA, 0.2 + 0.6 * lightness, atol=1e-6)
    pure = scene_colours.colour(
        np.array([0, 1 / 6, 1 / 3, 1 / 2, 2 / 3, 5 / 6, 1]), np.ones(7), np.full(7, 0.5)
    )
    assert [tuple(strong) for strong in pure > 0.5] == [
        (True, False, False), (True, True, False), (False, True, False), (False, True, True),
        (False, False, True), (True, False, True), (True, False, False),
    ]  # fmt: skip


def test_the_built_in_sets_are_drawn_at_the_size_asked_for():
    parts = shapes.load("shapes:several", size=16)
    assert [len(part) for part in parts] == [4000, 500, 1000]
    assert parts[0].images.shape == (4000, 16, 16, 3) and parts[0].boxes.shape == (4000, 5, 4)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(count=0), "count must be at least 1 scene, got 0"),
        (dict(size=15), "size must be at least 16 pixels, got 15"),
        (dict(seed=-1), "seed must be 0 or more, got -1"),
        (dict(objects=0), r"objects must be a number or \(fewest, most\), from 1 to 100, got \(0, 0\)"),
        (dict(objects=(3, 2)), r"got \(3, 2\)"),
        (dict(objects=(1, 101)), r"got \(1, 101\)"),
        (dict(objects=(1, 2, 3)), r"got \(1, 2, 3\)"),
        (dict(classes=("disc", "cube")), "classes must be different names of disc, .* got disc, cube"),
        (dict(classes=("disc", "disc")), "got disc, disc"),
        (dict(classes=()), "got none"),
        (dict(radius=(0.3, 0.6)), r"radius .* from 0.0312 \(2 pixels\) to 0.5, got \(0.3, 0.6\)"),
        (dict(radius=(0.3, 0.2)), r"got \(0.3, 0.2\)"),
        (dict(radius=(0.01, 0.2)), r"got \(0.01, 0.2\)"),
        (dict(radius=(float("nan"), 0.2)), r"got \(nan, 0.2\)"),
        (dict(rotation=-1), "rotation must be 0 to 180 degrees, got -1"),
        (dict(clutter=26), "clutter must be 0 to 25 pieces, got 26"),
        (dict(occlusion=1.1), "occlusion is a share, 0 to 1, got 1.1"),
        (dict(noise=-0.1), "noise must be a standard deviation from 0 to 1, got -0.1"),
        (dict(look=Look(patterns=("tartan",))), "a look's patterns must be .* plain, gradient.* got tartan"),
        (dict(look=Look(ground_patterns=())), "got .* and  for the ground"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        draw(**{"count": 2, **arguments})


def test_looks_are_values():
    assert Look() == Look() and dataclasses.replace(Look(), hues=(0, 0.1)) != Look()
    assert len(CLASSES) == 10
