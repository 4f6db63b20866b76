"""The exercises of day1.augment: flip, cutout, mixup and cutmix, for image, mask, boxes and label alike."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect, shape_is
from keras_cv_course.classroom.example_images import digits
from keras_cv_course.classroom.shared_checks import all_refused

flipping = Exercise(
    "flip",
    "mirror the chosen images, with their masks and boxes",
    definitions=("flip", "mirrored"),
    points=2,
    hints=(
        "`checked`, which is given, validates the batch and returns a new dictionary. The arrays in it are the "
        "caller's own: copy what you write into.",
        "Columns run backwards: [:, :, ::-1], for masks as for images. Rows of -1 are no boxes: they stay.",
        "What to reach: in an image 10 pixels wide, the box from 1 to 4 becomes the one from 6 to 9.",
    ),
)
hiding = Exercise(
    "cutout",
    "rectangles around centres, cut off at the edge, and images with one of them filled",
    definitions=("rectangles", "cut_out"),
    points=2,
    hints=(
        "The first row is half the height above the centre; how far is the last one from the first?",
        "A rectangle may hang over the edge: np.clip brings both corners back, rows and columns each to "
        "their own limit.",
        "A slice of one image takes one number as well as a whole array. Leave the caller's images alone.",
        "What to reach: size 4 around row 1 covers rows 0 to 2, three of its four.",
    ),
)
mixing = Exercise(
    "mixup",
    "two images through each other, and their labels by the same share",
    definitions=("mix", "random_mixup"),
    points=3,
    hints=(
        "`mix`: one share for each row; give it as many axes of length 1 as stand behind the arrays' first.",
        "`partners`, `shares` and `joined`, which are given, say who meets whom, turn integers into shares, "
        "and lay the boxes of both images side by side.",
        "Draw in the order of the signature's story: first the shares, rng.beta, then the partners. Images, "
        "labels and masks are mixed by the very same shares.",
        "What to reach: a third of a 3 and two thirds of an 8 is labelled 1/3 and 2/3.",
    ),
)
pasting = Exercise(
    "cutmix",
    "a rectangle of another image over each image, and a label that counts the pixels",
    definitions=("paste", "share_kept", "random_cutmix"),
    points=4,
    hints=(
        "`paste`: what is pasted comes from the images as they were, not from those that were pasted over.",
        "`share_kept`: the rectangle's rows times its columns, divided by all pixels, is what is gone.",
        "Sides are sqrt(1 - lambda) of the image's, rounded down; `rectangles` cuts off what hangs over the "
        "edge. Draw lambdas, partners, then centres.",
        "The label's share is counted from the rectangle that was pasted, not taken from lambda: that one "
        "still speaks of the part beyond the edge.",
        "`joined`, `uncovered`, `within` and `keep_visible` are given: own boxes lose what is covered, "
        "brought ones what lies outside of the patch.",
        "What to reach: where every pixel of an image is its label, its mean pixel is the mixed label.",
    ),
)

EXERCISES = Exercises(
    "day1.augment",
    sources=(
        "keras_cv_course.augment.augmentation",
        "keras_cv_course.augment.flip",
        "keras_cv_course.augment.cutout",
        "keras_cv_course.augment.mixup",
        "keras_cv_course.augment.cutmix",
    ),
    exercises=(flipping, hiding, mixing, pasting),
)


@flipping.check(points=1)
def check_image_mask_and_boxes_go_together(mine, reference, rng):
    """In chosen images all columns run backwards and boxes lie where their objects are; all else stays."""
    width, chosen = int(rng.integers(5, 12)), rng.permutation([True, False, True, False])
    left, top = rng.integers(0, width - 2, (2, 4, 3))
    boxes = np.stack([left, top, left + 2, top + 1], axis=-1).astype("float64")
    boxes[:, 2] = -1
    batch = {"images": rng.random((4, 6, width, 2)), "masks": rng.integers(0, 9, (4, 6, width))}
    result = mine.flip({**batch, "boxes": boxes}, chosen)
    expected = reference.flip({**batch, "boxes": boxes}, chosen)
    for field in batch:
        attempt = "reverse the columns, axis 2, of the chosen ones; in masks, too"
        close_to(result[field], expected[field], 0, field, attempt)
    attempt = "left becomes width - right, right width - left; only in chosen images, not in rows of -1"
    close_to(result["boxes"], expected["boxes"], 0, "boxes", attempt)


@flipping.check
def check_a_wrong_choice_is_refused(mine, rng):
    """A choice that is not one True or False an image is refused."""
    batch = {"images": rng.random((2, 3, 4, 1)), "masks": rng.integers(0, 9, (2, 3, 4))}
    cases = {f"chosen={chosen}": (batch, np.array(chosen)) for chosen in ([True], [1, 0])}
    all_refused(mine.flip, cases, "raise InputError: as many True or False as images", kind="InputError")


@hiding.check(points=1)
def check_rectangles(mine, reference, rng):
    """Half the size lies above and left of each centre; what hangs over an edge is cut off."""
    height, width = (int(side) for side in rng.integers(8, 20, 2))
    centres = np.array([[0, 0], [height - 1, width - 1], *rng.integers(0, (height, width), (6, 2))])
    sizes = rng.integers(0, 9, (8, 2))
    attempt = "top = row - height // 2, bottom = top + height, then both clipped to 0 and the image's height"
    for these in (sizes, sizes[:1]):
        expected = reference.rectangles(centres, these, height, width)
        received = mine.rectangles(centres, these, height, width)
        close_to(received, expected, 0, f"top, left, bottom, right for {len(these)} sizes", attempt)


@hiding.check
def check_what_is_filled(mine, reference, rng):
    """Every pixel of the rectangle has the fill value, every other one its own."""
    images, fill = rng.random((3, 6, 7, 2)), float(rng.random())
    holes = np.array([[1, 2, 4, 7], [0, 0, 6, 7], [3, 3, 3, 5]])
    attempt = "rows top to bottom - 1, columns left to right - 1, of a copy"
    close_to(mine.cut_out(images, holes, fill), reference.cut_out(images, holes, fill), 0, "images", attempt)


@mixing.check(points=1)
def check_mix(mine, rng):
    """weight * first + (1 - weight) * second, each row by its own weight, whatever the shape."""
    weights, attempt = rng.random(3), "give the weights the shape (N, 1, 1 ...)"
    for shape in ((3, 2), (3, 4, 5, 1)):
        first, second = rng.random((2, *shape))
        expected = [w * one + (1 - w) * other for w, one, other in zip(weights, first, second)]
        close_to(mine.mix(first, second, weights), expected, 1e-9, f"mixtures of arrays {shape}", attempt)


@mixing.check
def check_mixed_labels_and_boxes(mine, rng):
    """The label is what the mixed image shows, so are masks; boxes of both images are there, own ones first."""
    boxes = np.arange(12.0)[:, None, None] + np.array([0.0, 0, 1, 1])
    batch = {**_own_labels(12, 4, 5), "boxes": boxes, "box_classes": np.arange(12)[:, None]}
    result = mine.random_mixup(batch, rng, alpha=1.0)
    labels = shape_is(result["labels"], (12, 12), "labels", "one share a class")
    seen = np.asarray(result["images"]).mean(axis=(1, 2))
    attempt = "image, label and mask by the same weights and with the same partner"
    close_to(labels, seen, 1e-5, "labels", attempt)
    close_to(np.asarray(result["masks"])[:, 0, 0], seen, 1e-5, "masks", attempt)
    largest = labels.max(axis=1)
    expect(largest.min() < 0.95, "weights between 0 and 1", largest, "rng.beta(alpha, alpha, count)")
    expect(np.ptp(largest) > 0.01, "another weight for every image", largest, "`count` weights are drawn")
    partner = np.asarray(result["box_classes"])[:, -1]
    expected = boxes[np.stack([np.arange(12), partner], axis=1), 0]
    attempt = "`joined` for boxes and box_classes, the same partners for all fields"
    close_to(result["boxes"], expected, 0, "own boxes, then the partner's", attempt)
    there = labels[np.arange(12), partner]
    expect((there > 0).all(), "boxes from the image that the label names", there, attempt)


@mixing.check
def check_mixup_refuses(mine, rng):
    """An alpha of 0 or less and masks of class numbers are refused."""
    batch = _own_labels(4, 3, 3)
    cases = {f"alpha {alpha}": (batch, rng, alpha) for alpha in NO_ALPHA}
    cases["masks of integers"] = ({**batch, "masks": np.zeros((4, 3, 3), "int64")}, rng)
    all_refused(mine.random_mixup, cases, kind="InputError")  # NumPy's error for alpha is another


@pasting.check(points=1)
def check_paste_and_share(mine, reference, rng):
    """The patch shows the same place of the other image as it came in; the share counts what is left."""
    pixels, other = rng.random((3, 4, 6)), np.array([1, 2, 0])
    patches = np.array([[1, 2, 3, 5], [0, 0, 4, 6], [2, 1, 4, 2]])
    attempt = "from the images that came in, not from the ones being made"
    expected = reference.paste(pixels, patches, other)
    close_to(mine.paste(pixels, patches, other), expected, 0, "pixels", attempt)
    height, width = (int(side) for side in rng.integers(6, 20, 2))
    expected = [1 - gone / (height * width) for gone in (6, 24, 2)]
    attempt = "1 - rows * columns / all pixels"
    close_to(mine.share_kept(patches, height, width), expected, 1e-9, "shares kept", attempt)


@pasting.check(points=1)
def check_cutmix_label_counts_the_pixels(mine, rng):
    """In images whose every pixel is their label, the mean pixel is the mixed label, at every edge."""
    attempt = "count the rectangle after it was rounded and cut off: `share_kept`, not lambda"
    for height, width in ((9, 14), (5, 4)):
        result = mine.random_cutmix(_own_labels(24, height, width), rng)
        seen = np.asarray(result["images"]).mean(axis=(1, 2))
        close_to(result["labels"], seen, 1e-5, f"labels of {height}x{width} images", attempt)
        close_to(result["masks"], result["images"], 1e-6, "masks", "the same rectangles as in the images")
    result = mine.random_cutmix(_own_labels(40, 20, 20), rng, alpha=1e6)
    gone = 1 - np.asarray(result["labels"])[np.arange(40), np.arange(40)]
    # 14 x 14 of 400 pixels, less what hangs over an edge.
    attempt = "sides of sqrt(1 - lambda)"
    close_to(gone.max(), 0.49, 0.03, "largest share of another image at lambda = 1/2", attempt)


@pasting.check
def check_cutmix_boxes(mine, rng):
    """Own boxes lose what the patch covers, added ones what lies outside of it; no visible object is lost."""
    count, side, area = 40, 16, 7 * 5
    images, boxes = np.zeros((count, side, side, count)), np.zeros((count, 1, 4))
    for number, (left, top) in enumerate(rng.integers(0, (side - 5, side - 7), (count, 2))):
        images[number, top : top + 7, left : left + 5, number] = 1  # each object has a channel of its own
        boxes[number] = left, top, left + 5, top + 7
    batch = {"images": images, "boxes": boxes, "box_classes": np.arange(count)[:, None]}
    result = mine.random_cutmix(batch, rng)
    attempt = "visible = own boxes `uncovered`, added ones `within` the patch; then `keep_visible`"
    boxes = shape_is(result["boxes"], (count, 2, 4), "boxes", attempt)
    kinds = shape_is(result["box_classes"], (count, 2), "box_classes", attempt)
    for image, box, kind in zip(np.asarray(result["images"]), boxes, kinds):
        seen = {}
        for owner in np.flatnonzero(image.any(axis=(0, 1))):
            rows, columns = np.nonzero(image[..., owner])
            around = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            if (around[2] - around[0]) * (around[3] - around[1]) >= 0.1 * area:  # never just a tenth
                seen[int(owner)] = around
        named = sorted(int(owner) for owner in kind if owner >= 0)
        equal_to(named, sorted(seen), "classes of the boxes of which a tenth or more is visible", attempt)
        for where, owner in zip(box, kind):
            expected = seen[int(owner)] if owner >= 0 else [-1] * 4
            close_to(where, expected, 1e-6, "the box around what is visible, or -1", attempt)


@pasting.check
def check_cutmix_refuses(mine, rng):
    """An alpha of 0 or less is refused; an image alone in its batch stays as it is."""
    cases = {f"alpha {alpha}": (_own_labels(4, 3, 3), rng, alpha) for alpha in NO_ALPHA}
    all_refused(mine.random_cutmix, cases, kind="InputError")  # NumPy's error is another
    label = np.asarray(mine.random_cutmix(_own_labels(1, 6, 6), rng)["labels"])
    equal_to(float(label[0, 0]), 1.0, "the label of an image alone", "it has no partner")


@flipping.shows
def image_of_flip(mine):
    """Four digits, the second and the last one mirrored."""
    return _row(mine.flip({"images": digits(2, 3, 6, 7)}, np.array([False, True, False, True]))["images"])


@hiding.shows
def image_of_cutout(mine):
    """Four digits, a grey rectangle in each, cut off at the edge."""
    centres = np.array([[4, 4], [12, 12], [20, 4], [0, 20]])
    holes = mine.rectangles(centres, np.full((4, 2), 10), 24, 24)
    return _row(mine.cut_out(digits(2, 3, 6, 7), np.asarray(holes), 0.5))


@mixing.shows
def image_of_mixup(mine):
    """Four digits, each through another one."""
    return _row(mine.random_mixup({"images": digits(2, 3, 6, 7)}, np.random.default_rng(3), 1.0)["images"])


@pasting.shows
def image_of_cutmix(mine):
    """Four digits, a rectangle of another one in each."""
    return _row(mine.random_cutmix({"images": digits(2, 3, 6, 7)}, np.random.default_rng(3))["images"])


NO_ALPHA = (0.0, -1.0)


def _row(images):
    return np.hstack(np.clip(np.asarray(images), 0, 1)[..., 0])


def _own_labels(count, height, width):
    """Images, and masks, whose every pixel is their one-hot label."""
    labels = np.eye(count, dtype="float32")
    images = np.tile(labels[:, None, None], (1, height, width, 1))
    return {"images": images, "labels": labels, "masks": images.copy()}
