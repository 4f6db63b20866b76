"""Autoencoder that unrolls a curved sheet: what it must keep is what the points' neighbourhoods look like.

Hinton and Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks", Science 313, 2006,
for the autoencoder; Weinberger and Saul, "Unsupervised Learning of Image Manifolds by Semidefinite
Programming", IJCV 70, 2006, for the idea of the penalty: keep the distances between neighbours and pull
everything else as far apart as that allows. They solve for the positions of given points; here the idea
becomes a term of the loss, so that the encoder can place new points.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError


def distances(points):
    """Distances between all pairs of points: (N, D) -> (N, N), in the points' unit.

    Distances below 1e-6 count as 1e-6, where the square root has a slope.
    """
    differences = points[:, None, :] - points[None, :, :]  # (N, N, D)
    return ops.sqrt(ops.maximum(ops.sum(ops.square(differences), axis=-1), 1e-12))


def unfolding_penalty(points, codes, radius, pull):
    """Keep neighbours as far apart as they are, and pull all points apart.

        sum_near (|z_i - z_j| - |x_i - x_j|)^2 / sum_near |x_i - x_j|^2 - pull * log(mean |z_i - z_j| / mean |x_i - x_j|)

    where near are the pairs with |x_i - x_j| < radius. The first term alone is content with a folded
    sheet, whose neighbours are as far apart as on a flat one; the second pays for laying it flat. Both
    are free of units: a code stretched by 1 + s costs s^2 and gains pull * log(1 + s), so that a flat
    sheet comes out stretched by about pull / 2.

    Args:
        points: (N, D) points x.
        codes: (N, d) codes z.
        radius: pairs closer than this are neighbours, in the points' unit. It must be smaller than the
            gap between two turns of the sheet and larger than the gaps between the points of a batch.
        pull: weight of the second term; 0 leaves it out.

    Returns:
        The penalty, a scalar; 0 where the codes are the points, turned or shifted.
    """
    between_points, between_codes = distances(points), distances(codes)  # (N, N)
    near = ops.cast(between_points < radius, between_points.dtype)
    torn = ops.sum(near * ops.square(between_codes - between_points)) / ops.sum(near * ops.square(between_points))
    spread = ops.mean(between_codes) / ops.mean(between_points)
    return torn - pull * ops.log(spread)


@keras.saving.register_keras_serializable("keras_cv_course")
class ManifoldAutoencoder(keras.Model):
    """Points -> a code of few numbers -> the points again, through smooth layers on both sides.

    Its loss is the mean squared error plus `unfold` times `unfolding_penalty`. With `unfold=0` it is
    a plain autoencoder, which may fold the sheet: a fold costs a little error along the crease only.
    It learns from the points alone: `fit(points)`.

    Args:
        dimensions: numbers in a point.
        latent: numbers in a code.
        hidden: units of the encoder's hidden layers, from the point to the code; the decoder mirrors them.
        activation: activation of the hidden layers. Smooth ones make smooth sheets.
        unfold: weight of the unfolding penalty; 0 leaves it out.
        radius: points closer than this are neighbours, in the points' unit.
        pull: how strongly the penalty pulls points apart.

    Call:
        points (N, dimensions), mean 0 and standard deviation about 1 ->
        {"code": (N, latent), "reconstruction": (N, dimensions)}.

    Raises:
        InputError: an argument out of its range; at `build`, points with another number of dimensions.
    """

    def __init__(
        self,
        dimensions=3,
        latent=2,
        hidden=(64, 64),
        activation="tanh",
        unfold=0.0,
        radius=0.5,
        pull=0.5,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.dimensions = dimensions
        self.latent = latent
        self.hidden = tuple(hidden)
        self.activation = activation
        self.unfold = unfold
        self.radius = radius
        self.pull = pull
        if min(dimensions, latent, *self.hidden) < 1:
            raise InputError(
                f"dimensions, latent and hidden must be at least 1; got {dimensions}, {latent} and {self.hidden}"
            )
        if unfold < 0 or radius <= 0 or pull < 0:
            raise InputError(
                f"unfold and pull must be 0 or more and radius above 0; got unfold={unfold}, pull={pull}, radius={radius}"
            )

        dense = keras.layers.Dense
        self.encoder = keras.Sequential(
            [*(dense(units, activation) for units in self.hidden), dense(latent, dtype="float32")], name="encoder"
        )
        self.decoder = keras.Sequential(
            [*(dense(units, activation) for units in reversed(self.hidden)), dense(dimensions, dtype="float32")],
            name="decoder",
        )
        self.error = keras.metrics.Mean(name="mse")

    def build(self, input_shape):
        if input_shape[-1] != self.dimensions:
            raise InputError(
                f"expected points (N, {self.dimensions}), got {tuple(input_shape)}: "
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
        return error + self.unfold * unfolding_penalty(x, y_pred["code"], self.radius, self.pull)

    def get_config(self):
        return {
            **super().get_config(),
            "dimensions": self.dimensions,
            "latent": self.latent,
            "hidden": self.hidden,
            "activation": self.activation,
            "unfold": self.unfold,
            "radius": self.radius,
            "pull": self.pull,
        }
