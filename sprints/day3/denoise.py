"""Denoising autoencoder: by learning to remove noise from digits, a network learns what digits look like.

You will be able to:

- train a network on pairs of a noisy and a clean image;
- measure denoising in decibels, and compare it with methods that need no network;
- say which image the best possible denoiser gives, and why it must know its images.

Before: `day1.convolution`, `day3.autoencode`.

P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol, "Extracting and Composing Robust Features with Denoising
Autoencoders", ICML 2008, sections 2.2 and 2.3. The sizes of the network are those of TensorFlow's tutorial
"Intro to Autoencoders".
"""

from functools import partial
from typing import Literal

from keras_cv_course import data
from keras_cv_course.baselines.denoisers import tuned_denoisers
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.psnr import psnr
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.image_rows import image_rows
from keras_cv_course.reconstruct.denoising import CORRUPTIONS, DenoisingAutoencoder
from keras_cv_course.training.schedules import adam_with_warmup

LEVELS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4)


@lesson(
    quick=dict(limit=256, epochs=2),
    full=dict(dataset="fashion_mnist", epochs=60),
    batch_size=16,
    targets={
        "handwriting": dict(gain_db=at_least(10.3), gain_over_best_db=at_least(1.6)),
        "mnist": dict(gain_db=at_least(9.0), gain_over_best_db=at_least(2.5)),
        "fashion_mnist": dict(validation_mse=at_most(0.0075), gain_over_best_db=at_least(1.0)),
    },
)
def denoise(
    run,
    dataset: str = "handwriting",
    corruption: Literal["gaussian", "dropout"] = "gaussian",
    noise: float = 0.2,
    filters: tuple[int, int] = (16, 8),
    size: int = 28,
    epochs: int = 5,
    learning_rate: float = 1.6e-2,
):
    """Train on (noisy, clean) pairs and measure how much noise is gone.

    Args:
        dataset: handwriting and digits are built in; mnist and fashion_mnist are downloaded once.
        corruption: gaussian adds noise to every pixel; dropout sets pixels to 0.
        noise: standard deviation of the gaussian noise, or share of the pixels that dropout sets to 0; pixels
            are in [0, 1].
        filters: channels of the two encoder stages; the decoder mirrors them.
        size: images are brought to size x size pixels, a multiple of 4.
        epochs: passes over the training images.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.

    Metrics:
        psnr: peak signal-to-noise ratio of the restored test images, in dB; higher is better.
        gain_db: psnr minus that of the noisy images.
        gain_over_linear_db: psnr minus that of ridge regression, the best linear map.
        gain_over_best_db: psnr minus that of the best method without a network.
        validation_mse: mean squared error on the validation images after the last epoch.
    """
    # %% What is the best possible answer?
    # We see $y = x + \varepsilon$: a clean image $x$ plus noise, here $\varepsilon \sim N(0, \sigma^2)$ for
    # every pixel with $\sigma = 0.2$, clipped to $[0, 1]$. The network $f$ is trained to minimise
    # $E\,\|f(y) - x\|^2$. The minimiser is known: $f(y) = E[x \mid y]$, the mean of all clean images that
    # could have produced $y$, weighted by how probable they are. To compute it, $f$ has to know which images
    # are probable: what digits look like. That knowledge is the reason for the exercise; less noise is only
    # the way to get it. Expect blur where two digits are equally plausible: the mean of a 3 and an 8 is
    # neither.
    #
    # The data are real digits, drawn again at other sizes, angles and places, so that no pixel means the same
    # in two images. Digits that stand still are a linear problem, and a linear map wins there (see the last
    # step).
    train, validation, test = data.load(dataset, file=run.file, size=size, limit=run.limit)
    corrupt = partial(CORRUPTIONS[corruption], rng=run.rng)
    noisy_train, noisy_validation, noisy_test = (
        corrupt(part.images, noise) for part in (train, validation, test)
    )
    if (noisy_test == test.images).all(axis=(1, 2, 3)).any():
        raise InputError(
            f"{corruption} noise of {noise:g} leaves test images as they are; choose a larger --noise"
        )

    # %% The network
    # 28×28×1 → 14×14×16 → 7×7×8 and back: 7×7×8 → 14×14×8 → 28×28×16 → 28×28×1. Two convolutions with stride
    # 2 take the place of pooling, two transposed ones bring the size back. In the middle, 392 numbers have to
    # hold what 784 noisy pixels say, so copying the noise does not fit through. The last sigmoid keeps pixels
    # in $[0, 1]$; its bias starts at the logit of the mean pixel, since images that are mostly black would
    # otherwise push all outputs to 0 in the first steps, where the sigmoid has no slope left.
    channels = train.images.shape[-1]
    model = DenoisingAutoencoder(filters, channels, brightness=float(train.images.mean()))
    model.build((None, *train.images.shape[1:]))
    run.show(model)

    # %% Training
    # The input is the noisy image, the target the clean one; the network never sees a clean image as input.
    # The loss is the mean of $(f(y) - x)^2$ over all pixels. The learning rate is sixteen times Adam's usual
    # one: it warms up, falls to zero along a cosine, and Adam's second moment forgets sooner ($\beta_2 =
    # 0.99$), which makes it bearable.
    batches = run.batches(noisy_train, train.images)
    optimizer = adam_with_warmup(learning_rate, epochs * len(batches), beta_2=0.99)
    model.compile(optimizer, loss="mse", **run.compile_options)
    model.fit(
        batches,
        validation_data=(noisy_validation, validation.images),
        epochs=epochs,
        callbacks=run.callbacks(),
    )

    # %% How much noise is gone?
    # The peak signal-to-noise ratio is $10 \log_{10}(1 / \mathrm{MSE})$ decibels: 10 dB more is a tenth of
    # the squared error. Three methods stand beside the network, each with the setting that suits the
    # validation images best. A median filter takes the middle value of a neighbourhood. Non-local means
    # averages pixels with similar surroundings. Ridge regression is the best *linear* map from 784 noisy
    # pixels to 784 clean ones, learned from the same pairs. The filters have never seen a digit; ridge
    # regression has, but can only add up pixels. In the figure, look at the strokes: who keeps their edges,
    # and who leaves a haze around them?
    methods = tuned_denoisers(noisy_train, train.images, noisy_validation, validation.images)
    methods["autoencoder"] = partial(model.predict, verbose=0)
    judged, noisy_judged = test.images[:500], noisy_test[:500]
    restored = {name: method(noisy_judged) for name, method in methods.items()}
    found = run.compare(psnr, judged, {"noisy": noisy_judged, **restored}, ours="autoencoder")
    others = [value for name, value in found.items() if name not in ("autoencoder", "noisy")]
    run.metrics(
        gain_db=found["autoencoder"] - found["noisy"],
        gain_over_linear_db=found["autoencoder"] - others[-1],
        gain_over_best_db=found["autoencoder"] - max(others),
        validation_mse=run.history()["val_loss"][-1],
    )
    rows = {"clean": judged, "noisy": noisy_judged, **restored}
    title = f"Test images, {corruption} noise of {noise:g}, restored by {len(methods)} methods"
    alt = "Rows of ten digits: clean, noisy, then restored by each method with its decibels."
    run.figure("restored", image_rows(rows, title, against=judged), alt=alt)

    # %% Other amounts of noise
    # The network was trained at one noise level, and the level of a test image is no input of it. Below that
    # level its bottleneck costs detail that is still visible, above it the noise is unlike any that it has
    # seen. The other methods keep the settings that suited the level of training. Look for where lines cross.
    few = judged[:100]
    noisy_at = [corrupt(few, level) for level in LEVELS]
    lines = {
        name: [psnr(few, method(noisy)) for noisy in noisy_at] for name, method in reversed(methods.items())
    }
    lines["noisy"] = [psnr(few, noisy) for noisy in noisy_at]
    axes = f"{corruption} noise (pixels are in [0, 1])", "peak signal-to-noise ratio (dB)"
    title = "Restored test images at other noise levels; settings and weights as above"
    figure = curves(LEVELS, lines, title, *axes, mark=(noise, "trained here"))
    run.figure(
        "noise_sweep", figure, alt="Decibels of each method against the noise level, one line a method."
    )

    # %% Try it
    # 1. `--corruption dropout --noise 0.5`: half of the pixels are set to 0, and the same network fills them
    #    in. It gains 11.7 dB in place of 10.5, since the pixels that are left carry no noise, and leads ridge
    #    regression by 5 dB: which pixels are missing changes from image to image, and a linear map cannot
    #    react.
    # 2. `--dataset digits --epochs 60`: digits that all stand in the same place. Their 784 pixels are
    #    interpolated from 64, so the clean images span a linear space of 64 dimensions, and ridge regression
    #    is level with the network.
    # 3. `--noise 0.05`: the gain falls to 6 dB and the lead to half a decibel. With so little noise, 392
    #    numbers in the middle cost almost as much as the noise does.
    # 4. `--preset full`: Fashion-MNIST, the data of TensorFlow's tutorial, for 60 epochs in place of its ten.
    # 5. Not every method without a network is weak. Gradient-boosted trees that see 7×7 noisy pixels at a
    #    time (200 rounds of 63 leaves, scikit-learn, 46 s on two cores) restore these test images to 26.8 dB.
    #    The network, with its 3,217 weights, reaches 27.1 in a third of the time.
    run.save(
        model,
        signature=(None, None, None, channels),
        note="In: noisy images in [0, 1], sides multiples of 4. Out: the restored images, same shape.",
    )


if __name__ == "__main__":
    denoise.main()
