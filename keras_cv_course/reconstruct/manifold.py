"""Autoencoder that lays a curved surface flat instead of folding it.

G. Hinton, R. Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks", Science 313, 2006, for
the autoencoder; K. Weinberger, L. Saul, "Unsupervised Learning of Image Manifolds by Semidefinite Programming",
International Journal of Computer Vision 70(1), 2006, section 2, for the idea of the penalty: keep the distances
between neighbours and maximise the others. They solve for the positions of given points; here the idea becomes
a term of the loss, so that the encoder can place new points.
"""

import keras
import numpy as np
from keras import ops

from keras_cv_course.errors import InputError


def pairwise_distances(points):
    """Euclidean distances between all pairs of points, with `keras.ops`: it is trained through.

    By |a - b|^2 = |a|^2 + |b|^2 - 2 a.b, which needs no (N, N, D) array. Below 1e-3 a distance counts as 1e-3,
    that of a point to itself too: there rounding errors dominate, and the square root has no finite gradient
    at 0.

    Args:
        points: (N, D).

    Returns:
        (N, N), in the points' unit.
    """
    squares = ops.sum(ops.square(points), axis=1)  # (N,)
    products = ops.matmul(points, ops.transpose(points))  # (N, N)
    return ops.sqrt(ops.maximum(squares[:, None] + squares[None, :] - 2 * products, 1e-6))


def unfolding_penalty(points, codes, radius, spread):
    """Stress between neighbours, minus a reward for codes that are far apart.

          sum_near (|z_i - z_j| - |x_i - x_j|)^2                 mean |z_i - z_j|
          --------------------------------------  -  spread log -----------------
                sum_near |x_i - x_j|^2                           mean |x_i - x_j|

    where near are the pairs with |x_i - x_j| < radius, and the means are over all pairs. The first term, the
    stress, is 0 for a folded surface too, on which neighbours are as far apart as on a flat one; the second
    tells them apart. Neither depends on the unit: a code stretched by 1 + s has stress s^2 and reward
    spread log(1 + s), so that the flat surface comes out stretched by somewhat less than spread / 2.

    Args:
        points: (N, D) points x.
        codes: (N, d) codes z.
        radius: pairs closer than this are neighbours, in the points' unit. Smaller than the gap between two
            turns of the surface, larger than the gaps between the points of one batch.
        spread: weight of the second term; 0 leaves it out.

    Returns:
        The penalty, a scalar; 0 where the codes are the points themselves, turned or shifted.
    """
    between_points, between_codes = pairwise_distances(points), pairwise_distances(codes)  # (N, N)
    near = ops.cast(between_points < radius, between_points.dtype)
    stress = ops.sum(near * ops.square(between_codes - between_points))
    stress = stress / ops.sum(near * ops.square(between_points))
    stretch = ops.mean(between_codes) / ops.mean(between_points)
    return stress - spread * ops.log(stretch)


@keras.saving.register_keras_serializable("keras_cv_course")
class ManifoldAutoencoder(keras.Model):
    """Points -> a code of few numbers -> the points again, through dense layers with a smooth activation.

    Its loss is the mean squared error plus `unfold` times `unfolding_penalty` of the points of one batch; there
    are no targets but the points. With `unfold=0` it is a plain autoencoder, and folds the surface. The log also
    shows the mean squared error alone, as the metric `mse`. It learns in large batches, so that they hold
    neighbours: `fit(points, batch_size=250)`.

    Args:
        dimensions: numbers in a point.
        latent: numbers in a code.
        hidden: units of the encoder's hidden layers, from the point to the code; the decoder mirrors them.
        activation: activation of the hidden layers; code and reconstruction have none.
        unfold: weight of the unfolding penalty; 0 leaves it out.
        radius: points closer than this are neighbours, in the points' unit.
        spread: weight of the penalty's reward for codes that are far apart.

    Call:
        points (N, dimensions), mean 0 and standard deviation about 1 ->
        {"code": (N, latent), "reconstruction": (N, dimensions)}.

    Raises:
        InputError: dimensions, latent or units below 1, a radius not above 0, a negative weight; at `build`,
            points with another number of dimensions.

    Example:
        model = ManifoldAutoencoder(hidden=(8,), unfold=1.0)
        model.build((None, 3))
        model(np.zeros((5, 3), "float32"))["code"].shape  # (5, 2)
    """

    def __init__(
        self,
        dimensions=3,
        latent=2,
        hidden=(64, 64, 64),
        activation="tanh",
        unfold=0.0,
        radius=0.5,
        spread=1.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.dimensions = dimensions
        self.latent = latent
        self.hidden = tuple(hidden)
        self.activation = activation
        self.unfold = unfold
        self.radius = radius
        self.spread = spread
        if min(dimensions, latent, *self.hidden) < 1:
            raise InputError(
                f"dimensions, latent and hidden must be at least 1; "
                f"received dimensions={dimensions}, latent={latent}, hidden={self.hidden}"
            )
        if not (unfold >= 0 and radius > 0 and spread >= 0):
            raise InputError(
                f"unfold and spread must be numbers of 0 or more and radius above 0; "
                f"received unfold={unfold}, spread={spread}, radius={radius}"
            )

        dense = keras.layers.Dense
        self.encoder = keras.Sequential(
            [*(dense(units, activation) for units in self.hidden), dense(latent, dtype="float32")],
            name="encoder",
        )
        self.decoder = keras.Sequential(
            [
                *(dense(units, activation) for units in reversed(self.hidden)),
                dense(dimensions, dtype="float32"),
            ],
            name="decoder",
        )
        self.error = keras.metrics.Mean(name="mse")

    def build(self, input_shape):
        if input_shape[-1] != self.dimensions:
            raise InputError(
                f"expected points (N, {self.dimensions}), received {tuple(input_shape)}: "
                f"construct the model with dimensions={input_shape[-1]}"
            )
        self.encoder.build((None, self.dimensions))
        self.decoder.build((None, self.latent))
        self.built = True

    def encode(self, points):
        """Points (N, dimensions) -> codes (N, latent)."""
        return self.encoder(points)

    def decode(self, codes):
        """Codes (N, latent) -> points (N, dimensions) on the learned sheet."""
        return self.decoder(codes)

    def call(self, points):
        codes = self.encode(points)
        return {"code": codes, "reconstruction": self.decode(codes)}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        error = ops.mean(ops.square(x - y_pred["reconstruction"]))
        self.error.update_state(error)
        if not self.unfold:
            return error
        return error + self.unfold * unfolding_penalty(x, y_pred["code"], self.radius, self.spread)

    def get_config(self):
        return {
            **super().get_config(),
            "dimensions": self.dimensions,
            "latent": self.latent,
            "hidden": self.hidden,
            "activation": self.activation,
            "unfold": self.unfold,
            "radius": self.radius,
            "spread": self.spread,
        }


def decoded_surface(decode, codes, rows=150, columns=30, reach=0.03):
    """The surface in space that a decoder gives for the region in which the codes of known points lie.

    A grid over the rectangle that the codes fill, along their principal axes, is decoded.

    Args:
        decode: function from codes (N, 2) to points (N, D).
        codes: (N, 2) codes of known points.
        rows: grid points along the longer side of the rectangle.
        columns: grid points along the shorter side.
        reach: grid points farther than this from every code are left out, as a share of the longer side.

    Returns:
        (rows, columns, D) points; NaN where the grid is left out.
    """
    centre = codes.mean(axis=0)
    _, _, axes = np.linalg.svd(codes - centre, full_matrices=False)  # rows: the principal axes
    sides = [
        np.linspace(place.min(), place.max(), count)
        for place, count in zip(((codes - centre) @ axes.T).T, (rows, columns), strict=True)
    ]
    grid = np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1).reshape(-1, 2)
    grid = (centre + grid @ axes).astype(codes.dtype)
    away = np.min(np.linalg.norm(grid[:, None] - codes[None], axis=-1), axis=1)  # to the nearest code
    points = np.array(ops.convert_to_numpy(decode(grid)))
    points[away > reach * np.ptp(sides[0])] = np.nan
    return points.reshape(rows, columns, -1)
