import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.reconstruct.manifold import (
    ManifoldAutoencoder,
    decoded_surface,
    pairwise_distances,
    unfolding_penalty,
)
from tests.harness import Case

CASES = {
    "manifold_autoencoder": Case(
        make=lambda: ManifoldAutoencoder(
            dimensions=4, latent=3, hidden=(16,), activation="swish", unfold=0.1, radius=1.5, spread=0.2
        ),
        inputs=np.random.default_rng(20261120).standard_normal((32, 4), "float32"),
        signature=(None, 4),
        overfit=0.8,
    )
}

rng = np.random.default_rng(0)
to_numpy = keras.ops.convert_to_numpy
tensor = keras.ops.convert_to_tensor


def penalty(points, codes, radius=1.5, spread=0.5):
    points, codes = (tensor(np.asarray(array, "float32")) for array in (points, codes))
    return float(to_numpy(unfolding_penalty(points, codes, radius, spread)))


def slow_penalty(points, codes, radius, spread):
    """The docstring's equation, pair by pair."""
    stress = length = between_codes = between_points = 0.0
    for i in range(len(points)):
        for j in range(len(points)):
            in_space, in_code = np.linalg.norm(points[i] - points[j]), np.linalg.norm(codes[i] - codes[j])
            between_points, between_codes = between_points + in_space, between_codes + in_code
            if i != j and in_space < radius:
                stress, length = stress + (in_code - in_space) ** 2, length + in_space**2
    return stress / length - spread * np.log(between_codes / between_points)


def test_distances_equal_a_slow_loop_and_have_a_finite_slope_where_points_meet():
    points = rng.normal(size=(20, 3)).astype("float32")
    slow = [[np.linalg.norm(a - b) for b in points] for a in points]
    np.testing.assert_allclose(to_numpy(pairwise_distances(tensor(points))), slow, atol=2e-3)


def test_penalty_equals_the_equation_pair_by_pair():
    for seed in range(5):
        chance = np.random.default_rng(seed)
        points, codes = chance.normal(size=(30, 3)), chance.normal(size=(30, 2))
        for radius, spread in ((0.8, 0.5), (1.5, 0.0), (1.5, 2.0)):
            expected = slow_penalty(points, codes, radius, spread)
            assert penalty(points, codes, radius, spread) == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_penalty_of_three_points_in_a_row_by_hand():
    points = [[0, 0, 0], [1, 0, 0], [2, 0, 0]]
    # Radius 1.5: the two steps of length 1 are neighbours, the pair at distance 2 is not.
    assert penalty(points, [[0, 0], [1, 0], [2, 0]]) == pytest.approx(0, abs=1e-4)
    # Folded in the middle: no stress, but the mean distance falls from (1 + 1 + 2) to (1 + 1 + 0).
    assert penalty(points, [[0, 0], [1, 0], [0, 0]]) == pytest.approx(-0.5 * np.log(2 / 4), abs=1e-3)
    # Stretched to three times its length: stress (3 - 1)^2, gain log 3.
    assert penalty(points, [[0, 0], [3, 0], [6, 0]]) == pytest.approx(4 - 0.5 * np.log(3), abs=1e-3)


def test_penalty_is_0_for_a_flat_sheet_turned_and_shifted_and_least_near_the_stated_stretch():
    sheet = rng.uniform(0, 4, size=(200, 2))
    points = np.stack([sheet[:, 0], sheet[:, 1], np.zeros(200)], axis=1)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    assert penalty(points, sheet @ turn + [3, -1]) == pytest.approx(0, abs=1e-3)
    stretches = np.linspace(0, 1, 101)
    best = stretches[np.argmin([penalty(points, (1 + s) * sheet) for s in stretches])]
    # d/ds (s^2 - spread log(1 + s)) = 0  ->  s (1 + s) = spread / 2
    assert best == pytest.approx((np.sqrt(1 + 2 * 0.5) - 1) / 2, abs=0.02)


def test_a_rolled_up_sheet_costs_more_than_the_unrolled_one():
    angle, height = np.linspace(1.5 * np.pi, 4.5 * np.pi, 300), rng.uniform(0, 21, 300)
    roll = np.stack([angle * np.cos(angle), height, angle * np.sin(angle)], axis=1)
    along = (angle * np.sqrt(1 + angle**2) + np.arcsinh(angle)) / 2
    flat = np.stack([along, height], axis=1)
    for other in (roll[:, [0, 2]], roll[:, [0, 1]]):
        assert penalty(roll, flat, radius=3.5) + 0.5 < penalty(roll, other, radius=3.5)


def test_equal_points_and_no_neighbours_leave_loss_and_weights_finite():
    model = ManifoldAutoencoder(hidden=(8,), unfold=1.0, radius=0.01)
    points = np.array([[0, 0, 0], [0, 0, 0], [5, 0, 0], [0, 5, 0]], "float32")
    model.build(points.shape)
    model.compile("adam")
    history = model.fit(points, epochs=3, batch_size=4, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert all(np.isfinite(to_numpy(weight)).all() for weight in model.weights)


def test_encode_then_decode_is_the_call():
    model = ManifoldAutoencoder(dimensions=4, latent=3, hidden=(8, 6))
    points = rng.normal(size=(5, 4)).astype("float32")
    outputs = model(points)
    codes = model.encode(points)
    assert codes.shape == (5, 3)
    np.testing.assert_array_equal(to_numpy(outputs["code"]), to_numpy(codes))
    np.testing.assert_array_equal(to_numpy(outputs["reconstruction"]), to_numpy(model.decode(codes)))
    assert outputs["reconstruction"].shape == (5, 4)


def test_loss_is_mean_squared_error_plus_the_weighted_penalty():
    points = rng.normal(size=(50, 3)).astype("float32")
    for unfold in (0.0, 3.0):
        keras.utils.set_random_seed(0)
        model = ManifoldAutoencoder(hidden=(8,), unfold=unfold, radius=1.5, spread=0.2)
        model.build(points.shape)
        model.compile("sgd")
        outputs = {name: to_numpy(value) for name, value in model(points).items()}
        error = np.mean((points - outputs["reconstruction"]) ** 2)
        logs = model.evaluate(points, batch_size=50, verbose=0, return_dict=True)
        expected = error + unfold * slow_penalty(points, outputs["code"], 1.5, 0.2)
        assert logs["mse"] == pytest.approx(error, rel=1e-5)
        assert logs["loss"] == pytest.approx(expected, rel=1e-3)


def test_decoded_surface_decodes_a_grid_over_the_codes_rectangle_and_leaves_holes_where_there_are_none():
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    flat = np.stack(np.meshgrid(np.linspace(0, 10, 51), np.linspace(0, 2, 11), indexing="ij"), axis=-1)
    codes = flat.reshape(-1, 2) @ turn + [7, -3]
    sheet = decoded_surface(lambda grid: (grid - [7, -3]) @ turn.T * 5, codes, rows=11, columns=3, reach=0.05)
    assert sheet.shape == (11, 3, 2)
    np.testing.assert_allclose(np.linalg.norm(np.diff(sheet, axis=0), axis=-1), 5.0, atol=1e-6)
    corners = {tuple(np.round(corner, 6) + 0.0) for corner in sheet[[0, 0, -1, -1], [0, -1, 0, -1]]}
    assert corners == {(0, 0), (50, 0), (0, 10), (50, 10)}
    gap = codes[(flat.reshape(-1, 2)[:, 0] < 3.4) | (flat.reshape(-1, 2)[:, 0] > 6.6)]
    holes = np.isnan(decoded_surface(lambda grid: grid, gap, rows=11, columns=3, reach=0.1)).all(axis=(1, 2))
    np.testing.assert_array_equal(holes, [False] * 5 + [True] + [False] * 5)


def test_bad_arguments():
    with pytest.raises(InputError, match="at least 1"):
        ManifoldAutoencoder(latent=0)
    with pytest.raises(InputError, match="at least 1"):
        ManifoldAutoencoder(hidden=(64, 0))
    for wrong in (dict(unfold=-1.0), dict(radius=0.0), dict(spread=-0.1), dict(unfold=float("nan"))):
        with pytest.raises(InputError, match="radius above 0"):
            ManifoldAutoencoder(**wrong)
    with pytest.raises(InputError, match="dimensions=4"):
        ManifoldAutoencoder().build((None, 4))
