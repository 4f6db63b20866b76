"""Denoising autoencoder: shown noise and asked for the picture, a network learns what pictures are."""

from functools import partial

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.baselines.classical_filters import best_setting, median_filter, non_local_means
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.psnr import psnr
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.image_rows import image_rows
from keras_cv_course.reconstruct.denoising import DenoisingAutoencoder, add_noise, drop_pixels
from keras_cv_course.training.schedules import warmup_cosine


@lesson(
    quick=dict(limit=256, epochs=2),
    full=dict(dataset="fashion_mnist", epochs=60),
    batch_size=16,
    targets={
        "digits": dict(
            gain_db=at_least(6.0), over_median_db=at_least(1.0), over_non_local_means_db=at_least(1.0)
        ),
        "mnist": dict(
            gain_db=at_least(6.0), over_median_db=at_least(1.0), over_non_local_means_db=at_least(1.0)
        ),
        "fashion_mnist": dict(validation_mse=at_most(0.0075), over_median_db=at_least(0.5)),
    },
)
def denoise(
    run,
    dataset: str = "digits",
    size: int = 28,
    noise: float = 0.2,
    dropout: float = 0.5,
    filters: tuple[int, int] = (16, 8),
    epochs: int = 15,
    learning_rate: float = 1.6e-2,
):
    """Train on (noisy, clean) pairs and measure how much noise is gone.

    Args:
        dataset: digits is built in; mnist and fashion_mnist are downloaded once.
        size: images are enlarged to size x size; the digits' own 8x8 pixels leave too little to compare.
        noise: standard deviation of the noise; pixels are in [0, 1].
        dropout: share of the pixels that the second kind of noise sets to 0.
        filters: channels of the two encoder stages.
        epochs: passes over the training images; the training on dropout takes half as many.
        learning_rate: the highest one; it warms up to it and then falls to zero.
    """
    # %% The data: clean images, and copies of them corrupted in two ways.
    train, validation, test = data.load(dataset, limit=run.limit, size=size)
    rng = np.random.default_rng(run.seed)
    noisy_train, noisy_validation, noisy_test = (
        add_noise(part.images, noise, rng) for part in (train, validation, test)
    )
    holes_train, holes_test = (drop_pixels(part.images, dropout, rng) for part in (train, test))

    # %% The model never sees a clean image as input, only as the answer.
    batches = run.batches(noisy_train, train.images)
    brightness = float(train.images.mean())
    model = DenoisingAutoencoder(filters, train.images.shape[-1], brightness)
    model.build((None, *train.images.shape[1:]))
    rate = warmup_cosine(learning_rate, steps=epochs * len(batches))
    # A second moment that forgets sooner than Adam's 0.999 bears sixteen times Adam's usual rate.
    model.compile(keras.optimizers.Adam(rate, beta_2=0.99), loss="mse", **run.compile_options)
    model.fit(
        batches,
        validation_data=(noisy_validation, validation.images),
        epochs=epochs,
        callbacks=run.callbacks("gaussian"),
    )

    # %% How much noise is gone? Peak signal-to-noise ratio, in dB, before and after.
    restored = model.predict(noisy_test, verbose=0)
    before, after = psnr(test.images, noisy_test), psnr(test.images, restored)
    run.metrics(
        psnr_before=before,
        psnr_after=after,
        gain_db=after - before,
        validation_mse=run.history("gaussian")["val_loss"][-1],
    )

    # %% Filters without training are the peers; each gets the setting that suits the validation images best.
    judged = test[:500].images
    noisy = noisy_test[:500]
    some_noisy, some_clean = noisy_validation[:100], validation.images[:100]
    side = best_setting(median_filter, (3, 5), some_noisy, some_clean)
    strength = best_setting(
        partial(non_local_means, noise=noise), (0.4, 0.6, 0.8, 1.0), some_noisy, some_clean
    )
    median = median_filter(noisy, side)
    means = non_local_means(noisy, strength, noise)
    ours = psnr(judged, restored[:500])
    run.metrics(
        over_median_db=ours - psnr(judged, median), over_non_local_means_db=ours - psnr(judged, means)
    )
    run.baseline("psnr_after", f"median {side}x{side}", psnr(judged, median))
    run.baseline("psnr_after", "non-local means", psnr(judged, means))
    rows = {"clean": judged, "noisy": noisy, f"median {side}x{side}": median, "non-local\nmeans": means}
    run.figure(
        "restored",
        image_rows(
            {**rows, "autoencoder": restored},
            f"Noise of {noise:g} a pixel: the network knows what pictures look like, the filters only smooth",
            against=judged,
        ),
        alt=f"Noise of {noise:g} a pixel: the network knows what pictures look like, the filters only smooth",
    )

    # %% It was trained at one noise level; what does it do at others?
    levels = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
    judged = judged[:100]
    noisy_at = {level: add_noise(judged, level, rng) for level in levels}
    lines = {
        "autoencoder": [model.predict(noisy_at[level], verbose=0) for level in levels],
        "noisy": list(noisy_at.values()),
        f"median {side}x{side}": [median_filter(noisy_at[level], side) for level in levels],
        "non-local means": [non_local_means(noisy_at[level], strength, level) for level in levels],
    }
    run.figure(
        "noise_sweep",
        curves(
            levels,
            {name: [psnr(judged, images) for images in line] for name, line in lines.items()},
            "Ahead of the filters at all but very little noise, where the bottleneck costs detail",
            "standard deviation of the noise (pixels are in [0, 1])",
            "peak signal-to-noise ratio (dB)",
            mark=(noise, "trained here"),
        ),
        alt="Ahead of the filters at all but very little noise, where the bottleneck costs detail",
    )

    # %% Dropout as noise: the same network, trained to fill in pixels that are gone.
    painter = DenoisingAutoencoder(filters, train.images.shape[-1], brightness)
    painter.build((None, *train.images.shape[1:]))
    painter_epochs = max(1, epochs // 2)
    rate = warmup_cosine(learning_rate, steps=painter_epochs * len(batches))
    painter.compile(keras.optimizers.Adam(rate, beta_2=0.99), loss="mse", **run.compile_options)
    painter.fit(
        run.batches(holes_train, train.images),
        epochs=painter_epochs,
        callbacks=run.callbacks("dropout"),
    )
    filled = painter.predict(holes_test, verbose=0)
    run.metrics(dropout_gain_db=psnr(test.images, filled) - psnr(test.images, holes_test))
    run.figure(
        "filled_in",
        image_rows(
            {"clean": judged, "pixels lost": holes_test, "autoencoder": filled},
            f"Dropout as noise: {dropout:.0%} of the pixels are gone, and the network fills them in",
            against=judged,
        ),
        alt=f"Dropout as noise: {dropout:.0%} of the pixels are gone, and the network fills them in",
    )

    # %% Keep the denoiser: any number of images, of any size that is a multiple of 4.
    run.save(
        model,
        signature=(None, None, None, train.images.shape[-1]),
        note="In: noisy images in [0, 1], sides multiples of 4. Out: the restored images, same shape.",
    )


if __name__ == "__main__":
    denoise.main()
