import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from keras_cv_course.augment.affine import affine_matrices, warp
from keras_cv_course.augment.randaugment import OPERATIONS, SHAPES, apply_operations, random_augment, search
from keras_cv_course.errors import InputError
from tests.augment.boxed_batches import batch_of_boxes, bounds


def grid(count=1):
    """Photo-like images of whole grey levels."""
    rng = np.random.default_rng(3)
    return {"images": (rng.integers(0, 256, (count, 24, 24, 3)) / 255).astype("float32")}


def test_the_fourteen_operations_of_the_paper():
    assert len(OPERATIONS) == 14 == len(set(OPERATIONS))


def test_without_strength_nothing_happens_but_to_the_histogram():
    batch = grid()
    for name in OPERATIONS:
        if name not in ("auto_contrast", "equalize"):
            result = apply_operations(batch, [name], [0.0])["images"]
            np.testing.assert_allclose(result, batch["images"], atol=1e-6, err_msg=name)


def test_every_operation_but_the_identity_does_something_and_more_of_it_at_a_higher_magnitude():
    batch = batch_of_boxes(1)
    batch["images"] = np.round(batch["images"] * 255) / 255 * 0.8 + 0.1  # neither black nor white
    changes = {}
    for name in OPERATIONS:
        changes[name] = [
            np.abs(apply_operations(batch, [name], [strength])["images"] - batch["images"]).mean()
            for strength in (0.2, 0.6, 1.0)
        ]
    assert changes.pop("identity") == [0, 0, 0]
    for name, (weak, middle, strong) in changes.items():
        assert strong > 0.001, name
        if name not in ("auto_contrast", "equalize"):
            assert weak <= middle < strong, name


def test_full_strength_is_autoaugment_s_table():
    batch = grid()
    for name, arguments in (
        ("rotate", dict(degrees=30)),
        ("shear_x", dict(shear=(0.3, 0))),
        ("shear_y", dict(shear=(0, 0.3))),
        ("translate_x", dict(shift=(0.45 * 24, 0))),
        ("translate_y", dict(shift=(0, 0.45 * 24))),
    ):
        expected = warp(batch, affine_matrices(24, 24, **arguments))["images"]
        np.testing.assert_array_equal(apply_operations(batch, [name], [1.0])["images"], expected)


# What AutoAugment's table 6 has Pillow do at some strengths, and by how many grey levels Pillow's results may be off
# from exact arithmetic: it cuts off fractions (1 level) and rounds the grey or smoothed image before (1/2 level).
PILLOW = {
    "auto_contrast": ({0.3: lambda image: ImageOps.autocontrast(image)}, 1.001),
    "equalize": ({0.3: lambda image: ImageOps.equalize(image)}, 1e-4),
    "posterize": (
        {
            strength: lambda image, bits=bits: ImageOps.posterize(image, bits)
            for strength, bits in {0.0: 8, 0.25: 7, -0.5: 6, 0.75: 5, 1.0: 4, -1.0: 4}.items()
        },
        1e-4,
    ),
    "solarize": (
        {
            strength: lambda image, threshold=threshold: ImageOps.solarize(image, threshold)
            for strength, threshold in {0.0: 256, 0.25: 192, -0.25: 192, 0.5: 128, 1.0: 0, -1.0: 0}.items()
        },
        1e-4,
    ),
    **{
        name: (
            {
                strength: lambda image, enhance=enhance, factor=1 + 0.9 * strength: enhance(image).enhance(
                    factor
                )
                for strength in (-1.0, -0.4, 0.0, 0.4, 1.0)
            },
            levels,
        )
        for name, enhance, levels in (
            ("saturation", ImageEnhance.Color, 1.46),
            ("contrast", ImageEnhance.Contrast, 1.46),
            ("brightness", ImageEnhance.Brightness, 1.001),
            ("sharpness", ImageEnhance.Sharpness, 1.46),
        )
    },
}


@pytest.mark.parametrize("name", PILLOW)
def test_colours_are_those_of_pillow(name):
    from skimage import data

    photograph = data.astronaut()[80:144, 180:244]
    cases, levels = PILLOW[name]
    for strength, operate in cases.items():
        batch = {"images": (photograph[None] / 255).astype("float32")}
        ours = apply_operations(batch, [name], [strength])["images"][0] * 255.0
        theirs = np.asarray(operate(Image.fromarray(photograph))).astype("float64")
        assert np.abs(ours - theirs).max() <= levels, strength


def test_every_colour_has_a_case():
    assert set(PILLOW) | {"identity"} | set(SHAPES) == set(OPERATIONS)


def test_each_image_gets_its_own_operation():
    batch = grid(3)
    names, strengths = ["rotate", "identity", "contrast"], [1.0, 0.3, -0.5]
    result = apply_operations(batch, names, strengths)["images"]
    for index in range(3):
        alone = {"images": batch["images"][index : index + 1]}
        expected = apply_operations(alone, names[index : index + 1], strengths[index : index + 1])["images"]
        np.testing.assert_allclose(result[index], expected[0], atol=1e-6)


def test_masks_and_boxes_follow(rng):
    batch = batch_of_boxes(40, height=64, width=64)
    quiet = random_augment(batch, rng, 2, 10, names=[name for name in OPERATIONS if name not in SHAPES])
    np.testing.assert_array_equal(quiet["masks"], batch["masks"])
    np.testing.assert_array_equal(quiet["boxes"], batch["boxes"])
    moved = random_augment(batch, rng, 1, 6, names=list(SHAPES))
    inside = 0
    for box, mask in zip(moved["boxes"][:, 0], moved["masks"]):
        if box[:2].min() > 0 and box[2:].max() < 64:
            inside += 1
            assert np.abs(box - bounds(mask)).max() <= 1
    assert inside >= 20


def test_operations_are_drawn_equally_often_and_with_both_signs(rng):
    """One pixel right of the centre, 4,200 images: a seventh each way of three operations that move it."""
    images = np.zeros((4_200, 21, 21, 1), "float32")
    images[:, 10, 10] = 1
    names = ("identity", "translate_x", "translate_y")
    result = random_augment({"images": images}, rng, 1, 10 / 9, names)["images"][..., 0]
    # 0.45 of 21 pixels, times a ninth: 1.05 pixels.
    shown = result.reshape(4_200, -1).argmax(axis=1)
    places = {(10, 10): 1 / 3, (10, 11): 1 / 6, (10, 9): 1 / 6, (11, 10): 1 / 6, (9, 10): 1 / 6}
    for (row, column), share in places.items():
        assert abs((shown == row * 21 + column).mean() - share) < 0.03


def test_the_number_of_operations_counts(rng):
    batch = grid(64)
    np.testing.assert_array_equal(random_augment(batch, rng, operations=0)["images"], batch["images"])
    # Halve the light n times.
    images = {"images": np.full((32, 2, 2, 1), 0.8)}
    for count in (1, 2, 3):
        result = random_augment(images, rng, count, 5, names=("brightness",))["images"][:, 0, 0, 0]
        possible = {0.8}
        for _ in range(count):  # white is the end after every operation
            possible = {min(1.0, value * factor) for value in possible for factor in (0.55, 1.45)}
        assert all(min(abs(value - other) for other in possible) < 1e-6 for value in result)
        assert result.min() == pytest.approx(0.8 * 0.55**count, abs=1e-6)


def test_search_tries_every_pair_and_takes_the_best_and_gentlest():
    tried = []

    def score(operations, magnitude):
        tried.append((operations, magnitude))
        return -((operations - 2) ** 2) - (magnitude - 5) ** 2

    best, scores = search(score, (1, 2, 3), (2, 5, 8))
    assert best == (2, 5) and sorted(tried) == sorted(scores) and len(tried) == 9
    assert scores[(3, 8)] == -10
    assert search(lambda *_: 0.5, (3, 1, 2), (8, 2))[0] == (1, 2)


def test_bad_arguments(rng):
    batch = grid(2)
    for options in (dict(operations=-1), dict(operations=1.5), dict(magnitude=-1), dict(magnitude=11)):
        with pytest.raises(InputError, match="expected a number of operations"):
            random_augment(batch, rng, **options)
    with pytest.raises(InputError, match="unknown operation 'blur'; choose one of: identity"):
        apply_operations(batch, ["blur", "rotate"], [0, 0])
    for names, strengths in ((["rotate"], [0, 0]), (["rotate"] * 2, [0]), (["rotate"] * 2, [0, 1.2])):
        with pytest.raises(InputError, match="expected 2 operations and 2 strengths"):
            apply_operations(batch, names, strengths)
    with pytest.raises(InputError, match="1 or 3 channels, received 2"):
        random_augment({"images": batch["images"][..., :2]}, rng)
    with pytest.raises(InputError, match="nothing to try"):
        search(lambda *_: 1.0, (), (1,))
    with pytest.raises(InputError, match="received nan for 1 operations .* diverged.* validation part empty"):
        search(lambda *_: float("nan"), (1,), (1,))
