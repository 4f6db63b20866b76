"""Manifold: points in space lie on a rolled-up sheet, and two numbers are enough to say where."""

import keras
import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, Isomap, trustworthiness

from keras_cv_course import data
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.coordinate_correlation import coordinate_correlation
from keras_cv_course.reconstruct.manifold import ManifoldAutoencoder, learned_sheet
from keras_cv_course.training.schedules import warmup_cosine
from sprints.day3.figures.manifold import sheets, unrolled


@lesson(
    quick=dict(limit=250, epochs=3),
    full=dict(epochs=1000),
    batch_size=250,
    targets={
        "swiss_roll": dict(
            autoencoder_trustworthiness=at_least(0.98),
            trustworthiness_gain=at_least(0.03),
            autoencoder_correlation=at_least(0.97),
            correlation_gain=at_least(0.5),
            reconstruction_mse=at_most(0.05),
        )
    },
)
def manifold(
    run,
    dataset: str = "swiss_roll",
    hidden: tuple[int, ...] = (64, 64, 64),
    unfold: float = 1.0,
    radius: float = 0.5,
    pull: float = 0.5,
    epochs: int = 110,
    learning_rate: float = 1e-2,
):
    """Find the flat sheet inside the roll with five methods, and judge them by the sheet's true coordinates.

    Args:
        dataset: swiss_roll is built in.
        hidden: units of the encoder's hidden layers; the decoder mirrors them.
        unfold: weight of the penalty that lays the sheet flat; 0 leaves a plain autoencoder.
        radius: points closer than this are neighbours; the points' standard deviation is 1.
        pull: how strongly the penalty pulls points apart.
        epochs: passes over the training points.
        learning_rate: the highest one; it warms up to it and then falls to zero.
    """
    # %% The data: points in space. Their true place on the sheet is kept aside to judge with.
    train, _, test = data.load(dataset, limit=run.limit)
    centre, deviation = train.points.mean(axis=0), train.points.std()
    points, held_out = (train.points - centre) / deviation, (test.points - centre) / deviation
    along, across = test.position.T

    # %% PCA and Isomap learn from the training points, then place new ones. t-SNE can only be fitted to them.
    pca = PCA(n_components=2).fit(points)
    isomap = Isomap(n_neighbors=10, n_components=2).fit(points)
    planes = {
        "PCA": pca.transform(held_out),
        "Isomap": isomap.transform(held_out),
        "t-SNE": TSNE(max_iter=500, random_state=run.seed).fit_transform(held_out),
    }

    # %% Two autoencoders with a code of two numbers: a plain one, and one that is paid to unfold the sheet.
    models, rebuilt = {}, {}
    for name, weight in (("plain autoencoder", 0.0), ("unfolding autoencoder", unfold)):
        batches = run.batches(points)
        model = ManifoldAutoencoder(hidden=hidden, unfold=weight, radius=radius, pull=pull)
        model.build(points.shape)
        rate = warmup_cosine(learning_rate, steps=epochs * len(batches))
        model.compile(keras.optimizers.Adam(rate), **run.compile_options)
        model.fit(batches, epochs=epochs, callbacks=run.callbacks(name.replace(" ", "_")))
        predicted = model.predict(held_out, verbose=0)
        models[name], planes[name], rebuilt[name] = model, predicted["code"], predicted["reconstruction"]

    # %% Trustworthiness: are neighbours in the plane neighbours in space? Correlation: can the true place be
    # read off the plane with a ruler, along the roll and across it? A sheet pinched on its way fails across.
    trust = {name: trustworthiness(held_out, codes, n_neighbors=10) for name, codes in planes.items()}
    linear = {name: coordinate_correlation(codes, along) for name, codes in planes.items()}
    height = {name: coordinate_correlation(codes, across) for name, codes in planes.items()}
    mse = {name: np.mean((held_out - again) ** 2) for name, again in rebuilt.items()}
    mse["PCA"] = np.mean((held_out - pca.inverse_transform(planes["PCA"])) ** 2)
    ours = "unfolding autoencoder"
    run.metrics(
        autoencoder_trustworthiness=trust[ours],
        trustworthiness_gain=trust[ours] - trust["PCA"],
        autoencoder_correlation=linear[ours],
        correlation_gain=linear[ours] - linear["PCA"],
        correlation_across=height[ours],
        reconstruction_mse=mse[ours],
    )
    for name in planes:
        if name != ours:
            run.baseline("autoencoder_trustworthiness", name, trust[name])
            run.baseline("autoencoder_correlation", name, linear[name])
            run.baseline("correlation_across", name, height[name])
    for name in ("PCA", "plain autoencoder"):
        run.baseline("reconstruction_mse", name, mse[name])

    # %% The planes: only a method that unrolls the sheet shows one smooth run of colours.
    run.figure(
        "unrolled",
        unrolled(
            test.points,
            along,
            {
                f"{name}: trustworthiness {trust[name]:.3f},\n"
                f"correlation {linear[name]:.3f} along, {height[name]:.3f} across": codes
                for name, codes in planes.items()
            },
            "Unrolled, the colours lie in one row: by Isomap, and by the autoencoder that is paid to unfold",
            "true position along the roll (arc length)",
        ),
        alt="Unrolled, the colours lie in one row: by Isomap, and by the autoencoder that is paid to unfold",
    )

    # %% Decoding a grid of codes shows what was learned: the sheet on which every reconstruction lies.
    decoders = {"PCA": pca.inverse_transform, **{name: model.decode for name, model in models.items()}}
    surfaces = {}
    for name, decode in decoders.items():
        sheet = learned_sheet(decode, planes[name])
        surfaces[f"{name}\nmean squared error {mse[name]:.3f}"] = sheet * deviation + centre
    run.figure(
        "sheets",
        sheets(
            test.points, surfaces, "Two numbers reach one sheet in space: PCA's is flat, a network's curls"
        ),
        alt="Two numbers reach one sheet in space: PCA's is flat, a network's curls",
    )
    run.save(
        models[ours],
        signature=(None, 3),
        note=f"In: points (N, 3), minus {np.round(centre, 3).tolist()}, divided by {deviation:.3f}. "
        "Out: `code` (N, 2), the place on the unrolled sheet, and `reconstruction` (N, 3). "
        "From Keras, `model.encode` and `model.decode` are its halves.",
    )


if __name__ == "__main__":
    manifold.main()
