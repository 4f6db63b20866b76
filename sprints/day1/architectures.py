"""Seven architectures: what each of them added, what it costs, and why a deep network needs shortcuts."""

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression

from keras_cv_course import data
from keras_cv_course.classify.alexnet import AlexNet
from keras_cv_course.classify.densenet import DenseNet
from keras_cv_course.classify.efficientnet import EfficientNet
from keras_cv_course.classify.googlenet import GoogLeNet
from keras_cv_course.classify.resnet import ResNet
from keras_cv_course.classify.se_resnet import SEResNet
from keras_cv_course.classify.vgg import VGG
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.accuracy import accuracy
from keras_cv_course.metrics.gradient_norms import gradient_norms
from keras_cv_course.metrics.parameter_count import parameter_count
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.text_table import text_table
from keras_cv_course.training.epoch_timer import EpochTimer
from keras_cv_course.training.schedules import warmup_cosine
from sprints.day1.figures.architectures import cost_chart, depth_profiles

# Name, year, what it added, the published network, its trainable parameters.
PUBLISHED = (
    ("AlexNet", 2012, "five convolutions, ReLU, dropout", AlexNet.one_tower, 61_100_840),
    ("VGG-16", 2014, "3x3 kernels only, stacked deep", VGG.vgg16, 138_357_544),
    ("GoogLeNet", 2014, "kernels side by side, two helper heads", GoogLeNet.googlenet, 13_378_280),
    ("ResNet-50", 2015, "shortcuts around every block", ResNet.resnet50, 25_557_032),
    ("DenseNet-121", 2016, "every layer sees all before it", DenseNet.densenet121, 7_978_856),
    ("SE-ResNet-50", 2017, "channels weighed by the whole image", SEResNet.se_resnet50, 28_088_024),
    ("EfficientNet-B0", 2019, "thin, depthwise, scaled together", EfficientNet.b0, 5_288_548),
)
# So few images, seen so few times, are not learnt by heart: dropout would only slow these two down.
VGG_SIZES = dict(blocks=(1, 1, 1), filters=(12, 24, 48), units=(64,), dropout=0.0)
ALEXNET_SIZES = dict(units=128, dropout=0.0)
GOOGLENET_SIZES = dict(
    inceptions={"3a": (16, 16, 24, 4, 8, 8), "4a": (24, 24, 48, 8, 16, 16)},
    stem=(16, 16, 32),
    auxiliary_after=("3a",),
    auxiliary_units=(16, 64),
    auxiliary_dropout=0.2,
    dropout=0.1,
)
EFFICIENTNET_SIZES = dict(
    stages=((1, 3, 1, 16, 1), (4, 3, 2, 24, 1), (4, 5, 2, 40, 1)), stem_strides=2, dropout=0.1
)


@lesson(
    quick=dict(limit=80, epochs=1, depth=8, depths=(8,)),
    full=dict(dataset="cifar10", limit=None, epochs=60, batch_size=128, depth=56, depths=(8, 20, 56)),
    batch_size=40,
    limit=1000,
    targets={
        "shapes:silhouettes": dict(
            wrong_counts=at_most(0), least_over_linear=at_least(0.0), shortcut_gain=at_least(0.05)
        ),
        "cifar10": dict(
            wrong_counts=at_most(0), least_over_linear=at_least(0.1), shortcut_gain=at_least(0.005)
        ),
    },
)
def architectures(
    run,
    dataset: str = "shapes:silhouettes",
    size: int = 32,
    depth: int = 20,
    depths: tuple[int, ...] = (8, 20),
    epochs: int = 5,
    learning_rate: float = 3e-3,
):
    """Count seven networks, train a small one of each on the same budget, and take the shortcuts out of one.

    Args:
        dataset: shapes is built in; cifar10 is downloaded once.
        size: images are brought to size x size.
        depth: layers of the ResNet and of its plain twin, 6n + 2.
        depths: layers of the plain and residual networks whose gradients are compared, each 6n + 2.
        epochs: passes over the training images, the same for every network.
        learning_rate: the highest one; it warms up to it and then falls to zero.
    """
    # %% The published networks, counted layer by layer.
    large = (None, 224, 224, 3)
    counted = {name: parameter_count(make, large) for name, _, _, make, _ in PUBLISHED}
    run.metrics(wrong_counts=sum(counted[name] != count for name, *_, count in PUBLISHED))
    rows = [[name, str(year), idea, counted[name], count] for name, year, idea, _, count in PUBLISHED]
    columns = ["network", "year", "what was new", "parameters here", "published"]
    run.figure(
        "counts",
        text_table(columns, rows, "Seven architectures for ImageNet, 1,000 classes"),
        alt="Seven architectures for ImageNet, 1,000 classes",
    )

    # %% A small one of each.
    train, _, test = data.load(dataset, file=run.file, limit=run.limit, size=size)
    images, test_images = train.images, test.images
    resnet = f"ResNet-{depth}"
    networks = {
        "AlexNet": AlexNet.small(**ALEXNET_SIZES),
        "VGG": VGG(**VGG_SIZES, batch_norm=True, classes=10),
        "GoogLeNet": GoogLeNet.small(**GOOGLENET_SIZES),
        resnet: ResNet.cifar(depth, stem="7x7"),
        "DenseNet": DenseNet(blocks=(2, 2, 2), growth=12, stem="7x7", classes=10),
        "SE-ResNet": SEResNet.small(stem="7x7"),
        "EfficientNet": EfficientNet.small(**EFFICIENTNET_SIZES),
        "plain twin": ResNet.cifar(depth, stem="7x7", shortcut="none"),
    }

    # %% The same budget for all: so many images, seen so often, one optimizer and one learning rate.
    reached, seconds = {}, {}
    for name, network in networks.items():
        network.build((None, *images.shape[1:]))
        batches = run.batches(images, train.labels)
        rate = warmup_cosine(learning_rate, steps=epochs * len(batches))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(
            keras.optimizers.Adam(rate),
            loss,
            metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
            **run.compile_options,
        )
        clock = EpochTimer()
        network.fit(batches, epochs=epochs, callbacks=[*run.callbacks(name.replace(" ", "_")), clock])
        # The first epoch has to wait for the compiler; the quickest one has not.
        seconds[name] = min(clock.seconds, default=np.nan)
        logits = [np.asarray(network(some)) for some in np.array_split(test_images, 4)]
        reached[name] = accuracy(test.labels, np.concatenate(logits))

    # %% What does accuracy cost? And does every one beat a straight line through the pixels?
    pixels, test_pixels = (array.reshape(len(array), -1) for array in (images, test_images))
    linear = (
        LogisticRegression(max_iter=1000, tol=1e-3).fit(pixels, train.labels).score(test_pixels, test.labels)
    )
    twin = reached.pop("plain twin")
    run.metrics(
        **{f"accuracy_{name.lower().replace('-', '_')}": value for name, value in reached.items()},
        least_over_linear=min(reached.values()) - linear,
        shortcut_gain=reached[resnet] - twin,
    )
    run.baseline("least_over_linear", "logistic regression itself", linear)
    parameters = {name: network.count_params() for name, network in networks.items()}
    costs = {
        "parameters (thousands)": {name: parameters[name] / 1000 for name in reached},
        "seconds an epoch": seconds,
    }
    title = f"{epochs} epochs on {len(images):,} images each: more weights are not more accuracy"
    run.figure(
        "costs",
        cost_chart(reached, costs, title, floor=(linear, "straight line\nthrough the pixels")),
        alt=title,
    )

    # %% The same network with and without shortcuts.
    lines = {
        f"residual, {reached[resnet]:.2f} on test images": run.history(resnet)["accuracy"],
        f"plain twin, {twin:.2f} on test images": run.history("plain_twin")["accuracy"],
    }
    title = f"{depth} layers, the same weights, the same images: only the shortcuts are gone"
    run.figure("twins", curves(range(1, epochs + 1), lines, title, "epoch", "training accuracy"), alt=title)

    # %% Why: what arrives of the gradient in each layer, before any training?
    groups = {"plain": "none", "residual": "padding"}
    norms = {group: {} for group in groups}
    for group, shortcut in groups.items():
        for layers in depths:
            network = ResNet.cifar(layers, stem="7x7", shortcut=shortcut)
            network.build((None, *images.shape[1:]))
            found = gradient_norms(network, images[:40], train.labels[:40])
            norms[group][f"{layers} layers"] = list(found.values())
    first_to_last = {group: lines[f"{depths[-1]} layers"] for group, lines in norms.items()}
    run.metrics(**{f"gradient_ratio_{group}": line[0] / line[-2] for group, line in first_to_last.items()})
    title = "Without shortcuts the gradient grows from layer to layer on its way back, the more the deeper"
    run.figure("gradients", depth_profiles(norms, title, "norm of the loss' gradient"), alt=title)
    run.save(
        networks[resnet],
        signature=(None, None, None, images.shape[-1]),
        note="In: images in [0, 1] of any size. Out: logits of the classes.",
    )


if __name__ == "__main__":
    architectures.main()
