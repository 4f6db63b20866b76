"""Class images: the image of which a network is most certain shows what it has learned, and what its data hid in it.

You will be able to:

- draw an image for a class by gradient ascent, and say what each regulariser takes out of it;
- measure smoothness beside certainty, against an image that is blurred afterwards;
- find a bias of the training data in a trained network, without the data.

Before: `day5.saliency` or `day1.cnn`.

K. Simonyan, A. Vedaldi, A. Zisserman, "Deep Inside Convolutional Networks", ICLR 2014 workshop, section 2 (the method,
L2). J. Yosinski et al., "Understanding Neural Networks Through Deep Visualization", ICML 2015 workshop, section 3
(blur). A. Mordvintsev, C. Olah, M. Tyka, "Inceptionism", 2015 (jitter). A. Mahendran, A. Vedaldi, "Understanding Deep
Image Representations by Inverting Them", CVPR 2015, section 3.1 (total variation). R. Geirhos et al., "Shortcut
Learning in Deep Neural Networks", Nature Machine Intelligence 2, 2020.
"""

import keras
import numpy as np
from scipy import ndimage

from keras_cv_course import data
from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.errors import InputError
from keras_cv_course.explain.class_image import class_images as ascent
from keras_cv_course.explain.class_image import total_variation
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.accuracy import accuracy
from keras_cv_course.training.imagenet_classes import imagenet_classes
from keras_cv_course.training.pretrained import efficientnet_lite0
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day5.figures.class_images import image_grid

SMALLEST = 32  # pixels of a class image


def logits_of(model, images):
    """(N, classes)."""
    return keras.ops.convert_to_numpy(model(np.array(images, "float32"), training=False))


def probabilities(model, images, targets):
    """The probability of each image's own class."""
    logits = logits_of(model, images)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (shares / shares.sum(axis=1, keepdims=True))[np.arange(len(targets)), targets]


def nearest_colours(images, palette):
    """The palette's colour, (N,), whose direction from grey is nearest to that of each image's mean colour."""
    means = np.asarray(images).mean(axis=(1, 2))
    means, palette = (colours - colours.mean(axis=1, keepdims=True) for colours in (means, palette))
    lengths = np.linalg.norm(palette, axis=1)
    return np.argmax(means @ palette.T / lengths, axis=1)


def blurred_to(images, variation):
    """Each image, blurred as much as it takes to be as smooth as `variation` (N,) says."""
    found = []
    for image, wanted in zip(images, variation, strict=True):
        for sigma in np.arange(0.2, 12, 0.1):
            soft = ndimage.gaussian_filter(image, (sigma, sigma, 0))
            if total_variation(soft[None])[0] <= wanted:
                break
        found.append(soft)
    return np.stack(found)


@lesson(
    quick=dict(limit=64, epochs=1, size=64, steps=3, small_steps=3, seeds=1, classes=(323, 980)),
    full=dict(size=224, steps=400, seeds=10),
    batch_size=64,
    targets={
        "silhouettes:biased": dict(
            certainty=at_least(0.99),
            variation_ratio=at_most(0.4),
            gain_over_blurred=at_least(0.3),
            bias_share=at_least(0.9),
            twin_share=at_most(0.45),
            twin_accuracy=at_least(0.8),
        )
    },
)
def class_images(
    run,
    dataset: str = "silhouettes:biased",
    classes: tuple[int, ...] = (323, 980, 950, 130),
    size: int = 128,
    steps: int = 60,
    step_length: float = 6.0,
    decay: float = 0.01,
    blur: float = 0.5,
    variation: float = 0.2,
    small_steps: int = 40,
    seeds: int = 4,
    epochs: int = 12,
):
    """Draw images for classes of ImageNet, then read the colours that a biased training set has left in a network.

    Args:
        dataset: silhouettes:biased is built in, and with it the twin, silhouettes:unbiased.
        classes: of ImageNet's 1,000: monarch, volcano, orange and flamingo by default.
        size: images are size x size pixels.
        steps: of gradient ascent on ImageNet's network.
        step_length: of a step the root of the sum of its squared changes; above 0.
        decay: share of the way back to grey after each step (L2); in [0, 0.9].
        blur: standard deviation of the Gaussian filter, every fourth step, in pixels.
        variation: length of the step down the total variation, as a share of `step_length`.
        small_steps: of gradient ascent on the small networks.
        seeds: images of each class of the small networks, with other shifts.
        epochs: of the trainings of the two small networks.

    Metrics:
        certainty: smallest probability that the network gives its own class to a regularised image.
        variation_ratio: total variation of the regularised images over that of the plain ones; means.
        gain_over_blurred: certainty minus that of plain images blurred afterwards until they are as smooth.
        bias_share: share of the class images of the biased network whose mean colour is nearest to that on which the
            class has always lain; chance is 1/6.
        twin_share: the same for the twin that was trained on ground of any colour.
        twin_accuracy: of the twin on test images of any colour.
        biased_accuracy: of the biased network on the same images.
    """
    # %% Up the gradient, from grey
    # Training moves weights so that images get high scores. Here the weights $\theta$ stay, and the image moves: from
    # grey, you climb along $\partial S_c / \partial I$, the gradient of the class's logit with respect to the pixels.
    # Every step has the same length, for the gradient's own length says little. Without any restraint the network is
    # soon certain of an image in which you see next to nothing: high frequencies that no photograph has.
    if not dataset.startswith("silhouettes:") or size < SMALLEST:
        raise InputError(
            f"this lesson needs silhouettes:biased and a size of {SMALLEST} or more, received {dataset!r} and {size}"
        )
    network = efficientnet_lite0()
    targets, shape = np.array(classes), (size, size, 3)
    common = dict(steps=steps, rate=step_length, seed=run.seed)
    plain = ascent(network, targets, shape, decay=0, blur=0, jitter=0, **common)

    # %% Four restraints
    # What you want is an image that is certain *and* like an image:
    #
    # $$\max_I \; S_c(I) - \lambda \|I - \text{grey}\|^2 - \mu \sum |I_{ij} - I_{i'j'}|.$$
    #
    # The first penalty (L2) keeps colours moderate: after each step the image goes a share back to grey. The second,
    # the sum over neighbouring pixels, is the total variation: it prices noise, and forgives one sharp edge. A Gaussian
    # filter every few steps takes away what is left of high frequencies. Jitter shifts the image at random before each
    # step, so that nothing can hang on one pixel's exact place on the grid of strides. The strongest simple rival:
    # take the plain image and blur it afterwards until it is as smooth. Is the network still certain then?
    restrained = ascent(
        network, targets, shape, decay=decay, blur=blur, jitter=4, variation=variation, **common
    )
    blurred = blurred_to(plain, total_variation(restrained))
    rows = {
        "plain": plain,
        "L2, blur, jitter,\ntotal variation": restrained,
        "plain,\nblurred afterwards": blurred,
    }
    sure = {label: probabilities(network, images, targets) for label, images in rows.items()}
    certain, rough, late = sure.values()
    ratio = total_variation(restrained).mean() / total_variation(plain).mean()
    run.metrics(certainty=rough.min(), variation_ratio=ratio, gain_over_blurred=rough.min() - late.min())
    run.baseline("certainty", "plain ascent", certain.min())
    run.baseline("certainty", "plain, blurred afterwards", late.min())
    notes = {
        label: [
            f"p = {p:.3f}, variation {v:.3f}"
            for p, v in zip(sure[label], total_variation(images), strict=True)
        ]
        for label, images in rows.items()
    }
    names = [imagenet_classes()[target] for target in classes]
    title = "Images made for one class each of EfficientNet-Lite0"
    alt = (
        "Three rows: coloured noise; repeated parts of animals and things with smooth colours; blurred noise."
    )
    run.figure("imagenet", image_grid(rows, names, title, notes), alt=alt)

    # %% A bias, planted
    # If all wolves of a training set stand in snow, snow will do to tell a wolf. Here the truth is known. Six shapes
    # lie on plain ground; in the biased set every class always lies on one colour, in the other on any. Two networks,
    # 32×32×3 → 16×16×16 → 8×8×32 → 4×4×48 → 6, are trained alike, one on each. On images like those that it was trained
    # on the biased one is perfect: no validation split would tell you. On ground of any colour it shows what it has
    # learned.
    names = {"biased": dataset, "unbiased": dataset.replace(":biased", ":unbiased")}
    sets = {kind: data.load(name, limit=run.limit) for kind, name in names.items()}
    palette = np.array(list(sets["biased"].info.extra["colours"].values()))
    fair, models, reached = sets["unbiased"].test, {}, {}
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for kind, some in sets.items():
        keras.utils.set_random_seed(run.seed)
        model = ConvolutionalClassifier(
            filters=(16, 32, 48), units=(64,), dropout=0.1, classes=len(some.classes)
        )
        batches = run.batches(some.train.images, some.train.labels)
        model.build((None, *fair.images.shape[1:]))
        model.compile(
            adam_with_warmup(4e-3, epochs * len(batches)), loss, metrics=["accuracy"], **run.compile_options
        )
        model.fit(batches, epochs=epochs, callbacks=run.callbacks(kind, of=2))
        models[kind] = model
        reached[kind] = accuracy(fair.labels, logits_of(model, fair.images))
    run.show(models["biased"])
    run.metrics(twin_accuracy=reached["unbiased"], biased_accuracy=reached["biased"])

    # %% What the images betray
    # Now put the data away and look at the networks alone. For every class you draw a few images, with other shifts,
    # and ask which of the six colours their mean colour is nearest to, as a direction from grey. For the biased network
    # it should be the planted one; for the twin it should be so as often as by chance. You count, and do not look for
    # what you hope to see. A rival that needs no gradient: show the network six images of one colour each, and count
    # for how many it says the class that lay on it. It works as well, once you suspect colours; the class image did not
    # have to be told what to look for.
    wanted = np.arange(len(palette))
    shape, shares, drawn = fair.images.shape[1:], {}, {}
    for kind, model in models.items():
        images = [
            ascent(
                model,
                wanted,
                shape,
                steps=small_steps,
                rate=1.0,
                jitter=3,
                variation=variation,
                seed=run.seed + seed,
            )
            for seed in range(seeds)
        ]
        shares[kind] = np.mean([nearest_colours(some, palette) == wanted for some in images])
        drawn[kind] = images[0]
        flat = np.broadcast_to(palette[:, None, None], (len(palette), *shape))
        said = np.argmax(logits_of(model, flat), axis=1)
        run.baseline(
            "bias_share" if kind == "biased" else "twin_share", "flat colours", np.mean(said == wanted)
        )
    run.metrics(bias_share=shares["biased"], twin_share=shares["unbiased"])
    some = sets["biased"].train
    examples = np.stack(
        [some.images[np.flatnonzero(some.labels == label)[:1]][0] for label in np.unique(some.labels)]
    )
    rows = {
        "a training image": examples,
        "class image,\nbiased": drawn["biased"],
        "class image,\ntwin": drawn["unbiased"],
    }
    headings = [sets["biased"].info.classes[label] for label in np.unique(some.labels)]
    rows = {label: images[: len(headings)] for label, images in rows.items()}
    alt = "Six shapes on six colours; class images of the biased network have these colours, those of its twin do not."
    title = "The ground's colour of every class, in the data and in the class images"
    run.figure("bias", image_grid(rows, headings, title), alt=alt)

    # %% Try it
    # 1. `--variation 0 --blur 0`: L2 and jitter alone. The network is as certain, and the noise is back: 0.77 of the
    #    plain images' total variation, where it was 0.16.
    # 2. `--decay 0.1`: a tenth of the way back to grey after each step. The images are pale and smooth, 0.10 of the
    #    plain ones' variation, and the network is no longer certain: 0.79 on average.
    # 3. `--classes 281 291 388`: a tabby, a lion, a giant panda. Lion and panda reach 0.99 and more, the tabby 0.28
    #    only: ImageNet has three classes of striped cats. Plain ascent is certain all the same, by noise.
    run.save(
        models["biased"],
        signature=(None, *shape),
        note="In: images (N, 32, 32, 3) in [0, 1]. Out: logits of six shapes; trained on a biased set, on purpose.",
    )


if __name__ == "__main__":
    class_images.main()
