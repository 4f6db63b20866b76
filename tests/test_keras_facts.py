"""What Keras does unlike what one would think, and this project builds around.

When one of these fails after an upgrade, Keras has changed, and the code that names it here can go.
"""

import os
import subprocess
import sys

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


STEPS = """
import sys
if sys.argv[1] == "guarded":
    import keras_cv_course.classify
import keras
import numpy as np

rng = np.random.default_rng(0)
inputs = rng.standard_normal((24, 6), dtype="float32")
weights = rng.standard_normal((24, 5), dtype="float32")
steps = []
for run in range(31):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6,)), *(keras.layers.Dense(units) for units in (32, 64, 5))])
    optimizer = keras.optimizers.SGD(1.0)
    model.compile(optimizer, loss=lambda y, z: keras.ops.sum(y * z), run_eagerly=run == 0)
    model.train_on_batch(inputs, weights)
    steps.append(np.concatenate([np.ravel(values) for values in model.get_weights()]))
wrong = np.abs(steps - steps[0]).max(axis=1) > 1e-4 * np.abs(steps[0]).max()
print(int(wrong.sum()))
"""


@tensorflow_only
@pytest.mark.parametrize("guard", ["bare", "guarded"])
def test_a_compiled_step_without_xla_uses_kernels_that_it_has_moved_already(guard):
    """The reason for `gradient_order`: bare, about 25 of 30 steps differ from the eager one; guarded, 0."""
    command = [sys.executable, "-c", STEPS, guard]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    wrong = int(run.stdout.split()[-1])
    assert wrong == 0 if guard == "guarded" else wrong > 0


def test_a_model_without_get_config_forgets_its_arguments():
    """The reason for `get_config` in every model, and for non-default arguments in every `Case`."""

    class Forgetful(keras.Model):
        def __init__(self, factor=1.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

    assert Forgetful.from_config(Forgetful(factor=3.0).get_config()).factor == 1.0


@tensorflow_only
def test_a_metric_that_is_given_by_name_makes_fit_trace_the_step_twice():
    """The reason why lessons write `keras.metrics.SparseCategoricalAccuracy("accuracy")`: seconds a network.

    A metric by name makes its variables in the first trace, which TensorFlow then throws away.
    """
    traces = {}
    for how, metric in {
        "by name": "accuracy",
        "object": keras.metrics.SparseCategoricalAccuracy("accuracy"),
    }.items():
        seen = traces[how] = []

        class Counting(keras.Sequential):
            def train_step(self, data, seen=seen):
                seen.append(1)
                return super().train_step(data)

        model = Counting([keras.layers.Input((3,)), keras.layers.Dense(2)])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss, metrics=[metric])
        model.optimizer.build(model.trainable_variables)
        model.fit(np.ones((4, 3)), np.zeros(4, int), batch_size=2, epochs=2, verbose=0)
    assert len(traces["by name"]) == 2 and len(traces["object"]) == 1
