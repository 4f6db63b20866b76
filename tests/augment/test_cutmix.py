import numpy as np
import pytest
from scipy import stats

from keras_cv_course.augment.cutmix import paste, random_cutmix, share_kept, uncovered, within
from keras_cv_course.errors import InputError
from tests.augment.boxed_batches import batch_of_boxes, bounds


def distinct(count, height, width):
    """Image k has the value k in every pixel and the class k."""
    values = np.arange(count, dtype="float32")[:, None, None, None]
    return {"images": np.tile(values, (1, height, width, 3)), "labels": np.arange(count)}


def test_a_patch_by_hand():
    pixels = np.stack([np.zeros((4, 6)), np.ones((4, 6))])
    patches = np.array([[1, 2, 3, 5], [0, 0, 4, 6]])
    result = paste(pixels, patches, np.array([1, 0]))
    assert (result[0, 1:3, 2:5] == 1).all() and result[0].sum() == 6 and result[1].sum() == 0
    np.testing.assert_array_equal(share_kept(patches, 4, 6), [1 - 6 / 24, 0])


@pytest.mark.parametrize("integers", (True, False))
def test_the_label_counts_the_pixels(integers, rng):
    """Each image's pixels say whose they are; so many of them, divided by all, is the label's share."""
    for height, width in ((32, 32), (17, 40), (1, 1), (2, 3)):
        batch = distinct(64, height, width)
        if not integers:
            batch["labels"] = np.eye(64, dtype="float32")
        result = random_cutmix(batch, rng, classes=64)
        for pixels, label in zip(result["images"][..., 0], result["labels"]):
            counted = np.bincount(pixels.astype(int).ravel(), minlength=64) / (height * width)
            np.testing.assert_allclose(label, counted, rtol=0, atol=2e-7)


def test_the_rectangle_is_lambda_s_before_it_is_cut_off(rng):
    """Seen at the rectangles that touch no edge."""
    images = distinct(3_000, 40, 80)["images"][..., :1]
    result = random_cutmix({"images": images}, rng)["images"][..., 0]
    changed = result != np.arange(3_000)[:, None, None]
    heights, widths = changed.any(axis=2).sum(axis=1), changed.any(axis=1).sum(axis=1)
    inside = ~(changed[:, [0, -1]].any(axis=(1, 2)) | changed[:, :, [0, -1]].any(axis=(1, 2)))
    inside &= heights > 0
    assert inside.sum() > 300
    # Both sides are the same share sqrt(1 - lambda) of the image, rounded down.
    assert np.abs(heights[inside] / 40 - widths[inside] / 80).max() <= 1 / 40
    # The share before the cut: a rectangle of height h stays inside with probability (1 - h/40)(1 - w/80).
    sides = rng.uniform(size=200_000)
    sides = np.sqrt(1 - sides)
    fits = rng.random(200_000) < (1 - sides) ** 2
    expected = np.floor(sides[fits] * 40)
    expected = expected[expected > 0]
    assert abs(heights[inside].mean() - expected.mean()) < 0.8
    assert stats.ks_2samp(heights[inside], expected).statistic < 0.1


def test_a_large_alpha_makes_lambda_one_half(rng):
    """Then the rectangle has sqrt(1/2) of each side: 28 of 40 pixels where nothing is cut off."""
    images = distinct(200, 40, 40)["images"][..., :1]
    result = random_cutmix({"images": images}, rng, alpha=1e6)["images"][..., 0]
    heights = (result != np.arange(200)[:, None, None]).any(axis=2).sum(axis=1)
    assert heights.max() == 28 and 14 <= heights.min() <= 16


def test_patches_lie_anywhere_and_are_cut_off_at_the_edge(rng):
    """The centre is uniform: the middle is covered more often than a corner, and that often still."""
    images = distinct(2_000, 21, 21)["images"][..., :1]
    result = random_cutmix({"images": images}, rng)["images"][..., 0]
    covered = (result != np.arange(2_000)[:, None, None]).mean(axis=0)
    np.testing.assert_allclose(covered, covered[::-1], atol=0.08)
    np.testing.assert_allclose(covered, covered.T, atol=0.08)
    assert 0.12 < covered[0, 0] < 0.25 and 0.4 < covered[10, 10] < 0.6


def test_masks_are_pasted_where_the_images_are(rng):
    batch = batch_of_boxes(16)
    result = random_cutmix(batch, rng, classes=5)
    np.testing.assert_array_equal((result["images"] == 1).all(axis=-1), result["masks"] == 1)
    assert (result["masks"] != batch["masks"]).any()


def test_boxes_are_what_the_mask_shows(rng):
    """Own and pasted boxes, told apart by their numbers in the mask; those mostly covered are gone."""
    count = 200
    batch = batch_of_boxes(count)
    numbers = np.arange(1, count + 1)
    batch["masks"] = (batch["masks"] * numbers[:, None, None]).astype("int32")  # whose rectangle it is
    batch["labels"] = np.eye(count)
    result = random_cutmix(batch, rng)
    assert result["boxes"].shape == (count, 2, 4)
    seen, gone = 0, 0
    for index in range(count):
        others = np.flatnonzero(result["labels"][index])
        other = next((k for k in others if k != index), None)
        for place, owner in ((0, index), (1, other)):
            if owner is None:
                continue
            box, shown = result["boxes"][index, place], result["masks"][index] == owner + 1
            whole = batch["boxes"][owner, 0]
            area = np.prod(whole[2:] - whole[:2])
            if (box == -1).all():
                gone += 1
                assert shown.sum() <= 0.1 * area and result["box_classes"][index, place] == -1
            else:
                seen += 1
                np.testing.assert_array_equal(box, bounds(shown))
                assert result["box_classes"][index, place] == batch["box_classes"][owner, 0]
    assert seen > 200 and gone > 20


def test_what_is_left_of_a_box_by_hand():
    box = np.array([[[2, 2, 8, 6]]], "float32")
    for patch, rest in (
        ((0, 0, 9, 4), (4, 2, 8, 6)),  # the left half is covered
        ((0, 5, 9, 9), (2, 2, 5, 6)),  # the right part
        ((0, 0, 3, 9), (2, 3, 8, 6)),  # the top
        ((5, 0, 9, 9), (2, 2, 8, 5)),  # the bottom
        ((3, 0, 4, 9), (2, 2, 8, 6)),  # a bar through the middle leaves both sides
        ((3, 3, 9, 9), (2, 2, 8, 6)),  # a corner
    ):
        np.testing.assert_array_equal(uncovered(box, np.array([patch]))[0, 0], rest)
    left, top, right, bottom = uncovered(box, np.array([(0, 0, 9, 9)]))[0, 0]
    assert (right - left) * (bottom - top) == 0
    np.testing.assert_array_equal(within(box, np.array([(3, 0, 9, 4)]))[0, 0], (2, 3, 4, 6))


def test_an_image_alone_in_its_batch_stays_as_it_is(rng):
    batch = batch_of_boxes(1)
    for _ in range(5):
        result = random_cutmix(batch, rng, classes=5)
        np.testing.assert_array_equal(result["images"], batch["images"])
        np.testing.assert_array_equal(result["labels"], np.eye(5)[batch["labels"]])
        np.testing.assert_array_equal(result["boxes"][0], [batch["boxes"][0, 0], [-1] * 4])


def test_bad_arguments(rng):
    for alpha in (0, -1, float("nan"), float("inf")):
        with pytest.raises(InputError, match="alpha of the Beta distribution"):
            random_cutmix(batch_of_boxes(3), rng, alpha)
    with pytest.raises(InputError, match="give classes="):
        random_cutmix(batch_of_boxes(3), rng)
