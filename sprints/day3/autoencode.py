"""Autoencoders: through a bottleneck of few numbers, a network must learn what images have in common."""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.baselines.principal_components import PrincipalComponents
from keras_cv_course.lesson import at_least, lesson
from keras_cv_course.metrics.psnr import psnr
from keras_cv_course.plot.image_rows import image_rows
from keras_cv_course.reconstruct.convolutional_autoencoder import ConvolutionalAutoencoder
from keras_cv_course.reconstruct.dense_autoencoder import DenseAutoencoder
from keras_cv_course.reconstruct.latent_space import compression_ratio, interpolate
from keras_cv_course.training.schedules import warmup_cosine
from sprints.day3.figures.autoencode import interpolation, latent_sweep


@lesson(
    quick=dict(limit=256, sizes=(8,), epochs=2),
    full=dict(
        dataset="mnist",
        latent=64,
        sizes=(2, 4, 8, 16, 32, 64),
        hidden=(256, 64),
        epochs=20,
        batch_size=128,
        learning_rate=4e-3,
    ),
    batch_size=32,
    targets={
        "digits": dict(gain_over_pca_db=at_least(3.0), smallest_lead_over_shallow_db=at_least(1.5)),
    },
)
def autoencode(
    run,
    dataset: str = "digits",
    latent: int = 8,
    sizes: tuple[int, ...] = (2, 4, 8),
    filters: tuple[int, ...] = (32, 64),
    hidden: tuple[int, ...] = (160, 64),
    epochs: int = 18,
    learning_rate: float = 1.5e-2,
):
    """Squeeze images through codes of several sizes with three methods, and see what comes back.

    Args:
        dataset: digits is built in; mnist and fashion_mnist are downloaded once.
        latent: numbers in a code, for the pictures, the metrics and the saved model.
        sizes: numbers in a code, for the sweep.
        filters: channels of the convolutional encoder's stages; the decoder mirrors them.
        hidden: hidden units of a deep dense one; on digits (160, 64) has as many weights as `filters`.
        epochs: passes over the training images.
        learning_rate: the highest one; it warms up to it and then falls to zero.
    """
    # %% The data: nobody has labelled anything. The image is its own answer.
    train, _, test = data.load(dataset, limit=run.limit)
    shape, pixels = train.images.shape[1:], train.images[0].size
    batches = run.batches(train.images, train.images)

    # %% Three methods at several code sizes. PCA is the best that is linear; dense is one layer each way.
    sizes, back = sorted({*sizes, latent}), {}
    for size in sizes:
        networks = {"convolutional": ConvolutionalAutoencoder(shape, size, filters, activation="silu")}
        if size == latent:
            networks["deep dense"] = DenseAutoencoder(shape, size, hidden, activation="silu")
            best = networks["convolutional"]
        networks["dense"] = DenseAutoencoder(shape, size)
        for name, network in networks.items():
            network.build((None, *shape))
            rate = warmup_cosine(learning_rate, steps=epochs * len(batches))
            adam = keras.optimizers.Adam(rate, beta_2=0.99)  # forgets sooner than 0.999: bears a higher rate
            network.compile(adam, "mse", **run.compile_options, jit_compile=False)
            log = run.callbacks(f"{name}_{size}".replace(" ", "_"))
            network.fit(batches, epochs=epochs, callbacks=log, verbose=0)
            back[name, size] = keras.ops.convert_to_numpy(network(test.images))
        back["PCA", size] = PrincipalComponents(size).fit(train.images).predict(test.images).clip(0, 1)
        reached = (f"{name} {psnr(test.images, back[name, size]):.2f} dB" for name in (*networks, "PCA"))
        print(f"codes of {size} numbers: {', '.join(reached)}")

    # %% What comes back, from so few numbers, of images that no method has seen?
    decibels = {key: psnr(test.images, images) for key, images in back.items()}
    errors = {key: np.mean((test.images - images) ** 2) for key, images in back.items()}
    for name in ("convolutional", "dense", "PCA"):
        run.metrics(**{f"psnr_{name.lower()}": decibels[name, latent]})
        run.metrics(**{f"test_mse_{name.lower()}": errors[name, latent]})
    # The shallow methods alone: on 8x8 pixels a deep dense autoencoder is as good as the convolutional one.
    leads = {
        size: decibels["convolutional", size] - max(decibels["dense", size], decibels["PCA", size])
        for size in sizes
    }
    run.metrics(
        gain_over_pca_db=decibels["convolutional", latent] - decibels["PCA", latent],
        gain_over_deep_dense_db=decibels["convolutional", latent] - decibels["deep dense", latent],
        smallest_lead_over_shallow_db=min(leads.values()),
        compression_ratio=compression_ratio(shape, latent),
    )
    rows = {"original": test.images}
    for name in ("convolutional", "deep dense", "dense", "PCA"):
        rows[name] = back[name, latent]
        if name != "convolutional":
            run.baseline("psnr_convolutional", name, decibels[name, latent])
            run.baseline("test_mse_convolutional", name, errors[name, latent])
    title = f"{pixels} pixels drawn again from {latent} numbers: images never seen in training"
    run.figure("reconstructions", image_rows(rows, title, against=test.images), alt=title)

    # %% The price of a small code.
    lines = {name: [errors[name, size] for size in sizes] for name in ("convolutional", "dense", "PCA")}
    title = "The smaller the code, the more is lost"
    if min(leads.values()) > 0:
        title += "; deep networks lose least"
    deep = {"deep dense": (latent, errors["deep dense", latent])}
    run.figure("latent_sweep", latent_sweep(sizes, lines, pixels, title, single=deep), alt=title)

    # %% A walk between two codes passes through images; a cross-fade is two images at once.
    first_of_class = np.unique(test.labels, return_index=True)[1]
    pairs = []
    for ends in zip(test.images[first_of_class][:4], test.images[first_of_class][::-1][:4]):
        codes = keras.ops.convert_to_numpy(best.encode(np.stack(ends)))
        path = keras.ops.convert_to_numpy(best.decode(interpolate(*codes, steps=9)))
        pairs.append((path, interpolate(*ends, steps=9)))
    title = "Along the codes one shape turns into the other; a cross-fade shows both at once"
    run.figure("interpolation", interpolation(pairs, title), alt=title)
    run.save(
        best,
        signature=(None, *shape),
        note=f"Gives back images after squeezing them through {latent} numbers.",
    )


if __name__ == "__main__":
    autoencode.main()
