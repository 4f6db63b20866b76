"""Autoencoders: through a bottleneck of few numbers, a network must learn what images have in common.

You will be able to:

- train an encoder and a decoder without labels, and say what the bottleneck is for;
- measure what comes back beside PCA, the best linear code of the same size;
- walk from one image to another through the code, and say why a cross-fade is not that.

Before: `day1.convolution`.

P. Baldi, K. Hornik, "Neural Networks and Principal Component Analysis", Neural Networks 2(1), 1989 (the linear
case). G. Hinton, R. Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks", Science 313, 2006
(the deep dense one). J. Masci, U. Meier, D. Ciresan, J. Schmidhuber, "Stacked Convolutional Auto-Encoders for
Hierarchical Feature Extraction", ICANN 2011.
"""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.baselines.principal_components import PrincipalComponents
from keras_cv_course.lesson import at_least, lesson
from keras_cv_course.metrics.psnr import psnr
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.image_rows import image_rows
from keras_cv_course.reconstruct.convolutional_autoencoder import ConvolutionalAutoencoder
from keras_cv_course.reconstruct.dense_autoencoder import DenseAutoencoder
from keras_cv_course.reconstruct.latent_space import compression_ratio, interpolate
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day3.figures.autoencode import interpolation


@lesson(
    quick=dict(limit=256, sizes=(16,), epochs=2),
    full=dict(dataset="mnist", latent=64, sizes=(4, 8, 16, 32, 64), epochs=20),
    batch_size=32,
    targets={
        "handwriting": dict(
            psnr=at_least(23.6),
            smallest_gain_over_pca_db=at_least(1.3),
        )
    },
)
def autoencode(
    run,
    dataset: str = "handwriting",
    latent: int = 16,
    sizes: tuple[int, ...] = (4, 8, 16),
    filters: tuple[int, ...] = (16, 32),
    hidden: tuple[int, ...] = (256, 128),
    size: int = 28,
    epochs: int = 5,
    learning_rate: float = 1e-2,
):
    """Send images through codes of several sizes with four methods, and measure what comes back.

    Args:
        dataset: handwriting and digits are built in; mnist and fashion_mnist are downloaded once.
        latent: size of the code, for the images, the metrics and the saved model.
        sizes: sizes of the code for the comparison of convolutions with PCA.
        filters: channels of the convolutional encoder's stages; the decoder mirrors them.
        hidden: units of the deep dense encoder's hidden layers; the decoder mirrors them.
        size: images are brought to size x size pixels.
        epochs: passes over the training images.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.

    Metrics:
        psnr: peak signal-to-noise ratio of the convolutional network's test images, in dB; higher is better.
        gain_over_pca_db: psnr minus that of PCA with a code of the same size.
        smallest_gain_over_pca_db: the least of these gains over all sizes.
        gain_over_deep_dense_db: psnr minus that of the deep dense network.
        compression_ratio: numbers in an image divided by numbers in its code.
    """
    # %% The bottleneck
    # An autoencoder is two functions. The encoder makes a code $z = f(x)$ of $d$ numbers of an image, the
    # decoder an image $\hat x = g(z)$ of the code, and both are trained to minimise $E\,\|x - g(f(x))\|^2$.
    # The image is its own target: nobody has to label anything. With $d = 784$ copying would do. With
    # $d = 16$ in place of 28×28 = 784 pixels, a compression by 49, it does not fit through: the network has
    # to find out what the images have in common.
    #
    # The data are real digits, drawn again at other sizes, angles and places. Few numbers tell one such image
    # from another, but all of its pixels depend on them.
    train, _, test = data.load(dataset, file=run.file, size=size, limit=run.limit)
    shape = train.images.shape[1:]
    run.metrics(compression_ratio=compression_ratio(shape, latent))

    # %% The best linear code
    # If $f$ and $g$ are linear, the best ones are known. Baldi and Hornik show that the minimum is the
    # subspace of the $d$ leading principal components: $\hat x = m + W W^\top (x - m)$ with the mean image
    # $m$ and $W$ of 784×16. So PCA is what a network has to beat at the same $d$; a network that does not is
    # not worth its training. What PCA cannot do is move a stroke: a shifted image is no sum of a few others.
    sizes = sorted({*sizes, latent})
    restored = {
        ("PCA", count): PrincipalComponents(count).fit(train.images).predict(test.images).clip(0, 1)
        for count in sizes
    }

    # %% Three networks
    # *Dense* is 784-16-784, one layer each way; its only advantage over PCA is the sigmoid on the pixels.
    # *Deep dense* is 784-256-128-16-128-256-784 (Hinton and Salakhutdinov). *Convolutional* is 28×28×1 →
    # 14×14×16 → 7×7×32 → 16 numbers and back, with strides of 2; its kernels are shared by all places, so a
    # stroke that has moved is still the same stroke to it. It has 61,329 weights, the deep dense one 472,608:
    # see below which of the two reaches more. The code itself is linear in all three: no activation, any
    # value. The convolutional one is trained for every size of the code, the others for `latent` alone.
    plan = [("convolutional", count) for count in sizes] + [("dense", latent), ("deep dense", latent)]
    networks = {}
    for kind, count in plan:
        if kind == "convolutional":
            network = ConvolutionalAutoencoder(shape, count, filters, activation="silu")
        else:
            network = DenseAutoencoder(shape, count, hidden if kind == "deep dense" else (), "silu")
        network.build((None, *shape))
        batches = run.batches(train.images, train.images)
        adam = adam_with_warmup(learning_rate, epochs * len(batches), beta_2=0.99)
        network.compile(adam, "mse", **run.compile_options)
        name = f"{kind} {count}".replace(" ", "_")
        network.fit(batches, epochs=epochs, callbacks=run.callbacks(name, of=len(plan)))
        networks[kind, count], restored[kind, count] = network, network.predict(test.images, verbose=0)
    best = run.show(networks["convolutional", latent])

    # %% What comes back
    # The test images are of writers' digits that no method has seen. The peak signal-to-noise ratio is
    # $10 \log_{10}(1 / \mathrm{MSE})$ decibels: 3 dB more is half of the squared error. Look at what each
    # method does where it has run out of numbers: PCA leaves a haze around the digit, for its components can
    # only be added and subtracted; what does a network leave?
    at_latent = {kind: restored[kind, latent] for kind in ("convolutional", "deep dense", "dense", "PCA")}
    found = run.compare(psnr, test.images, at_latent, ours="convolutional")
    decibels = {key: psnr(test.images, images) for key, images in restored.items()}
    lines = {kind: [decibels[kind, count] for count in sizes] for kind in ("convolutional", "PCA")}
    run.metrics(
        gain_over_pca_db=found["convolutional"] - found["PCA"],
        smallest_gain_over_pca_db=min(np.subtract(*lines.values())),
        gain_over_deep_dense_db=found["convolutional"] - found["deep dense"],
    )
    title = f"Test images from codes of {latent} numbers"
    alt = "Rows of ten digits: the originals, then what each method restores from its code, with decibels."
    rows = {"original": test.images, **at_latent}
    run.figure("reconstructions", image_rows(rows, title, against=test.images), alt=alt)

    # %% The price of a small code
    # Every number fewer costs detail. With very few, all methods show little but the mean image. With very
    # many, a linear code is good enough, and harder to beat: PCA gets all its components for nothing, a
    # network has to learn each of them.
    title = "Test images restored from codes of several sizes"
    axes = "numbers in a code", "peak signal-to-noise ratio (dB)"
    alt = "Decibels against the size of the code, one line for the convolutional network and one for PCA."
    run.figure("latent_sweep", curves(sizes, lines, title, *axes), alt=alt)

    # %% A walk through the code
    # Take the codes $z_a$ and $z_b$ of two digits and decode the points $z_t = (1 - t)\,z_a + t\,z_b$ between
    # them. The cross-fade below is $(1 - t)\,x_a + t\,x_b$: two images at once, each fainter. PCA's path is
    # just such a fade, since its decoder is linear. A network's decoder may bend: look for strokes that move,
    # close or open. Nothing in the loss asks for that, and not every point between two digits is one.
    numpy = keras.ops.convert_to_numpy
    first_of_class = np.unique(test.labels, return_index=True)[1]
    pairs = []
    for ends in zip(test.images[first_of_class][:3], test.images[first_of_class][::-1][:3]):
        path = best.decode(interpolate(*numpy(best.encode(np.stack(ends))), steps=9))
        pairs.append((numpy(path), interpolate(*ends, steps=9)))
    title = "From one test image to another: decoded codes, and the cross-fade of the pixels"
    alt = "Three pairs of digits; for each, nine decoded codes and nine steps of a cross-fade."
    run.figure("interpolation", interpolation(pairs, title), alt=alt)

    # %% Try it
    # 1. `--latent 64 --sizes 64`: four times as many numbers. PCA reaches 28.2 dB, and the convolutional
    #    network, with 28.7, leads by half a decibel in place of 3.8. The deep dense one stays at 24.7: five
    #    epochs are not enough for it to make use of a larger code.
    # 2. `--dataset digits --epochs 30`: digits that all stand in the same place. PCA gains most from that, 24.5
    #    dB in place of 20.2, and the dense network without hidden layers, with 24.4, does not get past it. The
    #    convolutional one reaches 27.8.
    # 3. `--preset full`: MNIST, codes of 4 to 64 numbers, 20 epochs. The network of Hinton and Salakhutdinov is
    #    `--dataset mnist --hidden 1000 500 250 --latent 30`, without their pretraining layer by layer.
    run.save(
        best,
        signature=(None, *shape),
        note=f"In: images in [0, 1]. Out: the images as {latent} numbers restore them.",
    )


if __name__ == "__main__":
    autoencode.main()
