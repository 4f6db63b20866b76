"""The unfolding penalty of day3.manifold pair by pair; points, and a radius at which rounding makes no difference."""

import numpy as np


def slow_penalty(points, codes, radius, spread):
    """The equation of `unfolding_penalty`, pair by pair."""
    stress = length = between_codes = between_points = 0.0
    for i in range(len(points)):
        for j in range(i):
            in_space, in_code = np.linalg.norm(points[i] - points[j]), np.linalg.norm(codes[i] - codes[j])
            between_points, between_codes = between_points + in_space, between_codes + in_code
            if in_space < radius:
                stress, length = stress + (in_code - in_space) ** 2, length + in_space**2
    return stress / length - spread * np.log(between_codes / between_points)


def radius_in_a_gap(points):
    """A radius that no pair's distance comes near, so that rounding makes no neighbours."""
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
    middle = np.sort(apart[np.triu_indices(len(points), 1)])
    middle = middle[len(middle) // 4 : len(middle) // 2]
    widest = np.argmax(np.diff(middle))
    return float(middle[widest : widest + 2].mean())


def floats(array):
    """In the dtype that keras.ops calculates in."""
    return np.asarray(array, "float32")
