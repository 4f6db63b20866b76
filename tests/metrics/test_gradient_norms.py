import keras
import numpy as np

from keras_cv_course.metrics.gradient_norms import gradient_norms

rng = np.random.default_rng(0)


def test_softmax_regression_by_hand():
    """The gradient of the mean cross-entropy of softmax(x W + b) is x^T (p - y) / N."""
    images, labels = rng.random((6, 2, 2, 1), dtype="float32"), rng.integers(0, 3, 6)
    model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
    before = model.get_weights()
    (norm,) = gradient_norms(model, images, labels).values()
    logits = images.reshape(6, 4) @ before[0] + before[1]
    odds = np.exp(logits)
    error = odds / odds.sum(axis=1, keepdims=True) - np.eye(3)[labels]
    np.testing.assert_allclose(norm, np.linalg.norm(images.reshape(6, 4).T @ error / 6), rtol=1e-4)
    for weight, old in zip(model.get_weights(), before):
        np.testing.assert_array_equal(weight, old)


def test_kernels_come_in_order_and_statistics_are_put_back():
    images, labels = rng.random((4, 6, 6, 2), dtype="float32"), np.array([0, 1, 2, 0])
    names = ("first", "second", "head")
    model = keras.Sequential([
        keras.Input((6, 6, 2)),
        keras.layers.Conv2D(3, 3, name=names[0]),
        keras.layers.BatchNormalization(),
        keras.layers.Conv2D(4, 3, name=names[1]),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(3, name=names[2]),
    ])  # fmt: skip
    before = model.get_weights()
    norms = gradient_norms(model, images, labels)
    assert [name for path in norms for name in names if name in path] == list(names)
    assert all(norm > 0 for norm in norms.values())
    for weight, old in zip(model.get_weights(), before):
        np.testing.assert_array_equal(weight, old)
