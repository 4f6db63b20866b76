"""What Keras does unlike what one would think, and this project builds around.

When one of these fails after an upgrade, Keras has changed, and the code that names it here can go.
"""

import keras
import numpy as np
import pytest

tensorflow_only = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="seen on TensorFlow")


@tensorflow_only
def test_fit_on_arrays_repeats_one_order_in_every_epoch_once_a_seed_is_set():
    """The reason for `Run.batches`."""
    import tensorflow as tf

    orders = []

    @keras.saving.register_keras_serializable("test")
    class Noted(keras.losses.Loss):
        def call(self, y_true, y_pred):
            tf.py_function(lambda y: orders.append(y.numpy().ravel().tolist()), [y_true], [])
            return keras.ops.mean((y_true - y_pred) ** 2, axis=-1)

    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", loss=Noted(), jit_compile=False)
    numbers = np.arange(8, dtype="float32")[:, None]
    model.fit(numbers, numbers, epochs=3, batch_size=8, verbose=0)
    assert len(orders) == 3 and orders[0] != sorted(orders[0])
    assert orders[0] == orders[1] == orders[2]


def test_a_model_without_get_config_forgets_its_arguments():
    """The reason for `get_config` in every model, and for non-default arguments in the registry."""

    class Forgetful(keras.Model):
        def __init__(self, factor=1.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

    assert Forgetful.from_config(Forgetful(factor=3.0).get_config()).factor == 1.0
