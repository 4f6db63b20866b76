"""The exercises of day5.neighbors: neighbours in a feature space, their share, and two spaces without a network."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect
from keras_cv_course.classroom.shared_checks import all_refused

rows = Exercise(
    "unit_rows",
    "rows divided by their lengths, so that a scalar product is a cosine",
    definitions=("unit_rows",),
    points=1,
    hints=(
        "The length is the root of the sum of squares along a row; keep the axis, so that it divides the row.",
        "A row of zeros has no direction: what may it be divided by, so that it stays zeros and no NaN appears?",
        "What to reach: (3, 4) becomes (0.6, 0.8), (0, 0) stays.",
    ),
)
neighbours = Exercise(
    "nearest",
    "the nearest gallery rows of every query, by angle or by distance",
    definitions=("nearest",),
    points=3,
    hints=(
        "Write |q - g|^2 out: three terms, of which one is the same for a whole row and can be left out. "
        "The scalar products of all pairs are one product of two matrices.",
        "For rows of length 1 the nearest by distance is the nearest by angle: one table serves both.",
        "What to reach: queries (1, 0.9); gallery (10, 0), (0.1, 0.1): by angle the second, by distance it, too; with "
        "the query (9, 1) it is the first both times.",
    ),
)
share = Exercise(
    "share",
    "the share of all neighbours that are of their query's class",
    definitions=("same_class_share",),
    points=1,
    hints=(
        "Neighbours are indices into the gallery: index its labels with them, and a table (queries, neighbours) of "
        "labels comes back. (Step: Which photograph is this from?)",
        "What to reach: queries of classes 7 and 8, neighbours of classes 7, 8 and 7, 8: a half.",
    ),
)
colours = Exercise(
    "colours",
    "a histogram of colours that Hellinger's distance can compare",
    definitions=("colour_histograms",),
    points=2,
    hints=(
        "A colour becomes three whole numbers from 0 to bins - 1, and they become one, as digits do. 1.0 belongs to "
        "the last bin.",
        "Counts of every code, also of those that no pixel has; as shares; then the root. (Step: Simple spaces.)",
        "What to reach: half black, half (0.9, 0.1, 0.6), two bins: the root of a half at 0 and at 5.",
    ),
)
reduction = Exercise(
    "components",
    "principal components, some of them or all, whitened or not, from one fit",
    definitions=("reduced",),
    points=2,
    hints=(
        "Fit to the first array only: the gallery. The first n columns of its codes are the codes by n components.",
        "Whitened means: each column has variance 1 in the gallery. PCA knows the variances.",
        "What to reach: settings (5, False), (5, True), (10, False) ... as far as there are components; as "
        "many arrays out as in.",
    ),
)

EXERCISES = Exercises(
    "day5.neighbors",
    sources=("keras_cv_course.explain.neighbours", "keras_cv_course.baselines.neighbour_features"),
    exercises=(rows, neighbours, share, colours, reduction),
)


@rows.check
def check_lengths_and_zeros(mine, rng):
    """Every row has length 1 and keeps its direction; zeros stay zeros."""
    some = rng.normal(0, 3, (7, 4))
    zero = int(rng.integers(7))
    some[zero] = 0
    received = np.asarray(mine.unit_rows(some))
    expected = [row / np.sqrt(sum(number**2 for number in row)) if row.any() else row for row in some]
    close_to(received, expected, 1e-9, "rows of length 1", "divide each row by its own length, zeros by 1")


@neighbours.check(points=2)
def check_pair_by_pair(mine, rng):
    """The same rows as by looking at all pairs, by angle and by distance."""
    gallery, queries = rng.normal(0.5, 1, (30, 5)), rng.normal(0.5, 1, (6, 5))
    gallery *= rng.uniform(0.1, 5, (30, 1))
    for count in (1, 4, 30):
        for cosine in (True, False):
            expected = []
            for query in queries:
                far = [
                    -query @ row / np.linalg.norm(row) if cosine else np.linalg.norm(query - row)
                    for row in gallery
                ]
                expected.append(sorted(range(30), key=far.__getitem__)[:count])
            received = np.asarray(mine.nearest(queries, gallery, count, cosine)).tolist()
            kind = "angle" if cosine else "distance"
            attempt = (
                "|g|^2 - 2 q g, smallest first; rows of length 1 for the angle, queries and gallery both"
            )
            equal_to(received, expected, f"the nearest {count} by {kind}", attempt)


@neighbours.check
def check_equally_near_rows(mine, rng):
    """Of equally near rows the first in the gallery comes first."""
    row = rng.integers(1, 9, 3).astype(float)
    gallery = np.tile(row, (40, 1))
    received = np.asarray(mine.nearest(row[None], gallery, 40, False)).tolist()
    equal_to(received, [list(range(40))], "neighbours among equal rows", "a stable sort")
    gallery[int(rng.integers(1, 40))] *= 3
    where = int(np.argmax(gallery.sum(axis=1)))
    received = np.asarray(mine.nearest(3 * row[None], gallery, 1, False)).tolist()
    equal_to(
        received, [[where]], "the only row at distance 0", "the lengths of the gallery's rows count, too"
    )


@neighbours.check
def check_nearest_refuses(mine, rng):
    """Other shapes, counts out of range and numbers that are not finite are refused."""
    some = rng.random((4, 3))
    spoiled = some.copy()
    spoiled[int(rng.integers(4)), 1] = np.nan
    cases = {
        "rows of 3 and of 2 numbers": (some, some[:, :2], 1),
        "one row without its first axis": (some[0], some, 1),
    }
    cases |= {"5 of 4 neighbours": (some, some, 5), "0 neighbours": (some, some, 0)}
    all_refused(
        mine.nearest, cases | {"NaN in the gallery": (some, spoiled, 1), "NaN in a query": (spoiled, some, 1)}
    )


@share.check
def check_share(mine, rng):
    """Counted neighbour by neighbour."""
    for count in (1, 3):
        labels, own = rng.integers(0, 3, 20), rng.integers(0, 3, 8)
        near = rng.integers(0, 20, (8, count))
        right = sum(int(labels[index] == own[i]) for i, row in enumerate(near) for index in row)
        attempt = "labels of the gallery at the indices, against the query's label down each row"
        close_to(float(mine.same_class_share(near, own, labels)), right / near.size, 1e-9, "share", attempt)


@colours.check
def check_colours(mine, rng):
    """The roots of the shares of all colours, counted pixel by pixel."""
    for bins in (2, 5):
        images = rng.random((3, 4, 5, 3))
        images[0, 0, 0] = 1.0
        expected = np.zeros((3, bins**3))
        for image, (row, column) in ((i, place) for i in range(3) for place in np.ndindex(4, 5)):
            red, green, blue = (min(int(number * bins), bins - 1) for number in images[image, row, column])
            expected[image, red * bins * bins + green * bins + blue] += 1 / 20
        attempt = "floor(colour * bins), 1.0 into the last bin; (r * bins + g) * bins + b; shares; roots"
        close_to(mine.colour_histograms(images, bins), np.sqrt(expected), 1e-6, f"{bins} bins", attempt)


@reduction.check
def check_components(mine, rng):
    """The scalar products with the eigenvectors of the gallery's covariance, up to their signs."""
    mixing = rng.normal(0, 1, (12, 12)) * np.geomspace(1, 40, 12)
    gallery, others = rng.normal(0, 1, (60, 12)) @ mixing, rng.normal(0, 1, (5, 12)) @ mixing
    received = mine.reduced([gallery, others])
    expect(isinstance(received, dict), "a dictionary", received, "{(components, whitened): arrays}")
    attempt = "5 and 10 of the 11 components that 12 numbers leave, each as it is and whitened"
    # Keys travel as texts.
    equal_to(
        sorted(map(str, received)),
        sorted(map(str, [(n, w) for n in (5, 10) for w in (False, True)])),
        "settings",
        attempt,
    )
    values, vectors = np.linalg.eigh(np.cov(gallery.T))
    order = np.argsort(-values)
    for key, arrays in received.items():
        count, whiten = (5 if "5" in str(key) else 10), "True" in str(key)
        expect(len(arrays) == 2, "two arrays", len(arrays), "one for each that came in")
        for array, source in zip(arrays, (gallery, others), strict=True):
            codes = (source - gallery.mean(axis=0)) @ vectors[:, order[:count]]
            codes = codes / np.sqrt(values[order[:count]]) if whiten else codes
            size = 1e-2 * np.abs(codes).max()
            attempt = (
                "the gallery's mean and components for all arrays; whitened: over the root of the variance"
            )
            close_to(np.abs(np.asarray(array)), np.abs(codes), size, f"codes {key}", attempt)
