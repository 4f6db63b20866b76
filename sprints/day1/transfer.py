"""Transfer: a network that has learnt to see on many images needs only a few of what is new to it."""

import keras
import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from keras_cv_course import data
from keras_cv_course.classify.plain_backbone import plain_backbone
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.accuracy import accuracy
from keras_cv_course.plot.image_rows import image_rows
from keras_cv_course.plot.spread_curves import spread_curves
from keras_cv_course.training.freezing import set_trainable
from keras_cv_course.training.imagenet_backbone import imagenet_backbone, published
from keras_cv_course.training.restart import Restart
from keras_cv_course.training.schedules import warmup_cosine
from keras_cv_course.training.transfer import TransferClassifier, cached_features, fine_tuning
from sprints.day1.figures.transfer import feature_planes


@lesson(
    quick=dict(source_images=320, source_steps=10, counts=(5,), head_steps=10, steps=5, batch_size=4),
    full=dict(dataset="tfds:tf_flowers", backbone="resnet50", size=224, counts=(5, 20, 80), batch_size=32),
    batch_size=16,
    targets={
        "shapes:target": dict(
            over_scratch=at_least(0.10),
            frozen_weights_moved=at_most(0),
        ),
        "folder": dict(accuracy=at_least(0.85), frozen_weights_moved=at_most(0)),
    },
)
def transfer(
    run,
    dataset: str = "shapes:target",
    backbone: str = "shapes",
    width: float = 1.0,
    size: int = 24,
    source_images: int = 5000,
    source_steps: int = 500,
    counts: tuple[int, ...] = (2, 5, 20, 80),
    few: int = 5,
    head_steps: int = 200,
    steps: int = 100,
    learning_rate: float = 4e-3,
    tuning_rate: float = 3e-4,
):
    """Learn six shapes from thousands of images, then four other ones from a handful, in three ways.

    Args:
        dataset: the new task; shapes:target is drawn, folder and tfds:tf_flowers are photographs.
        backbone: shapes is trained here; vgg16, inceptionv3, resnet50, mobilenet and mobilenetv2 have been
            trained on ImageNet.
        width: share of the channels of the two MobileNets.
        size: images are size x size pixels; the networks from ImageNet are used to 224.
        source_images: images of the six shapes.
        source_steps: training steps of the backbone on them.
        counts: numbers of images of each new class to try.
        few: at this one of them, transfer is compared with training from scratch.
        head_steps: training steps of a head on the cached features.
        steps: training steps of fine-tuning; training from scratch gets twice as many.
        learning_rate: the highest one where a network starts with nothing.
        tuning_rate: the highest one of the top blocks, which know a lot and should not forget it.
    """
    # %% The new task: few images of each class. Here four shapes; or photographs of your own.
    train, _, test = loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    if train.images.shape[-1] != 3:
        raise InputError(f"the backbones want images in colour; {dataset} is grey: choose another dataset")
    classes = loaded.info.classes
    train = train[np.random.default_rng(run.seed).permutation(len(train))]
    places = [np.flatnonzero(train.labels == label) for label in range(len(classes))]
    few = min(few, *map(len, places))
    counts = sorted({min(count, *map(len, places)) for count in (*counts, few)})
    # One of each class, then the next one of each class ...: the first n of all are as many of each.
    train = train[np.stack([place[: counts[-1]] for place in places], axis=1).ravel()]
    # Most things look as likely from the left as from the right: each image is there mirrored, too.
    images = np.stack([train.images, train.images[:, :, ::-1]], axis=1).reshape(-1, *train.images.shape[1:])
    labels = np.repeat(train.labels, 2)
    first = {count: slice(0, 2 * count * len(classes)) for count in counts}

    def trainer(model, name, steps, rate, batch_size=run.batch_size, top=None):
        """Compile once; each call starts anew from the given weights and learns from other images."""
        optimizer = keras.optimizers.Adam(warmup_cosine(rate, steps))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        options = dict(
            metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
            **run.compile_options,
        )
        if top is None:
            model.compile(optimizer, loss, **options)
        else:
            fine_tuning(model, top, optimizer, loss, **options)
        restart = Restart(model)

        def train(images, labels, weights, count):
            restart(weights)
            batches = run.batches(images, labels, batch_size=run.batch_size, steps=steps)
            model.fit(batches, callbacks=run.callbacks(f"{name}_{count}"))

        return train

    def whole(network, classes):
        pool, logits = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(classes, dtype="float32")
        return keras.Sequential([keras.layers.Input(images.shape[1:]), network, pool, logits])

    # %% The backbone has learnt from thousands of images, none of them of the new classes.
    if backbone == "shapes":
        source = data.load("shapes:source", limit=source_images, size=size)
        many = source.train
        network, top = plain_backbone(), "conv4"
        model = whole(network, classes=6)
        train_source = trainer(model, "source", source_steps, learning_rate, 2 * run.batch_size)
        train_source(many.images, many.labels, model.get_weights(), source_images)
        rows = {"the backbone\nlearns from": many.images, "a few images of": train.images}
        title = f"Thousands of images of {', '.join(source.info.classes)}; a few of {', '.join(classes)}"
        run.figure("tasks", image_rows(rows, title), alt=title)
    else:
        network, top = imagenet_backbone(backbone, size, width), published(backbone, size, width).top
    learnt = network.get_weights()

    # %% First way: every image goes through the frozen backbone once, then a head learns from its features.
    classifier = TransferClassifier(network, len(classes))
    classifier.build((None, *test.images.shape[1:]))
    features, test_features = (cached_features(classifier, seen) for seen in (images, test.images))
    reached, heads = {"fine-tuned": [], "features": [], "from scratch": []}, {}
    blank = classifier.head.get_weights()
    train_head = trainer(classifier.head, "head", head_steps, learning_rate)
    for count, rows in first.items():
        train_head(features[rows], labels[rows], blank, count)
        heads[count] = classifier.head.get_weights()
        reached["features"].append(accuracy(test.labels, classifier.head(test_features)))
    rows, place = first[few], counts.index(few)
    peer = LogisticRegression(max_iter=500).fit(features[rows], labels[rows])
    run.baseline("features", "logistic regression on them", peer.score(test_features, test.labels))

    # %% Second way: then the backbone's top trains too, at a small rate; all below must not move at all.
    before = dict(zip((weight.path for weight in network.weights), learnt, strict=True))
    frozen_moved, thawed_moved = [], []
    train_top = trainer(classifier, "tuned", steps, tuning_rate, top=top)
    for count, rows in first.items():
        network.set_weights(learnt)
        classifier.head.set_weights(heads[count])
        train_top(images[rows], labels[rows], classifier.get_weights(), count)
        for weights, moved in (
            (network.non_trainable_weights, frozen_moved),
            (network.trainable_weights, thawed_moved),
        ):
            moved += [np.ravel(np.asarray(weight) != before[weight.path]) for weight in weights]
        tuned_features = cached_features(classifier, test.images)
        reached["fine-tuned"].append(accuracy(test.labels, classifier.head(tuned_features)))
    run.metrics(
        frozen_weights_moved=np.concatenate(frozen_moved).sum(),
        share_of_thawed_moved=np.concatenate(thawed_moved).mean(),
    )

    # %% Third way: the same network, which knows nothing, learns from the few images alone.
    fresh = plain_backbone() if backbone == "shapes" else imagenet_backbone(backbone, size, width, None)
    blind = TransferClassifier(fresh, len(classes))
    blind.build((None, *test.images.shape[1:]))
    planes = {
        "knows nothing": cached_features(blind, test.images),
        "trained on other classes": test_features,
        f"fine-tuned on {counts[-1]} images of each": tuned_features,
    }
    set_trainable(fresh, True)
    model = whole(fresh, len(classes))
    blank = model.get_weights()
    train_all = trainer(model, "scratch", 2 * steps, learning_rate)
    for count, rows in first.items():
        train_all(images[rows], labels[rows], blank, count)
        reached["from scratch"].append(model.evaluate(test.images, test.labels, batch_size=250, verbose=0)[1])
    fine_tuned, from_features, from_scratch = (values[place] for values in reached.values())
    run.metrics(
        accuracy=reached["fine-tuned"][-1],
        fine_tuned=fine_tuned,
        features=from_features,
        scratch=from_scratch,
        over_scratch=fine_tuned - from_scratch,
    )
    points = 100 * (fine_tuned - from_scratch)
    title = f"With {few} images a class, what was learnt elsewhere is worth {points:.0f} points of accuracy"
    axes = dict(
        xlabel="images of each new class", ylabel="test accuracy", levels={"chance": 1 / len(classes)}
    )
    run.figure("few_images", spread_curves(counts, reached, title, **axes, log=True), alt=title)

    # %% Why: the backbone begins to sort the new classes before it has seen a single image of them.
    some = slice(0, 400)
    planes = {name: PCA(2).fit_transform(features[some]) for name, features in planes.items()}
    title = "Features of test images: what has learnt other classes begins to sort these unseen ones"
    run.figure("features", feature_planes(planes, test.labels[some], classes, title), alt=title)
    run.save(
        classifier,
        signature=(None, *test.images.shape[1:]),
        note=f"In: images in [0, 1]. Out: logits of the classes {', '.join(classes)}.",
    )


if __name__ == "__main__":
    transfer.main()
