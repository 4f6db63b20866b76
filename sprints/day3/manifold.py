"""Manifold: points in space lie on a rolled-up sheet, and two numbers are enough to say where.

You will be able to:

- say what a manifold is, and what PCA, Isomap, t-SNE and an autoencoder each keep of it;
- measure whether a code keeps neighbours, and whether it lays the sheet flat along and across;
- say why a plain autoencoder folds the sheet, and write a penalty that unfolds it.

Before: `day3.autoencode`.

J. Tenenbaum, V. de Silva, J. Langford, "A Global Geometric Framework for Nonlinear Dimensionality Reduction",
Science 290, 2000 (the swiss roll, Isomap). K. Weinberger, L. Saul, "Unsupervised Learning of Image Manifolds by
Semidefinite Programming", International Journal of Computer Vision 70(1), 2006, section 2 (the penalty's idea).
J. Venna, S. Kaski, "Neighborhood Preservation in Nonlinear Projection Methods", ICANN 2001 (trustworthiness).
"""

import keras
import numpy as np
from sklearn.manifold import trustworthiness

from keras_cv_course import data
from keras_cv_course.baselines.embeddings import isomap_embedding, pca_embedding, tsne_codes
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.coordinate_correlation import coordinate_correlation
from keras_cv_course.reconstruct.manifold import ManifoldAutoencoder, decoded_surface
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day3.figures.manifold import code_planes, surfaces_in_space


@lesson(
    quick=dict(limit=250, epochs=3),
    full=dict(epochs=1000),
    batch_size=250,
    targets={
        "swiss_roll": dict(
            trustworthiness=at_least(0.985),
            correlation_along=at_least(0.99),
            correlation_across=at_least(0.97),
            reconstruction_mse=at_most(0.02),
        )
    },
)
def manifold(
    run,
    dataset: str = "swiss_roll",
    hidden: tuple[int, ...] = (64, 64, 64),
    unfold: float = 20.0,
    radius: float = 0.5,
    spread: float = 1.0,
    epochs: int = 110,
    learning_rate: float = 1.5e-2,
):
    """Find the flat sheet inside the roll with five methods, and measure them by its true coordinates.

    Args:
        dataset: swiss_roll is built in.
        hidden: units of the encoder's hidden layers; the decoder mirrors them.
        unfold: weight of the penalty that lays the sheet flat; the plain autoencoder has 0.
        radius: points closer than this are neighbours, where the points' standard deviation is 1; above 0.
        spread: weight of the penalty's reward for codes that are far apart.
        epochs: passes over the training points.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.

    Metrics:
        trustworthiness: 1 where all neighbours in the plane are neighbours in space; held-out points.
        correlation_along: of the position along the roll with its best linear prediction from the code.
        correlation_across: the same of the position across the roll, along its axis.
        reconstruction_mse: mean squared error of the held-out points; their standard deviation is 1.
    """
    # %% A sheet in space
    # The data are points with three numbers each, but they lie on a sheet of 90 × 21 that is rolled up one
    # and a half times, plus a little noise. Two numbers say where a point is: $s$ along the roll and $h$
    # across. That is the *manifold hypothesis* in small: of all images that pixels could show, the real ones
    # fill a thin, curved surface, and a good code gives the place on it (Bengio, Courville, Vincent,
    # "Representation Learning", IEEE TPAMI 35(8), 2013, section 8). Here we know $s$ and $h$. They are kept
    # aside to measure with: no method sees them. The points are centred and divided by one number, so that
    # distances keep their proportions.
    train, _, test = data.load(dataset, limit=run.limit)
    if not {"points", "position"} <= set(train.fields):
        raise InputError(f"this lesson needs points of known position: swiss_roll, received {dataset!r}")
    centre, deviation = train.points.mean(axis=0), train.points.std()
    points, held_out = (train.points - centre) / deviation, (test.points - centre) / deviation

    # %% Three methods without a network
    # PCA is the plane of largest variance; points of two turns fall on the same place. Isomap joins each
    # point to its ten nearest ones, measures distances along that graph, around the roll and not through it,
    # and finds the positions in the plane that keep them. t-SNE keeps who is near whom and gives up how far
    # the others are. PCA and Isomap can place new points; t-SNE has to be fitted to the held-out points
    # themselves.
    ready_made = {"PCA": pca_embedding(points), "Isomap": isomap_embedding(points)}
    codes = {name: embedding.encode(held_out) for name, embedding in ready_made.items()}
    codes["t-SNE"] = tsne_codes(held_out, run.seed)
    decoders = {name: embedding.decode for name, embedding in ready_made.items()}

    # %% Two autoencoders
    # 3 → 64 → 64 → 64 → 2 and back, with tanh. The loss is $\frac{1}{3} \|x - \hat x\|^2$ plus `unfold` times
    #
    # $$\frac{\sum_{near} (|z_i - z_j| - |x_i - x_j|)^2}{\sum_{near} |x_i - x_j|^2} - \gamma \log
    # \frac{\operatorname{mean} |z_i - z_j|}{\operatorname{mean} |x_i - x_j|}$$
    #
    # over the pairs of a batch; $z$ is the code of $x$, *near* are the pairs closer than `radius`, and
    # $\gamma$ is `spread`. The first term keeps the distances between neighbours. A folded sheet keeps them
    # too, so the second one rewards codes that are far apart on the whole. The plain autoencoder is trained
    # without all this. Its first, nearly linear map squeezes the roll flat, turn on turn; from then on it
    # lowers the error wherever it can, and never has a reason to undo the fold.
    models = {
        name: ManifoldAutoencoder(hidden=hidden, unfold=weight, radius=radius, spread=spread)
        for name, weight in {"plain autoencoder": 0.0, "unfolding autoencoder": unfold}.items()
    }
    for name, model in models.items():
        batches = run.batches(points)
        model.build(points.shape)
        optimizer = adam_with_warmup(learning_rate, epochs * len(batches))
        model.compile(optimizer, **run.compile_options)
        model.fit(batches, epochs=epochs, callbacks=run.callbacks(name.replace(" ", "_"), of=2))
        codes[name], decoders[name] = model.predict(held_out, verbose=0)["code"], model.decode
    run.show(model)

    # %% Is the sheet laid flat?
    # Trustworthiness looks at each point's ten nearest neighbours in the plane: those that are none in space
    # cost by their rank there. It does not see whether the sheet is bent or torn as a whole. The correlation
    # does: it is that of $s$, or of $h$, with $w \cdot z + b$ fitted by least squares. 1 means that a ruler
    # on the plane reads the coordinate off. A method may be good along and bad across: a sheet that turns
    # over on its way, like a twisted ribbon, has $h$ pointing up at one end and down at the other.
    #
    # Each method has a row below. Where the sheet lies flat, the colours run from left to right in the left
    # column and from bottom to top in the right one.
    measures = {
        "trustworthiness": lambda z: trustworthiness(held_out, z, n_neighbors=10),
        "correlation_along": lambda z: coordinate_correlation(z, test.position[:, 0]),
        "correlation_across": lambda z: coordinate_correlation(z, test.position[:, 1]),
    }
    found = {name: {key: measure(z) for key, measure in measures.items()} for name, z in codes.items()}
    restored = {name: keras.ops.convert_to_numpy(decode(codes[name])) for name, decode in decoders.items()}
    errors = {name: np.mean((held_out - again) ** 2) for name, again in restored.items()}
    ours = "unfolding autoencoder"
    run.metrics(**found[ours], reconstruction_mse=errors[ours])
    for name in (name for name in codes if name != ours):
        for metric, value in found[name].items():
            run.baseline(metric, name, value)
        if name in errors:
            run.baseline("reconstruction_mse", name, errors[name])
    alt = "Codes of five methods, coloured by the position along the roll and across it."
    title = "Codes of the held-out points, coloured by their true position"
    run.figure("codes", code_planes(codes, test.position, found, title), alt=alt)

    # %% What a decoder knows
    # Decoding a grid of codes shows the surface on which every reconstruction lies. PCA's is a plane. A
    # network's may bend, and where its code folds the sheet, the surface jumps from turn to turn. Isomap has
    # no decoder; kernel ridge regression from its codes to the points takes its place here.
    #
    # Isomap is made for a sheet like this one, whose distances a plane can keep, and it sees all training
    # points at once, where the network sees 250. Compare the two in the table below: it is the rival to beat.
    # What it asks for in return is that the training points are kept: each new point is placed by its
    # distances to all of them. The autoencoder is two functions of 17,413 weights, however many points there
    # were.
    surfaces = {
        f"{name}\nmean squared error {errors[name]:.4f}": decoded_surface(decode, codes[name])
        for name, decode in decoders.items()
    }
    alt = "The surfaces that four decoders give, among the held-out points."
    title = "Decoded surfaces among the held-out points (dots)"
    run.figure("surfaces", surfaces_in_space(held_out, surfaces, title), alt=alt)

    # %% Try it
    # 1. `--spread 0`: the stress alone, without the reward for codes that are far apart. The sheet comes out
    #    folded: the correlation across is 0.999, the one along 0.10, and the error of the reconstruction rises
    #    from 0.003 to 0.28, more than PCA's. All neighbours are at the right distance, and the decoder cannot
    #    tell the layers apart.
    # 2. `--radius 1.5`: points of two turns now count as neighbours, and their distance through the gap is kept
    #    as if it were one on the sheet. The correlations are 0.27 and 0.43: the roll stays rolled up.
    # 3. `--preset full` trains for 1,000 epochs in place of 110. The paper has no network; its own setting is
    #    Isomap's, 1,000 points with seven neighbours each (figure 3).
    run.save(
        model,
        signature=(None, 3),
        note=f"In: points (N, 3), minus {np.round(centre, 3).tolist()}, divided by {deviation:.3f}. "
        "Out: `code` (N, 2), the place on the sheet, and `reconstruction` (N, 3).",
    )


if __name__ == "__main__":
    manifold.main()
