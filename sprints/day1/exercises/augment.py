"""The exercises of day1.augment: flip, cutout, mixup and cutmix, for image, mask, boxes and label alike."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect, refuses, shape_is

flipping = Exercise(
    "flip",
    "mirror the chosen images, with their masks and boxes",
    definitions=("flip", "mirrored"),
    points=2,
    hints=(
        "`checked`, which is given, proves the batch and gives back a new dictionary. Arrays in it are the "
        "caller's own: copy what you write into.",
        "Columns run backwards: [:, :, ::-1]. For masks, which may have a fourth axis, too.",
        "What was some pixels from the left edge is as many from the right one now; left stays below right.",
        "Rows of -1 are no boxes: they stay. What to reach: in an image 10 pixels wide, the box from "
        "1 to 4 becomes the one from 6 to 9.",
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
        "To reach: where every pixel of an image is its label, its mean pixel is the mixed label.",
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


@flipping.check
def check_a_box_by_hand(mine):
    """The box from 1 to 4 in an image 10 pixels wide becomes the one from 6 to 9; rows of -1 stay."""
    boxes = np.array([[[1.0, 2, 4, 8], [-1, -1, -1, -1]], [[0, 0, 10, 9], [3, 1, 5, 2]]])
    attempt = "left becomes width - right, and right becomes width - left"
    close_to(mine.mirrored(boxes[:, :1], 10), [[[6, 2, 9, 8]], [[0, 0, 10, 9]]], 0, "mirrored boxes", attempt)
    batch = {"images": np.zeros((2, 9, 10, 1)), "boxes": boxes}
    result = mine.flip(batch, np.array([True, False]))
    expected = [[[6, 2, 9, 8], [-1, -1, -1, -1]], [[0, 0, 10, 9], [3, 1, 5, 2]]]
    close_to(
        result["boxes"], expected, 0, "boxes", "only boxes of chosen images, and only rows that are boxes"
    )


@flipping.check
def check_image_and_mask_go_together(mine, rng):
    """Chosen images and their masks run from right to left; the others stay."""
    batch = {"images": rng.random((3, 4, 5, 2)), "masks": rng.integers(0, 9, (3, 4, 5))}
    chosen = np.array([True, False, True])
    result = mine.flip(batch, chosen)
    for field in ("images", "masks"):
        expected = np.stack([
            np.stack([values[:, 4 - column] for column in range(5)], axis=1) if yes else values
            for values, yes in zip(batch[field], chosen)
        ])  # fmt: skip
        close_to(result[field], expected, 0, field, "the columns, axis 2, in the other order; masks, too")


@flipping.check
def check_pixels_stay_in_their_boxes(mine, rng):
    """An object drawn into its box is in its box afterwards; two flips give back what was there."""
    masks, boxes = np.zeros((6, 8, 12), "int64"), np.zeros((6, 1, 4))
    for mask, box in zip(masks, boxes):
        left, top = rng.integers(0, 8), rng.integers(0, 4)
        right, bottom = left + rng.integers(1, 5), top + rng.integers(1, 5)
        mask[top:bottom, left:right] = 1
        box[0] = left, top, right, bottom
    batch = {"images": masks[..., None].astype("float64"), "masks": masks, "boxes": boxes}
    everything = np.ones(6, bool)
    once = mine.flip(batch, everything)
    attempt = "a box's right edge is the first column that is not in it: no -1 anywhere"
    for mask, box in zip(np.asarray(once["masks"]), np.asarray(once["boxes"])):
        rows, columns = np.nonzero(mask)
        around = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        close_to(box[0], around, 0, "the box around the moved mask", attempt)
    twice = mine.flip(once, everything)
    for field in batch:
        close_to(twice[field], batch[field], 0, f"{field} after two flips", attempt)


@flipping.check
def check_the_batch_is_not_written_into(mine, rng):
    """The caller's arrays are as they were; a wrong choice is refused."""
    images = rng.random((2, 3, 4, 1))
    before = mine.flip({"images": images}, np.array([False, False]))
    close_to(before["images"], images, 0, "images of which none was chosen", "only the chosen ones")
    boxes = np.array([[[1.0, 0, 2, 3]], [[0, 1, 3, 2]]])
    batch = {"images": images, "masks": rng.integers(0, 9, (2, 3, 4)), "boxes": boxes}
    there = {field: _over_there(mine, values) for field, values in batch.items()}
    mine.flip(there, np.array([True, True]))
    for field, values in batch.items():
        attempt = "write into copies: `batch` is new, the arrays in it are the caller's"
        close_to(mine.np.asarray(there[field]), values, 0, f"the caller's {field} afterwards", attempt)
    for chosen in (np.array([True]), np.array([1, 0])):
        attempt = "raise InputError: as many True or False as images"
        refuses(mine.flip, {"images": images}, chosen, what=f"chosen={chosen}", attempt=attempt)


@hiding.check
def check_rectangles_by_hand(mine):
    """Around a centre, on the edge, in the corner, and of size 0."""
    centres = np.array([[5, 6], [1, 6], [0, 0], [9, 19], [5, 5]])
    sizes = np.array([[4, 6], [4, 6], [4, 4], [4, 6], [0, 0]])
    expected = [[3, 3, 7, 9], [0, 3, 3, 9], [0, 0, 2, 2], [7, 16, 10, 20], [5, 5, 5, 5]]
    attempt = "top = row - height // 2, bottom = top + height, then both clipped to 0 and the image's height"
    close_to(mine.rectangles(centres, sizes, 10, 20), expected, 0, "top, left, bottom, right", attempt)
    one_size = mine.rectangles(centres[:2], np.array([[4, 6]]), 10, 20)
    close_to(one_size, expected[:2], 0, "one size for all centres", attempt)


@hiding.check
def check_what_is_filled(mine, rng):
    """Every pixel of the rectangle has the fill, every other one its own value."""
    images = rng.random((3, 6, 7, 2))
    holes = np.array([[1, 2, 4, 7], [0, 0, 6, 7], [3, 3, 3, 5]])
    expected = images.copy()
    for image, (top, left, bottom, right) in zip(expected, holes):
        for row in range(top, bottom):
            for column in range(left, right):
                image[row, column] = 0.5
    attempt = "rows top to bottom - 1, columns left to right - 1, of a copy"
    close_to(mine.cut_out(images, holes, 0.5), expected, 0, "images", attempt)
    there = _over_there(mine, images)
    mine.cut_out(there, holes, 0.5)
    close_to(mine.np.asarray(there), images, 0, "the caller's images afterwards", "fill a copy")


@mixing.check
def check_mix_by_hand(mine):
    """part * first + (1 - part) * second, each row by its own part, whatever the shape."""
    attempt = "part gets the shape (N, 1, 1 ...)"
    first, second = np.array([[4.0, 8], [4, 8]]), np.array([[0.0, 0], [8, 0]])
    expected = [[1, 2], [6, 4]]
    close_to(mine.mix(first, second, np.array([0.25, 0.5])), expected, 1e-12, "two rows", attempt)
    images = mine.mix(np.ones((2, 3, 4, 1)), np.zeros((2, 3, 4, 1)), np.array([0.2, 0.9]))
    expected = np.array([0.2, 0.9])[:, None, None, None] * np.ones((2, 3, 4, 1))
    close_to(images, expected, 1e-12, "images", attempt)


@mixing.check
def check_mixup_label_is_what_is_seen(mine, rng):
    """In images whose every pixel is their label, the mean pixel of a mixed one is its mixed label."""
    batch = _own_labels(12, 4, 5)
    result = mine.random_mixup(batch, rng, alpha=1.0)
    labels = shape_is(result["labels"], (12, 12), "labels", "shares of all classes")
    seen = np.asarray(result["images"]).mean(axis=(1, 2))
    attempt = "image and label by the same shares and with the same partner"
    close_to(labels, seen, 1e-5, "labels", attempt)
    close_to(result["masks"][:, 0, 0], seen, 1e-5, "masks", attempt)
    inside = labels.max(axis=1)
    expect(inside.min() < 0.95, "shares between 0 and 1", inside, "rng.beta(alpha, alpha, count)")
    expect(np.ptp(inside) > 0.01, "another share for every image", inside, "count shares are drawn")


@mixing.check
def check_mixup_brings_boxes(mine, rng):
    """Both images' boxes are there, first the own ones; integers become shares."""
    boxes = np.arange(4, dtype="float64")[:, None, None] + np.array([0.0, 0, 1, 1])
    batch = {
        "images": rng.random((4, 6, 6, 1)),
        "labels": np.arange(4),
        "boxes": boxes,
        "box_classes": np.arange(4)[:, None],
    }
    result = mine.random_mixup(batch, rng, alpha=1.0, classes=4)
    shape_is(result["boxes"], (4, 2, 4), "boxes", "`joined` for boxes and box_classes")
    close_to(result["boxes"][:, :1], boxes, 0, "own boxes", "`joined` for boxes")
    partner = np.asarray(result["box_classes"])[:, 1]
    expect((partner != np.arange(4)).all(), "classes of another image's boxes", partner, "the same partners")
    labels = np.asarray(result["labels"])
    expect(
        (labels[np.arange(4), partner] > 0).all(), "labels that say whose boxes came", labels, "one `other`"
    )


@mixing.check
def check_mixup_refuses(mine, rng):
    """An alpha of 0 and masks of class numbers are refused."""
    batch = _own_labels(4, 3, 3)
    attempt = "raise InputError as the docstring says"
    for alpha in NO_ALPHA:
        refused = {"what": f"alpha {alpha}", "attempt": attempt, "kind": "InputError"}  # NumPy's is another
        refuses(mine.random_mixup, batch, rng, alpha, **refused)
    batch["masks"] = np.zeros((4, 3, 3), "int64")
    refuses(mine.random_mixup, batch, rng, what="masks of integers", attempt=attempt)


@pasting.check
def check_paste_and_share_by_hand(mine):
    """The patch shows the same place of the other image as it was; the share counts what is left."""
    pixels = np.arange(48.0).reshape(2, 4, 6)
    patches = np.array([[1, 2, 3, 5], [0, 0, 4, 6]])
    result = np.asarray(mine.paste(pixels, patches, np.array([1, 0])))
    expected = pixels.copy()
    expected[0, 1:3, 2:5] += 24
    expected[1] -= 24
    close_to(result, expected, 0, "pixels", "from the images that came in, not from the ones being made")
    close_to(
        mine.share_kept(patches, 4, 6), [0.75, 0], 1e-12, "shares kept", "1 - rows * columns / all pixels"
    )


@pasting.check
def check_cutmix_label_counts_the_pixels(mine, rng):
    """In images whose every pixel is their label, the mean pixel is the mixed label, at every edge."""
    attempt = "count the rectangle after it was rounded and cut off: `share_kept`, not lambda"
    for height, width in ((9, 14), (5, 4)):
        result = mine.random_cutmix(_own_labels(24, height, width), rng)
        seen = np.asarray(result["images"]).mean(axis=(1, 2))
        close_to(result["labels"], seen, 1e-5, f"labels of {height}x{width} images", attempt)
        close_to(
            result["masks"], result["images"], 1e-6, "masks", "what is pasted is pasted in the mask, too"
        )
        largest = np.asarray(result["labels"]).max(axis=1)
        expect(largest.min() < 0.95, "some images well mixed", largest, "rectangles of sqrt(1 - lambda)")


@pasting.check
def check_cutmix_sides(mine, rng):
    """Where nothing is cut off, the patch covers 1 - lambda of the image: half of it for lambda = 1/2."""
    result = mine.random_cutmix(_own_labels(40, 20, 20), rng, alpha=1e6)
    gone = 1 - np.asarray(result["labels"])[np.arange(40), np.arange(40)]
    # 14 x 14 of 400 pixels, less what hangs over an edge.
    close_to(
        gone.max(), 0.49, 0.03, "largest share of another image at lambda = 1/2", "sides of sqrt(1 - lambda)"
    )


@pasting.check
def check_cutmix_boxes(mine, rng):
    """Own boxes lose what the patch covers, brought ones what lies outside of it; nothing seen is lost."""
    count, side, area = 40, 16, 7 * 5
    images, boxes = np.zeros((count, side, side, count)), np.zeros((count, 1, 4))
    for number, (left, top) in enumerate(rng.integers(0, (side - 5, side - 7), (count, 2))):
        images[number, top : top + 7, left : left + 5, number] = 1  # each object has a channel of its own
        boxes[number] = left, top, left + 5, top + 7
    batch = {"images": images, "boxes": boxes, "box_classes": np.arange(count)[:, None]}
    result = mine.random_cutmix(batch, rng)
    attempt = "visible = own boxes `uncovered`, brought ones `within` the patch; then `keep_visible`"
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
        equal_to(named, sorted(seen), "classes of the boxes of which a tenth or more is seen", attempt)
        for where, owner in zip(box, kind):
            if owner >= 0:
                close_to(where, seen[int(owner)], 1e-6, "the box around what is seen", attempt)
            else:
                close_to(where, [-1] * 4, 0, "the row of a box that is gone", attempt)


@pasting.check
def check_cutmix_refuses(mine, rng):
    """An alpha of 0 is refused; an image alone in its batch stays as it is."""
    attempt = "raise InputError as the docstring says"
    for alpha in NO_ALPHA:
        refused = {"what": f"alpha {alpha}", "attempt": attempt, "kind": "InputError"}  # NumPy's is another
        refuses(mine.random_cutmix, _own_labels(4, 3, 3), rng, alpha, **refused)
    alone = _own_labels(1, 6, 6)
    result = mine.random_cutmix(alone, rng)
    equal_to(
        float(np.asarray(result["labels"])[0, 0]), 1.0, "the label of an image alone", "it has no partner"
    )


NO_ALPHA = (0.0, -1.0)


def _over_there(mine, values):
    """An array that stays in the student's process: only so it shows whether it was written into."""
    return mine.np.rec.array(values)


def _own_labels(count, height, width):
    """Images, and masks, whose every pixel is their one-hot label."""
    labels = np.eye(count, dtype="float32")
    images = np.tile(labels[:, None, None], (1, height, width, 1))
    return {"images": images, "labels": labels, "masks": images.copy()}
