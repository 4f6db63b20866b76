"""The exercise of day4.cyclegan on the pool of images that the discriminators see again."""

import numpy as np

from keras_cv_course.classroom import Exercise, close_to, expect
from sprints.day4.exercises import small_gans

pool = Exercise(
    "pool",
    "store images, and return an older one in exchange with probability 1/2",
    definitions=("ImagePool.call",),
    points=4,
    hints=(
        "`self.images` holds `size` places, `self.filled` says how many are taken. Without training, or with size 0, "
        "images are returned unchanged.",
        "The first images of a batch go to the empty places and are returned, too. For each of the others draw a "
        "taken place, no two the same, and a coin: `self.random.integers(shape, 2)`.",
        "A random order of the places is an `argsort` of random numbers; empty ones must come last.",
        "`ops.where` picks the new or the old image twice: for what is stored and, the other way round, for what is "
        "returned. `ops.scatter_update` writes.",
        "The images of a batch beyond the pool's size are returned unchanged.",
        "What to reach: of many images, half come back at once, the rest later, none twice.",
    ),
)


@pool.check(points=1)
def check_it_fills_first(mine, rng):
    """Until it is full, images are stored and returned."""
    numbers, first = small_gans.numbered_pool(mine, 5), int(rng.integers(1, 900))
    attempt = "the first `size` images go to the empty places and are returned"
    for start, count in ((first, 2), (first + 2, 3)):
        close_to(numbers(start, count), np.arange(start, start + count), 0, "images while it fills", attempt)
    stored, filled = small_gans.stored_numbers(numbers.layer, 5)
    close_to(filled, 5, 0, "places taken", "count them in self.filled, up to the size")
    close_to(np.sort(stored), np.arange(first, first + 5), 0, "images stored", attempt)


@pool.check
def check_none_is_lost_or_doubled(mine):
    """Each image comes back once, at once or later, or is still stored."""
    for size, batch in ((6, 1), (6, 4), (6, 6), (2, 5)):
        numbers, seen = small_gans.numbered_pool(mine, size), []
        for start in range(0, 8 * batch, batch):
            seen += numbers(start, batch).tolist()
        stored = small_gans.stored_numbers(numbers.layer, size)[0].tolist()
        counts = np.bincount(np.int64(np.nan_to_num([*seen, *stored])).clip(0, 999), minlength=8 * batch)
        # Those that fill the pool are returned when they are stored, and again when they are exchanged.
        expected = np.where(np.arange(8 * batch) < size, 2, 1)
        attempt = "what is stored and what is returned are the new and the old image, once each"
        what = f"how often each image was returned or is stored, pool {size}, batch {batch}"
        close_to(counts, expected, 0, what, attempt)


@pool.check
def check_every_other_one_is_old(mine):
    """Half of the images that are returned are old ones, from anywhere in the pool."""
    numbers, old, used = small_gans.numbered_pool(mine, 8), 0, np.zeros(8)
    numbers(0, 8)
    for start in range(8, 8 + 4 * 60, 4):
        before = small_gans.stored_numbers(numbers.layer, 8)[0]
        returned = numbers(start, 4)
        exchanged = returned[returned < start]
        old += len(exchanged)
        used += np.isin(before, exchanged)
    # 240 coins: five standard deviations are 39. Each place is met by 15 of them in the mean.
    close_to(old, 120, 39, "old images among 240 returned", "a fair coin for every image")
    expect(used.min() >= 2, "every place used", f"{used.tolist()} times", "draw a new order of all places")


@pool.check
def check_without_training(mine, rng):
    """Without training, and of size 0, images are returned unchanged."""
    for size, training in ((3, False), (0, True)):
        numbers = small_gans.numbered_pool(mine, size)
        for start in rng.integers(0, 900, 4).tolist():
            received = numbers(start, 3, training)
            expected = np.arange(start, start + 3)
            close_to(
                received, expected, 0, f"images, pool of {size}, training={training}", "return them unchanged"
            )
