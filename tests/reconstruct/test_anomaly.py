import functools

import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.reconstruct.anomaly import (
    AnomalyDetector,
    anomaly_threshold,
    fit_scaling,
    reconstruction_error,
)
from tests.harness import Case

_signals = np.cumsum(np.random.default_rng(20261120).standard_normal((16, 60), "float32"), axis=1) / 4
CASES = {
    "anomaly_detector": Case(
        make=lambda: AnomalyDetector(length=60, units=(20, 10), scaling="standard", noise=0.1),
        inputs=_signals,
        signature=(None, 60),
        prepare=lambda model: model.adapt(_signals),
        published={"140-32-16-8-16-32-140, by hand": (AnomalyDetector, (None, 140), 10_484)},
    )
}


def waves(count, seed=0, length=24, frequency=2.0):
    """Noisy sines of random height and phase around 3, in arbitrary units."""
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0, 1, (count, 1)) + frequency * np.linspace(0, 2 * np.pi, length)
    signals = 3 + rng.uniform(1, 2, (count, 1)) * np.sin(phase)
    return (signals + 0.02 * rng.normal(size=signals.shape)).astype("float32")


def small(scaling="standard", **options):
    keras.utils.set_random_seed(1)
    return AnomalyDetector(length=24, units=(16, 4), scaling=scaling, **options)


@functools.cache
def trained(scaling="standard"):
    detector, normal = small(scaling), waves(200)
    detector.adapt(normal)
    detector.compile(keras.optimizers.Adam(1e-2))
    detector.fit(normal, epochs=60, batch_size=50, verbose=0)
    detector.set_threshold(normal)
    return detector


@pytest.fixture
def detector():
    return trained()


def numpy_of(outputs):
    return {name: keras.ops.convert_to_numpy(value) for name, value in outputs.items()}


def test_min_max_scaling_by_hand():
    offset, scale = fit_scaling([[1.0, 3.0], [5.0, 2.0]], "min_max")
    np.testing.assert_array_equal(offset, [1, 1])
    np.testing.assert_array_equal(scale, [4, 4])


def test_standard_scaling_by_hand():
    offset, scale = fit_scaling([[1.0, 3.0], [5.0, 2.0]], "standard")
    np.testing.assert_array_equal(offset, [3, 2.5])
    np.testing.assert_array_equal(scale, [2, 0.5])


@pytest.mark.parametrize("scaling", ["min_max", "standard"])
def test_equal_values_are_not_divided_by_zero(scaling):
    offset, scale = fit_scaling(np.full((3, 2), 7.0), scaling)
    np.testing.assert_array_equal(offset, [7, 7])
    np.testing.assert_array_equal(scale, [1, 1])


def test_min_max_fills_0_to_1_and_standard_is_standardised():
    signals = waves(50)
    offset, scale = fit_scaling(signals, "min_max")
    scaled = (signals - offset) / scale
    assert scaled.min() == pytest.approx(0, abs=1e-6) and scaled.max() == pytest.approx(1, abs=1e-6)
    offset, scale = fit_scaling(signals, "standard")
    scaled = (signals - offset) / scale
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(scaled.std(axis=0), 1, atol=1e-5)


def test_error_by_hand():
    error = reconstruction_error(np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[2.0, 0.0], [0.0, -1.0]]))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(error), [1.5, 0.5])


def test_threshold_by_hand():
    assert anomaly_threshold([1.0, 3.0]) == 3.0  # mean 2 + standard deviation 1
    assert anomaly_threshold([0.5, 0.5, 0.5]) == 0.5


def test_threshold_of_nothing_is_refused():
    with pytest.raises(InputError, match="at least one normal signal"):
        anomaly_threshold([])


def test_parameters_of_the_tutorials_sizes():
    detector = AnomalyDetector()
    detector.build((None, 140))
    # 140-32-16-8-16-32-140, weights and biases
    assert sum(np.prod(v.shape) for v in detector.trainable_variables) == 10484
    assert {v.name for v in detector.non_trainable_variables} >= {"offset", "scale", "threshold"}


@pytest.mark.parametrize("scaling, middle", [("min_max", 0.5), ("standard", 0.0)])
def test_outputs_by_hand_with_zero_weights(scaling, middle):
    """With zero weights the network says sigmoid(0) = 1/2, or 0, in scaled units."""
    detector, signals = small(scaling), waves(30)
    detector.adapt(signals)
    for variable in detector.trainable_variables:
        variable.assign(np.zeros(variable.shape))
    outputs = numpy_of(detector(signals))
    offset, scale = fit_scaling(signals, scaling)
    expected = np.broadcast_to(offset + middle * scale, signals.shape)
    np.testing.assert_allclose(outputs["reconstruction"], expected, rtol=1e-5)
    error = np.abs((signals - offset) / scale - middle).mean(axis=1)
    np.testing.assert_allclose(outputs["error"], error, rtol=1e-4)


def test_the_detector_sees_the_same_whatever_the_unit():
    outputs = []
    for factor, shift in ((1, 0), (1000, -40)):
        detector, signals = small(), waves(30) * factor + shift
        detector.adapt(signals)
        outputs.append(numpy_of(detector(signals)))
    np.testing.assert_allclose(outputs[0]["error"], outputs[1]["error"], rtol=1e-3)
    first, second = (output["reconstruction"] for output in outputs)
    np.testing.assert_allclose(first * 1000 - 40, second, rtol=1e-3)


def test_before_the_threshold_is_set_nothing_is_an_anomaly():
    detector = small()
    detector.adapt(waves(30))
    assert not numpy_of(detector(1e6 * waves(5)))["anomaly"].any()


def test_threshold_is_mean_and_deviation_of_the_errors_of_the_signals_given(detector):
    errors = numpy_of(detector(waves(200)))["error"]
    assert float(detector.threshold.numpy()) == pytest.approx(errors.mean() + errors.std(), rel=1e-5)


def test_judging_and_evaluating_other_data_moves_no_threshold(detector):
    before = [variable.numpy().copy() for variable in detector.variables]
    detector.predict(100 * waves(20, seed=5), verbose=0)
    detector.evaluate(100 * waves(20, seed=6), verbose=0)
    for variable, value in zip(detector.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_an_anomaly_is_an_error_above_the_threshold(detector):
    signals = np.concatenate([waves(100, seed=3), waves(100, seed=4, frequency=3)])
    outputs = detector.predict(signals, verbose=0)
    np.testing.assert_array_equal(outputs["anomaly"], outputs["error"] > detector.threshold.numpy())
    assert 0 < outputs["anomaly"].mean() < 1


@pytest.mark.parametrize("scaling", ["min_max", "standard"])
def test_unseen_kinds_are_found_and_unseen_normal_signals_pass(scaling):
    judge = trained(scaling)
    assert judge.predict(waves(200, seed=3), verbose=0)["anomaly"].mean() < 0.35
    assert judge.predict(waves(200, seed=4, frequency=3), verbose=0)["anomaly"].mean() > 0.95


def test_training_lowers_the_loss_and_leaves_scaling_and_threshold_alone():
    detector, normal = small(), waves(200)
    detector.adapt(normal)
    detector.compile(keras.optimizers.Adam(1e-2))
    fixed = [variable.numpy().copy() for variable in (detector.offset, detector.scale, detector.threshold)]
    moving = [variable.numpy().copy() for variable in detector.trainable_variables]
    history = detector.fit(normal, epochs=5, batch_size=50, verbose=0).history["loss"]
    assert history[-1] < 0.8 * history[0]
    for variable, value in zip((detector.offset, detector.scale, detector.threshold), fixed, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    for variable, value in zip(detector.trainable_variables, moving, strict=True):
        assert np.abs(variable.numpy() - value).max() > 0, f"{variable.path} did not move"


def test_the_loss_is_the_mean_error(detector):
    signals = waves(64, seed=9)
    loss = detector.evaluate(signals, batch_size=16, verbose=0)
    assert loss == pytest.approx(detector.predict(signals, verbose=0)["error"].mean(), rel=1e-4)


def test_noise_goes_into_the_encoder_in_training_alone():
    """With zero weights the noise cannot reach the output; with others it changes it, in training alone."""
    keras.utils.set_random_seed(2)
    detector, signals = small(noise=0.5), waves(200)
    detector.adapt(signals)
    quiet = numpy_of(detector(signals))
    first, second = (numpy_of(detector(signals, training=True)) for _ in range(2))
    assert np.abs(first["reconstruction"] - second["reconstruction"]).max() > 0.01
    offset, scale = fit_scaling(signals, "standard")
    scaled, decoded = ((array - offset) / scale for array in (signals, first["reconstruction"]))
    np.testing.assert_allclose(first["error"], np.abs(scaled - decoded).mean(axis=1), rtol=1e-4)
    np.testing.assert_array_equal(numpy_of(detector(signals))["error"], quiet["error"])
    plain = small()
    plain.build((None, 24))
    plain.set_weights(detector.get_weights())
    np.testing.assert_allclose(numpy_of(plain(signals, training=True))["error"], quiet["error"], rtol=1e-6)


def test_the_noise_has_the_asked_deviation():
    """Through layers that pass positive numbers on unchanged."""
    detector = AnomalyDetector(length=3, units=(3,), scaling="standard", noise=0.4)
    detector.build((None, 3))
    for layer, sign in ((detector.encoder.layers[0], 1), (detector.decoder.layers[0], -1)):
        layer.set_weights([np.eye(3), np.full(3, 9.0 * sign)])
    signals = np.random.default_rng(0).normal(size=(2000, 3)).astype("float32")
    noise = numpy_of(detector(signals, training=True))["reconstruction"] - signals
    assert noise.std() == pytest.approx(0.4, rel=0.05) and abs(noise.mean()) < 0.02


def test_it_trains_on_a_dataset_of_tuples_of_one_array():
    import tensorflow as tf

    detector, normal = small(), waves(100)
    detector.adapt(normal)
    detector.compile(keras.optimizers.Adam(1e-2))
    batches = tf.data.Dataset.from_tensor_slices((normal,)).batch(25)
    history = detector.fit(batches, validation_data=batches, epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert history["val_loss"][-1] == pytest.approx(detector.evaluate(batches, verbose=0), rel=1e-5)


def test_sample_weights_count():
    detector, normal = small(), waves(40)
    detector.adapt(normal)
    errors = numpy_of(detector(normal))["error"]
    weights = np.linspace(0, 2, 40).astype("float32")
    loss = detector.compute_loss(x=normal, y_pred=detector(normal), sample_weight=weights)
    assert float(loss) == pytest.approx(np.mean(errors * weights), rel=1e-5)


@pytest.mark.parametrize("scaling", ["min_max", "standard"])
def test_saving_keeps_scaling_and_threshold(scaling, tmp_path):
    detector = trained(scaling)
    detector.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.get_config() == detector.get_config()
    for variable, loaded in zip(detector.weights, again.weights, strict=True):
        assert variable.name == loaded.name
        np.testing.assert_array_equal(variable.numpy(), loaded.numpy(), err_msg=variable.path)
    assert np.isfinite(again.threshold.numpy())
    signals = waves(20, seed=3, frequency=3)
    for name, value in detector.predict(signals, verbose=0).items():
        np.testing.assert_allclose(again.predict(signals, verbose=0)[name], value, rtol=1e-5)


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="Keras exports no SavedModel from PyTorch")
def test_the_export_takes_raw_signals(detector, tmp_path):
    import tensorflow as tf

    detector.export(tmp_path / "serve", verbose=False)
    served = tf.saved_model.load(str(tmp_path / "serve"))
    signals = waves(7, seed=3)
    outputs = served.serve(tf.constant(signals))
    for name, value in detector.predict(signals, verbose=0).items():
        np.testing.assert_allclose(outputs[name].numpy(), value, rtol=1e-4, atol=1e-5)


def test_half_precision_keeps_scaling_and_error_in_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        detector, signals = small("min_max"), waves(30) + 1000
    finally:
        keras.config.set_dtype_policy("float32")
    detector.adapt(signals)
    outputs = numpy_of(detector(signals))
    assert outputs["error"].dtype == np.float32 and outputs["reconstruction"].dtype == np.float32
    # bfloat16 knows no number between 1000 and 1004: the waves would be gone before the network sees them.
    assert np.ptp(outputs["error"]) > 0.01
    exact = small("min_max")
    exact.build((None, 24))
    exact.set_weights(detector.get_weights())
    np.testing.assert_allclose(outputs["error"], numpy_of(exact(signals))["error"], atol=5e-3)


@pytest.mark.parametrize("make", [lambda: small("maximum"), lambda: fit_scaling(waves(3), "maximum")])
def test_unknown_scaling_is_refused(make):
    with pytest.raises(InputError, match="scaling must be .* received 'maximum'"):
        make()


@pytest.mark.parametrize("options", [dict(length=0), dict(units=()), dict(units=(8, 0))])
def test_sizes_must_be_positive(options):
    with pytest.raises(InputError, match="must be positive"):
        AnomalyDetector(**options)


@pytest.mark.parametrize(
    "signals, message",
    [
        (waves(4, length=30), r"\(N, 24\), N > 0, received \(4, 30\)"),
        (waves(4)[0], r"received \(24,\)"),
        (waves(4)[:0], r"received \(0, 24\)"),
        (np.full((2, 24), np.nan), "NaN or infinity"),
    ],
)
@pytest.mark.parametrize("method", ["adapt", "set_threshold"])
def test_bad_signals_are_refused(method, signals, message):
    with pytest.raises(InputError, match=message):
        getattr(small(), method)(signals)


def test_negative_noise_is_refused():
    for noise in (-0.1, float("nan")):
        with pytest.raises(InputError, match="noise is a standard deviation"):
            small(noise=noise)


def test_building_for_another_length_is_refused():
    with pytest.raises(InputError, match="signals must have 24 samples"):
        small().build((None, 30))
