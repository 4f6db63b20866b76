"""What similarities and mergers of regions should give, pair by pair: what exercises and tests are compared with."""

import numpy as np

from sprints.day2.exercises.slow_boxes import some_boxes


def some_regions(rng, count):
    """Random regions: ({"sizes", "boxes", "colours", "textures"}, {histogram: its counts of pixels})."""
    boxes = some_boxes(rng, count)
    sizes = rng.integers(4, 60, count)
    counts = {"colours": [], "textures": []}
    for size in sizes:
        counts["colours"].append(rng.multinomial(size, rng.dirichlet(np.ones(6))))
        counts["textures"].append(rng.multinomial(size, rng.dirichlet(np.ones(9))))
    counts = {name: np.array(rows) for name, rows in counts.items()}
    regions = dict(sizes=sizes.astype(float), boxes=boxes.astype(float))
    return regions | {name: rows / sizes[:, None] for name, rows in counts.items()}, counts


def slow_similarity(regions, i, j, image_size, name):
    """One of the four similarities of regions i and j, number by number."""
    sizes = regions["sizes"][i] + regions["sizes"][j]
    if name == "size":
        return 1 - sizes / image_size
    if name == "fill":
        left, top, right, bottom = slow_around(regions["boxes"][i], regions["boxes"][j])
        return 1 - ((right - left) * (bottom - top) - sizes) / image_size
    one, other = (regions[f"{name}s"][row] for row in (i, j))
    return sum(min(a, b) for a, b in zip(one, other, strict=True))


def slow_around(one, other):
    """The box around two boxes."""
    return [min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])]


def slow_grouping(regions, pairs, image_size, measures):
    """Boxes (2 R - 1, 4) and parents (R - 1, 2): every similarity is computed anew before each merger."""
    regions = {name: [np.array(row) for row in rows] for name, rows in regions.items()}
    near, parents = {frozenset(map(int, pair)) for pair in pairs}, []
    while near:

        def alike(pair):
            return sum(slow_similarity(regions, *sorted(pair), image_size, name) for name in measures)

        i, j = sorted(max(near, key=alike))
        parents.append((i, j))
        a, b = regions["sizes"][i], regions["sizes"][j]
        new = len(regions["sizes"])
        for name in ("colours", "textures"):
            regions[name].append((a * regions[name][i] + b * regions[name][j]) / (a + b))
        regions["sizes"].append(a + b)
        regions["boxes"].append(np.array(slow_around(regions["boxes"][i], regions["boxes"][j])))
        renamed = {frozenset(new if one in (i, j) else one for one in pair) for pair in near}
        near = {pair for pair in renamed if len(pair) == 2}
    return np.array(regions["boxes"]), np.array(parents)
