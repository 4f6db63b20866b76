"""The exercise of day1.augment on CutMix."""

import numpy as np

from keras_cv_course.classroom import Exercise, close_to, equal_to, shape_is
from keras_cv_course.classroom.example_images import digits
from keras_cv_course.classroom.shared_checks import all_refused
from sprints.day1.exercises import sample_batches

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
        result = mine.random_cutmix(sample_batches.own_labels(24, height, width), rng)
        seen = np.asarray(result["images"]).mean(axis=(1, 2))
        close_to(result["labels"], seen, 1e-5, f"labels of {height}x{width} images", attempt)
        close_to(result["masks"], result["images"], 1e-6, "masks", "the same rectangles as in the images")
    result = mine.random_cutmix(sample_batches.own_labels(40, 20, 20), rng, alpha=1e6)
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
    cases = {
        f"alpha {alpha}": (sample_batches.own_labels(4, 3, 3), rng, alpha)
        for alpha in sample_batches.NO_ALPHA
    }
    all_refused(mine.random_cutmix, cases, kind="InputError")  # NumPy's error is another
    label = np.asarray(mine.random_cutmix(sample_batches.own_labels(1, 6, 6), rng)["labels"])
    equal_to(float(label[0, 0]), 1.0, "the label of an image alone", "it has no partner")


@pasting.shows
def image_of_cutmix(mine):
    """Four digits, a rectangle of another one in each."""
    return sample_batches.row(
        mine.random_cutmix({"images": digits(2, 3, 6, 7)}, np.random.default_rng(3))["images"]
    )
