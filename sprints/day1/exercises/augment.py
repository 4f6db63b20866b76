"""The exercises of day1.augment: flip, cutout, mixup and cutmix, for image, mask, boxes and label alike."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, expect, shape_is
from keras_cv_course.classroom.example_images import digits
from keras_cv_course.classroom.shared_checks import all_refused
from sprints.day1.exercises import sample_batches
from sprints.day1.exercises.cutmix import pasting

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
    batch = {**sample_batches.own_labels(12, 4, 5), "boxes": boxes, "box_classes": np.arange(12)[:, None]}
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
    batch = sample_batches.own_labels(4, 3, 3)
    cases = {f"alpha {alpha}": (batch, rng, alpha) for alpha in sample_batches.NO_ALPHA}
    cases["masks of integers"] = ({**batch, "masks": np.zeros((4, 3, 3), "int64")}, rng)
    all_refused(mine.random_mixup, cases, kind="InputError")  # NumPy's error for alpha is another


@flipping.shows
def image_of_flip(mine):
    """Four digits, the second and the last one mirrored."""
    return sample_batches.row(
        mine.flip({"images": digits(2, 3, 6, 7)}, np.array([False, True, False, True]))["images"]
    )


@hiding.shows
def image_of_cutout(mine):
    """Four digits, a grey rectangle in each, cut off at the edge."""
    centres = np.array([[4, 4], [12, 12], [20, 4], [0, 20]])
    holes = mine.rectangles(centres, np.full((4, 2), 10), 24, 24)
    return sample_batches.row(mine.cut_out(digits(2, 3, 6, 7), np.asarray(holes), 0.5))


@mixing.shows
def image_of_mixup(mine):
    """Four digits, each through another one."""
    return sample_batches.row(
        mine.random_mixup({"images": digits(2, 3, 6, 7)}, np.random.default_rng(3), 1.0)["images"]
    )
