import keras
import numpy as np
import pytest

from keras_cv_course.classify.deformable_classifier import DeformableClassifier
from keras_cv_course.errors import InputError
from tests.harness import Case, classification, free_size, noise_images

CASES = {
    "deformable_classifier": Case(
        make=lambda: DeformableClassifier(filters=(4, 6, 8), layer="dilated", offset_scale=0.5, classes=3),
        published={
            "by hand: 432 + 32 + 4608 + 64 + 18432 + 5202 + 128 + 650": (
                DeformableClassifier,
                (None, 32, 32, 3),
                29_548,
            ),
        },
        **free_size(3),
        **classification(noise_images(6, 17, 18, 3)),
    )
}

rng = np.random.default_rng(0)
images = rng.random((2, 16, 24, 1), dtype="float32")


def test_starts_as_its_plain_twin():
    deformable, plain = (
        DeformableClassifier((4, 6, 8), layer, classes=3) for layer in ("deformable", "plain")
    )
    for model in (deformable, plain):
        model.build(images.shape)
    offsets = 9 * 6 * 18 + 18
    assert deformable.count_params() == plain.count_params() + offsets
    kept = [weight for weight in deformable.weights if weight.shape[-1] != 18]
    for ours, theirs in zip(sorted(kept, key=place), sorted(plain.weights, key=place)):
        theirs.assign(ours)
    np.testing.assert_allclose(deformable(images), plain(images), atol=1e-5)


def place(weight):
    return str(weight.shape), weight.path.rsplit("/", 1)[-1], weight.path


def test_plain_points_are_where_the_gradient_is():
    """The middle point of a window is the middle of the pixels that its feature depends on."""
    model = DeformableClassifier((4, 6, 8), classes=3)
    model.build(images.shape)
    plain, moved = model.sampling_points(images)
    np.testing.assert_array_equal(plain, moved)
    assert plain.shape == (2, 4, 6, 3, 3, 2)
    row, column = 1, 2
    # A change of one pixel at a time: which change the feature below the window's middle?
    before = np.asarray(model.endpoints(images[:1])["conv2"])[0, row, column]
    seen = []
    for y, x in np.ndindex(16, 24):
        changed = images[:1].copy()
        changed[0, y, x] += 10
        if np.any(np.asarray(model.endpoints(changed)["conv2"])[0, row, column] != before):
            seen.append((y, x))
    np.testing.assert_allclose(
        np.mean([np.min(seen, axis=0), np.max(seen, axis=0)], axis=0), plain[0, row, column, 1, 1]
    )


def test_the_window_at_the_object():
    """One bright pixel: the window whose middle is the nearest, at any place."""
    model = DeformableClassifier((4, 6, 8), classes=3)
    model.build((None, 32, 32, 1))
    places = np.array([[0, 0], [31, 31], [7, 12], [16, 25], [29, 3]])
    dots = np.zeros((len(places), 32, 32, 1), "float32")
    dots[np.arange(len(places)), places[:, 0], places[:, 1]] = 1
    grid, moved = model.object_window(dots)
    np.testing.assert_array_equal(grid, moved)  # no offsets before training
    middles = 3 + 4 * np.arange(8)
    nearest = [[min(middles, key=lambda middle: abs(middle - side)) for side in place] for place in places]
    np.testing.assert_array_equal(grid[:, 1, 1], nearest)
    np.testing.assert_array_equal(grid[:, 2, 2] - grid[:, 0, 0], np.full((len(places), 2), 8))


def test_saved_with_its_configuration(tmp_path):
    model = DeformableClassifier((4, 6, 8), layer="plain", offset_scale=0.5, classes=3)
    model.build(images.shape)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(images), model(images))
    assert loaded.get_config() == model.get_config()


def test_bad_arguments():
    for options in (dict(filters=(4, 4)), dict(filters=(4, 0, 4)), dict(classes=0)):
        with pytest.raises(InputError, match="three numbers of filters"):
            DeformableClassifier(**options)
    with pytest.raises(InputError, match="layer must be .* got 'wide'"):
        DeformableClassifier(layer="wide")
