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
    quick=dict(limit=256, sizes=(8,), epochs=2),
    full=dict(
        dataset="mnist",
        latent=64,
        sizes=(2, 4, 8, 16, 32, 64),
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
    hidden: tuple[int, ...] = (256,),
    filters: tuple[int, ...] = (32, 64),
    epochs: int = 16,
    batch_size: int = 32,
    learning_rate: float = 2e-2,
):
    """Squeeze images through codes of several sizes with three methods, and see what comes back.

    Args:
        run: keeps the lesson's figures, metrics and trained model.
        dataset: digits is built in; mnist and fashion_mnist are downloaded once.
        limit: use at most this many images of each part.
        latent: numbers in a code, for the pictures, the metrics and the saved model.
        sizes: numbers in a code, for the sweep.
        hidden: units of the dense encoder's hidden layers; (256,) has as many weights on digits as the convolutions.
        filters: channels of the convolutional encoder's stages; the decoder mirrors them.
        epochs: passes over the training images.
        batch_size: images per step.
        learning_rate: the highest one; it warms up to it and then falls to zero.
    """
    # %% The data: nobody labels anything. The image is its own answer.
    train, _, test = data.load(dataset, limit=limit)
    shape = train.images.shape[1:]
    batches = run.batches(train.images, train.images, batch_size=batch_size)

    # %% Three methods, each at several code sizes. PCA is the best that is linear: the bar to clear.
    sizes, best = sorted({*sizes, latent}), None
    back = {"convolutional": {}, "dense": {}, "PCA": {}}
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
            back[name][size] = keras.ops.convert_to_numpy(network(test.images))
        back["PCA"][size] = PrincipalComponents(size).fit(train.images).predict(test.images).clip(0, 1)
        reached = (f"{name} {psnr(test.images, images[size]):.2f} dB" for name, images in back.items())
        print(f"codes of {size} numbers: {', '.join(reached)}")
        best = networks["convolutional"] if size == latent else best

    # %% What comes back, from so few numbers, of images that no method has seen?
    errors = {name: [np.mean((test.images - back[name][size]) ** 2) for size in sizes] for name in back}
    decibels = {name: np.array([psnr(test.images, back[name][size]) for size in sizes]) for name in back}
    here, ours = sizes.index(latent), decibels["convolutional"]
    for name in back:
        run.metrics(**{f"psnr_{name.lower()}": decibels[name][here]})
        run.metrics(**{f"test_mse_{name.lower()}": errors[name][here]})
    run.metrics(
        gain_over_pca_db=(ours - decibels["PCA"])[here],
        gain_over_dense_db=(ours - decibels["dense"])[here],
        smallest_lead_db=np.min(ours - np.maximum(decibels["PCA"], decibels["dense"])),
        compression_ratio=compression_ratio(shape, latent),
    )
    for name in ("PCA", "dense"):
        run.peer("psnr_convolutional", name, decibels[name][here])
        run.peer("test_mse_convolutional", name, errors[name][here])
    rows = {"original": test.images, **{name: images[latent] for name, images in back.items()}}
    title = f"{test.images[0].size} pixels drawn again from {latent} numbers: images never seen in training"
    run.figure("reconstructions", image_rows(rows, title, against=test.images))

    # %% The price of a small code.
    title = "A code of the same size holds more when a network writes and reads it"
    run.figure("latent_sweep", latent_sweep(sizes, errors, test.images[0].size, title))

    # %% A walk between two codes passes through images; a cross-fade is two images at once.
    first_of_class = np.unique(test.labels, return_index=True)[1]
    pairs = []
    for ends in zip(test.images[first_of_class][:4], test.images[first_of_class][::-1][:4]):
        codes = keras.ops.convert_to_numpy(best.encode(np.stack(ends)))
        path = keras.ops.convert_to_numpy(best.decode(interpolate(*codes, steps=9)))
        pairs.append((path, interpolate(*ends, steps=9)))
    title = "Along the codes one shape turns into the other; a cross-fade shows both at once"
    run.figure("interpolation", interpolation(pairs, title))
    run.save(
        best,
        signature=(None, *shape),
        note=f"Gives back images after squeezing them through {latent} numbers.",
    )


if __name__ == "__main__":
    autoencode.main()
