import keras
import numpy as np

from keras_cv_course.training.restart import Restart


def network():
    layers = [keras.layers.Dense(4, "relu"), keras.layers.BatchNormalization(), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((3,)), *layers])
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
    model.compile(keras.optimizers.Adam(schedule), loss="mse")
    return model


def trained(model):
    rng = np.random.default_rng(0)
    inputs, targets = rng.random((32, 3), dtype="float32"), rng.random((32, 1), dtype="float32")
    history = model.fit(inputs, targets, batch_size=8, epochs=2, shuffle=False, verbose=0).history["loss"]
    return history, model.get_weights()


def test_a_restarted_network_trains_as_a_new_one_does():
    keras.utils.set_random_seed(0)
    model, twin = network(), network()
    start = twin.get_weights()
    restart = Restart(model)
    trained(model)
    restart(start)
    again, fresh = trained(model), trained(twin)
    np.testing.assert_allclose(again[0], fresh[0], rtol=1e-5)
    for one, other in zip(again[1], fresh[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
