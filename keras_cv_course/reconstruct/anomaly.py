"""Anomaly detector: an autoencoder trained on normal signals alone, which reconstructs others badly.

M. Sakurada, T. Yairi, "Anomaly Detection Using Autoencoders with Nonlinear Dimensionality Reduction", MLSDA
2014: autoencoders, with and without noise on their input, beside linear and kernel PCA. The sizes and the
threshold are those of TensorFlow's tutorial "Intro to Autoencoders".
"""

import keras
import numpy as np
from keras import ops

from keras_cv_course.errors import InputError

SCALINGS = ("min_max", "standard")


def fit_scaling(signals, scaling="min_max"):
    """Offset and scale of `scaled = (signals - offset) / scale`, from training signals.

    Args:
        signals: (N, length) array of normal training signals.
        scaling: "min_max" maps the smallest value of all signals to 0 and the largest to 1; "standard" gives
            every sample position its own mean 0 and standard deviation 1 (divided by N) over the signals.

    Returns:
        offset and scale, each (length,) float32, in the signals' unit. Where all values are equal the scale
        is 1, so that nothing is divided by zero.

    Raises:
        InputError: unknown scaling, or no signals.
    """
    signals = np.asarray(signals, "float64")
    if signals.ndim != 2 or signals.size == 0:
        raise InputError(f"expected signals of shape (N, length), N > 0, received {signals.shape}")
    if scaling == "min_max":
        offset, scale = signals.min(), np.ptp(signals)
    elif scaling == "standard":
        offset, scale = signals.mean(axis=0), signals.std(axis=0)
    else:
        raise InputError(f"scaling must be one of {', '.join(SCALINGS)}, received {scaling!r}")
    # Equal values may leave a deviation of rounding errors.
    scale = np.where(scale > 1e-12 * np.abs(offset), scale, 1.0)
    length = signals.shape[1]
    return np.broadcast_to(offset, length).astype("float32"), np.broadcast_to(scale, length).astype("float32")


def reconstruction_error(signals, reconstruction):
    """Mean absolute error of each signal, with `keras.ops`: it is trained through.

    Args:
        signals, reconstruction: (N, length) each, in one unit.

    Returns:
        (N,) errors in that unit.
    """
    return ops.mean(ops.abs(signals - reconstruction), axis=-1)


def anomaly_threshold(errors):
    """Mean + standard deviation (divided by N) of the errors of *normal training* signals.

    Args:
        errors: (N,) reconstruction errors.

    Returns:
        A float, in the errors' unit.

    Raises:
        InputError: there are no errors.
    """
    errors = np.asarray(errors, "float64")
    if errors.size == 0:
        raise InputError("the threshold needs the error of at least one normal signal, received none")
    return float(errors.mean() + errors.std())


@keras.saving.register_keras_serializable("keras_cv_course")
class AnomalyDetector(keras.Model):
    """Dense autoencoder that calls a signal anomalous where its reconstruction error is above a threshold.

    The layers are length-32-16-8-16-32-length with ReLU between them. Scaling and threshold are weights that
    are not trained, `offset` (length,), `scale` (length,) and `threshold` (a scalar), so that a saved or
    exported detector takes raw signals. In training, Gaussian noise may be added to the scaled signals that
    go into the encoder; errors are always those of the scaled signals without it. The loss is the mean error
    of a batch, each error times its sample weight if there are any. Use it in this order:

        detector.adapt(normal); detector.compile("adam"); detector.fit(normal); detector.set_threshold(normal)

    Args:
        length: samples of a signal.
        units: sizes of the encoder's layers; the decoder mirrors them.
        scaling: "min_max" (values in [0, 1], sigmoid output) or "standard" (linear output).
        noise: standard deviation of the noise, in scaled units; 0 adds none.

    Call:
        signals (N, length), float32 or float64, in their own unit -> a dictionary of "reconstruction"
        (N, length) in the same unit; "error" (N,) float32, mean absolute error of the *scaled* signal;
        "anomaly" (N,) bool, error above the threshold. Until `set_threshold` the threshold is infinite:
        nothing is an anomaly.

    Raises:
        InputError: unknown scaling, sizes below 1, noise that is negative, infinite or NaN; signals of another length;
            in `adapt` and `set_threshold` also no signals, or numbers that are not finite.

    Example:
        detector = AnomalyDetector(length=24, units=(8, 4), scaling="standard")
        detector.adapt(np.random.default_rng(0).normal(size=(10, 24)))
        detector(np.zeros((2, 24)))["error"].shape  # (2,)
    """

    def __init__(self, length=140, units=(32, 16, 8), scaling="min_max", noise=0.0, **kwargs):
        # The dense layers follow the precision policy; scaling and error stay in float32.
        super().__init__(autocast=False, **kwargs)
        if scaling not in SCALINGS:
            raise InputError(f"scaling must be one of {', '.join(SCALINGS)}, received {scaling!r}")
        if length < 1 or not units or min(units) < 1:
            raise InputError(f"length and units must be positive, received length={length}, units={units}")
        if not 0 <= noise < float("inf"):
            raise InputError(f"noise is a standard deviation, a number of 0 or more, received {noise}")
        self.length = length
        self.units = tuple(units)
        self.scaling = scaling
        self.noise = noise
        self.seed_generator = keras.random.SeedGenerator()
        dense = keras.layers.Dense
        last = "sigmoid" if scaling == "min_max" else "linear"
        self.encoder = keras.Sequential([dense(size, "relu") for size in self.units], name="encoder")
        self.decoder = keras.Sequential(
            [*(dense(size, "relu") for size in self.units[-2::-1]), dense(length, last, dtype="float32")],
            name="decoder",
        )

    def build(self, input_shape):
        if input_shape[-1] != self.length:
            raise InputError(f"signals must have {self.length} samples, received shape {tuple(input_shape)}")
        self.encoder.build((None, self.length))
        self.decoder.build((None, self.units[-1]))
        fixed = dict(trainable=False, dtype="float32", autocast=False)
        self.offset = self.add_weight(shape=(self.length,), initializer="zeros", name="offset", **fixed)
        self.scale = self.add_weight(shape=(self.length,), initializer="ones", name="scale", **fixed)
        infinite = keras.initializers.Constant(float("inf"))
        self.threshold = self.add_weight(shape=(), initializer=infinite, name="threshold", **fixed)
        self.built = True

    def adapt(self, normal_signals):
        """Fix offset and scale from (N, length) normal training signals; do this before `fit`."""
        normal_signals = self._checked(normal_signals)
        offset, scale = fit_scaling(normal_signals, self.scaling)
        self.offset.assign(offset)
        self.scale.assign(scale)

    def set_threshold(self, normal_signals):
        """Fix the threshold from (N, length) normal training signals; do this after `fit`."""
        errors = self(self._checked(normal_signals))["error"]
        self.threshold.assign(anomaly_threshold(ops.convert_to_numpy(errors)))

    def call(self, signals, training=False):
        scaled = (ops.cast(signals, "float32") - self.offset) / self.scale
        inputs = scaled
        if training and self.noise:
            inputs = scaled + self.noise * keras.random.normal(ops.shape(scaled), seed=self.seed_generator)
        decoded = self.decoder(self.encoder(inputs, training=training), training=training)
        error = reconstruction_error(scaled, decoded)
        return {
            "reconstruction": decoded * self.scale + self.offset,
            "error": error,
            "anomaly": error > self.threshold,
        }

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        error = y_pred["error"]
        return ops.mean(error if sample_weight is None else error * sample_weight)

    def get_config(self):
        own = dict(length=self.length, units=self.units, scaling=self.scaling, noise=self.noise)
        return {**super().get_config(), **own}

    def _checked(self, signals):
        signals = np.asarray(signals, "float32")
        if signals.ndim != 2 or signals.shape[1] != self.length or len(signals) == 0:
            raise InputError(f"expected signals of shape (N, {self.length}), N > 0, received {signals.shape}")
        if not np.isfinite(signals).all():
            raise InputError("signals must be finite, received NaN or infinity")
        if not self.built:
            self.build(signals.shape)
        return signals
