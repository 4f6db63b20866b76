"""The shapes' outlines against independent geometry, their smooth edges against many samples a pixel."""

import numpy as np
import pytest
from matplotlib.path import Path

from keras_cv_course.data.scenes.outlines import SHAPES, arc, coverage, stroke
from keras_cv_course.data.scenes.scene_tiles import Things, axes, covers


def corners(count, radius, first=90.0):
    """The corners of a regular polygon."""
    angle = np.radians(first + 360 / count * np.arange(count))
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def polygon(points):
    return lambda x, y: Path(points).contains_points(np.stack([x, y], axis=1))


def pentagram():
    tips, notches = corners(5, 0.31 / np.sin(np.pi / 10)), corners(5, 0.31 / np.cos(np.pi / 5), first=126)
    return np.stack([tips, notches], axis=1).reshape(-1, 2)


def cross():
    a, b = 0.29, 0.92
    quarter = np.array([(b, -a), (b, a), (a, a)])
    turn = np.array([(0, 1), (-1, 0)])
    return np.concatenate([quarter @ np.linalg.matrix_power(turn, k) for k in range(4)])


def heart(x, y):
    """A square that stands on a corner, and a disc over each of its two upper sides."""
    half = 0.55
    p, q = (x + y) / np.sqrt(2) + 0.26 * half, (y - x) / np.sqrt(2) + 0.26 * half
    square = (abs(p) < half) & (abs(q) < half)
    return square | ((p - half) ** 2 + q**2 < half**2) | (p**2 + (q - half) ** 2 < half**2)


def drop(x, y):
    """The hull of a disc and a point: what a smaller disc sweeps on its way from the disc to the point."""
    inside = np.zeros(x.shape, bool)
    for part in np.linspace(0, 1, 2001):
        inside |= x**2 + (y + 0.4 - 1.4 * part) ** 2 < (0.6 * (1 - part)) ** 2
    return inside


# What is inside, said in another way than by distances.
INSIDE = {
    "disc": lambda x, y: x**2 + y**2 < 0.86**2,
    "triangle": polygon(corners(3, 1.0)),
    "square": polygon([(-0.7, -0.7), (0.7, -0.7), (0.7, 0.7), (-0.7, 0.7)]),
    "pentagon": polygon(corners(5, 0.77 / np.cos(np.pi / 5))),
    "star": polygon(pentagram()),
    "cross": polygon(cross()),
    "ring": lambda x, y: (x**2 + y**2 < 0.9**2) & (x**2 + y**2 > 0.5**2),
    "crescent": lambda x, y: (x**2 + y**2 < 0.92**2) & ((x - 0.42) ** 2 + y**2 > 0.74**2),
    "heart": heart,
    "drop": drop,
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_inside_agrees_with_independent_geometry(name):
    x, y = np.random.default_rng(0).uniform(-1.2, 1.2, (2, 20_000))
    distance = SHAPES[name](x, y)
    sure = np.abs(distance) > 2e-3
    np.testing.assert_array_equal((distance < 0)[sure], INSIDE[name](x, y)[sure])
    assert sure.mean() > 0.98


@pytest.mark.parametrize("name, outline", [*SHAPES.items(), ("stroke", stroke), ("arc", arc)])
def test_every_shape_fits_into_the_unit_circle_and_nearly_fills_it(name, outline):
    x, y = np.random.default_rng(1).uniform(-1.5, 1.5, (2, 100_000))
    reach = np.hypot(x, y)[outline(x, y) < 0].max()
    assert 0.85 < reach < 1.02


@pytest.mark.parametrize("name", SHAPES)
def test_distances_grow_by_one_a_unit_where_pixels_are_half_covered(name):
    rng = np.random.default_rng(2)
    x, y = rng.uniform(-1.2, 1.2, (2, 50_000))
    near = np.abs(SHAPES[name](x, y)) < 0.03
    x, y, step = x[near], y[near], 1e-5
    slope = np.hypot(
        SHAPES[name](x + step, y) - SHAPES[name](x - step, y),
        SHAPES[name](x, y + step) - SHAPES[name](x, y - step),
    ) / (2 * step)
    assert np.mean(np.abs(slope - 1) < 1e-3) > 0.98  # all but where two edges meet


def test_coverage_of_an_upright_edge_is_exact():
    np.testing.assert_allclose(
        coverage(np.array([-2, -0.5, -0.25, 0, 0.25, 0.5, 2])), [1, 1, 0.75, 0.5, 0.25, 0, 0]
    )


@pytest.mark.parametrize("kind, name", list(enumerate(SHAPES)))
def test_smooth_edges_against_144_samples_a_pixel(kind, name):
    """The share of every pixel that lies inside, for shapes of 6 to 20 pixels, turned and placed anywhere."""
    rng, count, side, fine = np.random.default_rng(kind), 12, 44, 12
    radius, turn = rng.uniform(6, 20, count), rng.uniform(-np.pi, np.pi, count)
    x, y = rng.uniform(21, 23, (2, count))
    corner = np.zeros(count, int)
    things = Things(side, scene=corner, left=corner, top=corner, kind=corner + kind, x=x, y=y, radius=radius)
    things.columns["outline_axes"] = axes(things, turn, radius)
    cover = covers(things, list(SHAPES.values()))

    at = (np.arange(side * fine) + 0.5) / fine
    exact = np.empty_like(cover)
    for row in range(count):
        right, up = np.meshgrid(at - x[row], y[row] - at)
        cosine, sine = np.cos(turn[row]), np.sin(turn[row])
        along, across = (right * cosine + up * sine) / radius[row], (up * cosine - right * sine) / radius[row]
        drop = name == "drop"
        inside = SHAPES[name](along, across) < 0 if drop else INSIDE[name](along.ravel(), across.ravel())
        exact[row] = inside.reshape(side, fine, side, fine).mean(axis=(1, 3))

    error = np.abs(cover - exact)
    edge = (exact > 0) & (exact < 1)
    assert error[edge].mean() < 0.025 and np.quantile(error[edge], 0.95) < 0.1
    assert error.max() < 0.45  # in the pixel that holds a sharp tip
    np.testing.assert_allclose(cover.sum(axis=(1, 2)), exact.sum(axis=(1, 2)), rtol=0.035)
