import numpy as np
import pytest
from scipy import ndimage
from skimage import transform as skimage_transform

from keras_cv_course.augment.affine import affine_matrices, random_affine, random_rotation, warp
from keras_cv_course.errors import InputError
from tests.augment.boxed_batches import batch_of_boxes, bounds


def square(**options):
    return batch_of_boxes(height=44, width=44, **options)


def test_four_quarter_turns_are_the_identity_exactly():
    batch = result = square()
    for _ in range(4):
        result = warp(result, affine_matrices(44, 44, degrees=90))
    for field, values in batch.items():
        np.testing.assert_array_equal(result[field], values, err_msg=field)


def test_a_quarter_turn_is_that_of_numpy_and_boxes_follow_exactly():
    batch = square()
    for degrees, turns in ((90, -1), (180, 2), (-90, 1), (270, 1), (360, 0)):
        result = warp(batch, affine_matrices(44, 44, degrees=degrees))
        for field in ("images", "masks"):
            np.testing.assert_array_equal(result[field], np.rot90(batch[field], turns, axes=(1, 2)))
        for box, mask in zip(result["boxes"], result["masks"]):
            np.testing.assert_array_equal(box[0], bounds(mask))


def test_half_a_turn_of_an_image_that_is_no_square(boxed):
    result = warp(boxed, affine_matrices(40, 48, degrees=180))
    np.testing.assert_array_equal(result["images"], boxed["images"][:, ::-1, ::-1])


def test_no_motion_is_the_identity(boxed):
    result = warp(boxed, affine_matrices(40, 48))
    for field, values in boxed.items():
        np.testing.assert_array_equal(result[field], values, err_msg=field)


def test_a_shift_by_whole_pixels_is_a_slice(boxed):
    result = warp(boxed, affine_matrices(40, 48, shift=(3, -5)))
    for field in ("images", "masks"):
        np.testing.assert_array_equal(result[field][:, :-5, 3:], boxed[field][:, 5:, :-3])
        assert not result[field][:, -5:].any() and not result[field][:, :, :3].any()


def test_half_a_pixel_is_the_mean_of_two_and_fades_into_nothing_at_the_edge():
    images = np.array([1.0, 3.0, 7.0]).reshape(1, 1, 3, 1)
    result = warp({"images": images}, affine_matrices(1, 3, shift=(0.5, 0)))["images"]
    np.testing.assert_allclose(result.ravel(), [0.5, 2.0, 5.0], atol=1e-12)


def test_each_number_of_the_matrix_does_what_it_says():
    """One bright pixel right of the centre of 9 x 9 pixels, moved by hand."""
    images = np.zeros((1, 9, 9, 1))
    images[0, 4, 6] = 1  # two pixels to the right of the centre (4, 4)
    for options, place in (
        (dict(degrees=90), (6, 4)),  # clockwise: from the right to below
        (dict(shift=(1, 0)), (4, 7)),
        (dict(shift=(0, 2)), (6, 6)),
        (dict(scale=0.5), (4, 5)),
        (dict(shear=(0, 1)), (6, 6)),  # two to the right, hence two down
        (dict(shear=(1, 0)), (4, 6)),  # not below the centre, hence not sideways
    ):
        result = warp({"images": images}, affine_matrices(9, 9, **options))["images"][0, ..., 0]
        assert np.unravel_index(result.argmax(), (9, 9)) == place, options


def random_matrices(count, height, width, rng):
    return affine_matrices(
        height,
        width,
        degrees=rng.uniform(-180, 180, count),
        scale=rng.uniform(0.6, 1.6, count),
        shear=(rng.uniform(-0.4, 0.4, count), rng.uniform(-0.4, 0.4, count)),
        shift=(rng.uniform(-8, 8, count), rng.uniform(-8, 8, count)),
    )


def test_images_are_those_of_scikit_image_and_scipy(rng):
    """Both have pixel centres at whole numbers, ours are half a pixel further."""
    images = rng.random((12, 26, 33, 2))
    matrices = random_matrices(12, 26, 33, rng)
    ours = warp({"images": images}, matrices)["images"]
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    interior = 0
    for index, matrix in enumerate(matrices):
        back = np.linalg.inv(half) @ np.linalg.inv(matrix) @ half
        rows, columns = np.mgrid[:26, :33]
        x, y = np.tensordot(back[:2, :2], [columns, rows], axes=1) + back[:2, 2, None, None]
        inside = (x >= 0) & (x <= 32) & (y >= 0) & (y <= 25)
        interior += inside.sum()
        theirs = skimage_transform.warp(images[index], back, order=1)
        np.testing.assert_allclose(ours[index][inside], theirs[inside], rtol=0, atol=1e-9)
        # SciPy: rows first, and the edge fades into 0 as ours does: equal everywhere.
        by_row = back[:2, :2][::-1, ::-1], back[:2, 2][::-1]
        for channel in range(2):
            theirs = ndimage.affine_transform(
                images[index, ..., channel], *by_row, order=1, mode="grid-constant"
            )
            np.testing.assert_allclose(ours[index, ..., channel], theirs, rtol=0, atol=1e-9)
    assert interior > 4_000
    single = warp({"images": images.astype("float32")}, matrices)["images"]
    np.testing.assert_allclose(single, ours, rtol=0, atol=1e-5)


@pytest.mark.parametrize("dtype", ("float32", "float64"))
@pytest.mark.parametrize("scale", (0.02, 0.3, 5.0))
def test_sources_far_outside_are_black(dtype, scale, rng):
    """Shrunk to a spot in the middle, or moved out of sight: equal to SciPy everywhere, the edges included."""
    images = rng.uniform(0.5, 1, (5, 20, 31, 1)).astype(dtype)
    matrices = affine_matrices(20, 31, rng.uniform(-180, 180, 5), scale, shift=(rng.uniform(-40, 40, 5), 3.3))
    ours = warp({"images": images}, matrices)["images"]
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    for image, matrix, result in zip(images, matrices, ours):
        back = np.linalg.inv(half) @ np.linalg.inv(matrix) @ half
        by_row = back[:2, :2][::-1, ::-1], back[:2, 2][::-1]
        theirs = ndimage.affine_transform(
            image[..., 0].astype("float64"), *by_row, order=1, mode="grid-constant"
        )
        np.testing.assert_allclose(result[..., 0], theirs, rtol=0, atol=1e-3 if dtype == "float32" else 1e-9)


def test_masks_are_the_nearest_pixel_of_scipy(rng):
    masks = rng.integers(0, 200, (8, 21, 30)).astype("uint8")
    matrices = random_matrices(8, 21, 30, rng)
    batch = {"images": np.zeros((8, 21, 30, 1)), "masks": masks}
    ours = warp(batch, matrices)["masks"]
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    for index, matrix in enumerate(matrices):
        back = np.linalg.inv(half) @ np.linalg.inv(matrix) @ half
        by_row = back[:2, :2][::-1, ::-1], back[:2, 2][::-1]
        theirs = ndimage.affine_transform(masks[index], *by_row, order=0, mode="grid-constant")
        np.testing.assert_array_equal(ours[index], theirs)


def overlap(first, second):
    low, high = np.maximum(first[:2], second[:2]), np.minimum(first[2:], second[2:])
    common = np.prod(np.clip(high - low, 0, None))
    return common / (np.prod(first[2:] - first[:2]) + np.prod(second[2:] - second[:2]) - common)


def test_boxes_follow_the_mask_to_a_pixel(rng):
    batch = batch_of_boxes(count=60, height=64, width=72)
    result = random_affine(batch, rng, degrees=40, scale=(0.8, 1.3), shear=0.3, shift=0.25)
    worst, kept, dropped = 1.0, 0, 0
    for index in range(60):
        box, mask = result["boxes"][index, 0], result["masks"][index]
        if (box == -1).all():
            dropped += 1
            assert result["box_classes"][index, 0] == -1
            continue
        kept += 1
        assert result["box_classes"][index, 0] == batch["box_classes"][index, 0]
        if not (box[0] > 0 and box[1] > 0 and box[2] < 72 and box[3] < 64):
            continue  # cut off at the edge: the box holds more than the turned rectangle shows
        assert np.abs(box - bounds(mask)).max() <= 1
        worst = min(worst, overlap(box, bounds(mask)))
    assert kept >= 45 and worst >= 0.8


def test_a_box_that_leaves_the_image_is_dropped(boxed):
    result = warp(boxed, affine_matrices(40, 48, shift=(60, 0)))
    assert (result["boxes"] == -1).all() and (result["box_classes"] == -1).all()
    assert not result["masks"].any() and not result["images"].any()


def test_where_there_is_no_box_there_is_none_afterwards(boxed):
    boxed["boxes"][3], boxed["box_classes"][3] = -1, -1
    result = warp(boxed, affine_matrices(40, 48, shift=(10, 10)))
    assert (result["boxes"][3] == -1).all()


def test_knobs_are_the_largest_motions(rng):
    """A bright pixel at the centre's right tells angle and scale; its centre tells the shift."""
    images = np.zeros((400, 41, 41, 1))
    images[:, 20, 30] = 1
    matrix_of = random_rotation({"images": images}, rng, degrees=30)["images"][..., 0]
    rows, columns = np.mgrid[:41, :41] - 20
    mass = matrix_of.sum(axis=(1, 2))
    x, y = (matrix_of * columns).sum(axis=(1, 2)) / mass, (matrix_of * rows).sum(axis=(1, 2)) / mass
    angles, lengths = np.rad2deg(np.arctan2(y, x)), np.hypot(x, y)
    assert np.abs(lengths - 10).max() < 0.2
    assert 29 < np.abs(angles).max() < 31.5 and abs(angles.mean()) < 3.5
    images = np.zeros((400, 41, 61, 1))
    images[:, 20, 30] = 1
    moved = random_affine({"images": images}, rng, degrees=0, scale=(1, 1), shear=0, shift=0.2)["images"]
    mass = moved.sum(axis=(1, 2, 3))
    x = (moved[..., 0] * (np.arange(61) - 30)).sum(axis=(1, 2)) / mass
    y = (moved[..., 0] * (np.arange(41) - 20)[:, None]).sum(axis=(1, 2)) / mass
    assert 11.5 < np.abs(x).max() < 12.2 + 0.1 and 7.7 < np.abs(y).max() < 8.3


def test_bad_arguments(boxed, rng):
    for options, message in (
        (dict(scale=0), "a scale is a positive number"),
        (dict(degrees=float("nan")), "finite numbers"),
        (dict(shift=(np.inf, 0)), "finite numbers"),
    ):
        with pytest.raises(InputError, match=message):
            affine_matrices(40, 48, **options)
    flat, projective = np.eye(3)[None].copy(), np.eye(3)[None].copy()
    flat[0, 0, 0], projective[0, 2, 0] = 0, 0.1
    for matrices, message in (
        (np.eye(3), r"received shape \(3, 3\)"),
        (np.stack([np.eye(3)] * 5), "expected 24 matrices"),
        (flat, "to a line or a point"),
        (projective, "last row is 0, 0, 1"),
        (flat * np.nan, "is finite"),
    ):
        with pytest.raises(InputError, match=message):
            warp(boxed, matrices)
    for options in (
        dict(degrees=-1),
        dict(shear=-0.1),
        dict(shift=-1),
        dict(scale=(0, 1)),
        dict(scale=(2, 1)),
    ):
        with pytest.raises(InputError, match="expected degrees, shear and shift of 0 or more"):
            random_affine(boxed, rng, **options)
    with pytest.raises(InputError, match="received degrees=-5"):
        random_rotation(boxed, rng, degrees=-5)
