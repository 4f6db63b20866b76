"""Autoencoders: through a bottleneck of few numbers, a network must learn what images have in common."""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.draw.image_rows import image_rows
from keras_cv_course.draw.interpolation import interpolation
from keras_cv_course.draw.latent_sweep import latent_sweep
from keras_cv_course.lesson import at_least, lesson
from keras_cv_course.metrics.psnr import psnr
from keras_cv_course.recipes.warmup_cosine import warmup_cosine
from keras_cv_course.reconstruct.convolutional_autoencoder import ConvolutionalAutoencoder
from keras_cv_course.reconstruct.dense_autoencoder import DenseAutoencoder
from keras_cv_course.reconstruct.latent_space import compression_ratio, interpolate
from keras_cv_course.reconstruct.principal_components import PrincipalComponents


@lesson(
    quick=dict(limit=256, sizes=(2, 8), epochs=2),
    full=dict(
        dataset="mnist",
        latent=64,
        sizes=(2, 4, 8, 16, 32, 64),
        hidden=(256, 64),
        epochs=20,
        batch_size=128,
        learning_rate=4e-3,
    ),
    expect={
        "digits": dict(gain_over_pca_db=at_least(3.0), smallest_lead_db=at_least(0.0)),
    },
)
def autoencode(
    run,
    dataset: str = "digits",
    limit: int | None = None,
    latent: int = 8,
    sizes: tuple[int, ...] = (2, 4, 8, 16),
    hidden: tuple[int, ...] = (160, 64),
    filters: tuple[int, ...] = (32, 64),
    epochs: int = 20,
    batch_size: int = 32,
    learning_rate: float = 1.6e-2,
):
    """Squeeze images through codes of several sizes with three methods, and see what comes back.

    Args:
        run: keeps the lesson's figures, metrics and trained model.
        dataset: digits is built in; mnist and fashion_mnist are downloaded once.
        limit: use at most this many images of each part.
        latent: numbers in a code, for the pictures, the metrics and the saved model.
        sizes: numbers in a code, for the sweep.
        hidden: units of the dense encoder's hidden layers; the decoder mirrors them.
        filters: channels of the convolutional encoder's stages; the decoder mirrors them.
        epochs: passes over the training images.
        batch_size: images per step.
        learning_rate: the highest one; it warms up to it and then falls to zero.
    """
    # %% The data: nobody labels anything. The image is its own answer.
    train, validation, test = data.load(dataset, limit=limit)
    shape = train.images.shape[1:]
    batches = run.batches(train.images, train.images, batch_size=batch_size)

    # %% Three methods, each at several code sizes: PCA is the best linear one, and the bar to clear.
    sizes = sorted({*sizes, latent})
    rebuilt = {"convolutional": [], "dense": [], "PCA": []}
    for size in sizes:
        networks = {
            "convolutional": ConvolutionalAutoencoder(shape, size, filters, activation="silu"),
            "dense": DenseAutoencoder(shape, size, hidden, activation="silu"),
        }
        for name, network in networks.items():
            network.build((None, *shape))
            rate = warmup_cosine(learning_rate, steps=epochs * len(batches))
            network.compile(
                keras.optimizers.Adam(rate), loss="mse", steps_per_execution=10, jit_compile=False
            )
            network.fit(batches, epochs=epochs, callbacks=run.callbacks(f"{name}_{size}"), verbose=0)
            rebuilt[name].append(network.predict(test.images, batch_size=500, verbose=0))
        rebuilt["PCA"].append(PrincipalComponents(size).fit(train.images).predict(test.images))
        if size == latent:
            chosen = networks
        reached = ", ".join(f"{name} {psnr(test.images, line[-1]):.2f} dB" for name, line in rebuilt.items())
        print(f"codes of {size} numbers: {reached}")

    # %% What comes back from so few numbers?
    pixels, ratio = int(np.prod(shape)), compression_ratio(shape, latent)
    back = {name: line[sizes.index(latent)] for name, line in rebuilt.items()}
    errors = {
        name: [np.mean((test.images - images) ** 2) for images in line] for name, line in rebuilt.items()
    }
    decibels = {name: [psnr(test.images, images) for images in line] for name, line in rebuilt.items()}
    for name, images in back.items():
        run.metrics(**{f"psnr_{name.lower()}": psnr(test.images, images)})
        run.metrics(**{f"test_mse_{name.lower()}": np.mean((test.images - images) ** 2)})
    gain = {
        name: run.values["psnr_convolutional"] - psnr(test.images, back[name]) for name in ("PCA", "dense")
    }
    others = np.maximum(decibels["PCA"], decibels["dense"])
    run.metrics(
        gain_over_pca_db=gain["PCA"],
        gain_over_dense_db=gain["dense"],
        smallest_lead_db=np.min(decibels["convolutional"] - others),
        compression_ratio=ratio,
    )
    for name in ("PCA", "dense"):
        run.peer("psnr_convolutional", name, psnr(test.images, back[name]))
    title = f"{pixels} pixels from {latent} numbers, {ratio:.3g} times fewer: images never seen in training"
    rows = {"original": test.images, **{name: images.clip(0, 1) for name, images in back.items()}}
    run.figure("reconstructions", image_rows(rows, title, against=test.images))

    # %% The price of a small code.
    title = "The same number of numbers says more when a network has learned how to read them"
    run.figure("latent_sweep", latent_sweep(sizes, errors, pixels, title))

    # %% A walk between two codes passes through images; a cross-fade is two images at once.
    best = chosen["convolutional"]
    pairs = []
    for first in range(0, min(8, len(test) - 1), 2):
        ends = test.images[first : first + 2]
        codes = keras.ops.convert_to_numpy(best.encode(ends))
        path = keras.ops.convert_to_numpy(best.decode(interpolate(*codes, steps=9)))
        pairs.append((path, interpolate(*ends, steps=9)))
    run.figure(
        "interpolation",
        interpolation(pairs, "Codes: one shape turns into the other. Pixels: two shapes at once"),
    )
    run.save(
        best,
        signature=(None, *shape),
        note=f"Gives back its input after {latent} numbers; `encode`, `decode`.",
    )


if __name__ == "__main__":
    autoencode.main()
