"""A convolutional network: windows that learn what to look for, stage on stage, until a digit is told."""

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression

from keras_cv_course import data
from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.lesson import lesson
from keras_cv_course.metrics.accuracy import accuracy
from keras_cv_course.metrics.cross_entropy import cross_entropy, softmax
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.mistakes import mistakes
from keras_cv_course.training.schedules import warmup_cosine
from sprints.day1.figures.cnn import feature_maps


@lesson(
    quick=dict(limit=256, epochs=2),
    full=dict(dataset="cifar10", filters=(64, 128, 256), epochs=40, batch_size=128),
    batch_size=64,
    targets={
        "digits": dict(accuracy=0.985, over_linear=0.02),
        "mnist": dict(accuracy=0.99, over_linear=0.05),
        "cifar10": dict(accuracy=0.94),
    },
)
def cnn(
    run,
    dataset: str = "digits",
    size: int | None = None,
    filters: tuple[int, ...] = (64, 128),
    units: tuple[int, ...] = (256,),
    dropout: float = 0.3,
    shift: float = 0.1,
    turn: float = 10.0,
    epochs: int = 60,
    learning_rate: float = 4e-3,
):
    """Train a LeNet-style classifier and look at what its first windows have learnt to see.

    Args:
        dataset: digits is built in; mnist, fashion_mnist and cifar10 are downloaded once.
        size: images are brought to size x size; none leaves them as they are.
        filters: feature maps of the convolutional stages; each stage halves the image.
        units: units of the dense layers before the last.
        dropout: share of a dense layer's inputs that training drops.
        shift: training images are moved by up to this share of their size, another way every epoch.
        turn: and turned by up to so many degrees.
        epochs: passes over the training images.
        learning_rate: the highest one; it warms up to it and then falls to zero.
    """
    # %% The data, in three parts: to learn from, to choose by, to be judged by once.
    train, validation, test = loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    classes = loaded.info.classes

    # %% The network: convolution, ReLU and pooling, twice; then two dense layers that give one logit a class.
    model = ConvolutionalClassifier(filters, units=units, dropout=dropout, classes=len(classes))
    model.build((None, *train.images.shape[1:]))
    # Nobody writes twice in the same place: each epoch sees every image a little moved and turned.
    moved = keras.Sequential([
        keras.layers.RandomTranslation(shift, shift, fill_mode="constant", seed=run.seed),
        keras.layers.RandomRotation(turn / 360, fill_mode="constant", seed=run.seed),
    ])  # fmt: skip
    batches = run.batches(train.images, train.labels)
    jittered = batches.map(lambda images, labels: (moved(images, training=True), labels)).prefetch(2)
    rate = warmup_cosine(learning_rate, steps=epochs * len(batches))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(
        keras.optimizers.Adam(rate),
        loss,
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
        **run.compile_options,
    )
    model.fit(
        jittered,
        validation_data=(validation.images, validation.labels),
        validation_batch_size=500,
        epochs=epochs,
        callbacks=run.callbacks(),
    )
    history = run.history()
    lines = {"validation": history["val_accuracy"], "training (moved, with dropout)": history["accuracy"]}
    title = "Validation images are not moved, and judged without dropout: their curve may run above"
    run.figure("learning", curves(range(1, epochs + 1), lines, title, "epoch", "accuracy"), alt=title)

    # %% How good is it on images that it never saw, and how good is a straight line through the pixels?
    logits = model.predict(test.images, batch_size=500, verbose=0)
    reached, probabilities = accuracy(test.labels, logits), softmax(logits)
    pixels, some = (lambda images: images.reshape(len(images), -1)), train[:5000]
    linear = LogisticRegression(max_iter=200).fit(pixels(some.images), some.labels)
    linear_accuracy = linear.score(pixels(test.images), test.labels)
    run.metrics(
        accuracy=reached,
        over_linear=reached - linear_accuracy,
        cross_entropy=cross_entropy(test.labels, logits),
        parameters=model.count_params(),
    )
    run.baseline("accuracy", "logistic regression", linear_accuracy)
    if dataset == "mnist":
        run.baseline("accuracy", "LeNet-5 (1998)", 0.9905)
    title = f"The surest of {round((1 - reached) * len(test))} mistakes among {len(test):,} test images"
    run.figure("mistakes", mistakes(test.images, test.labels, probabilities, classes, title), alt=title)

    # %% What do the windows look for, and what do they find in one image?
    image = test.images[0]
    maps = {name: np.asarray(map)[0] for name, map in model.endpoints(image[None]).items()}
    kernels = np.asarray(model.convolutions[0].kernel).mean(axis=2)
    rows = {"first kernels": np.moveaxis(kernels, -1, 0)}
    rows |= {name: np.moveaxis(map, -1, 0) for name, map in maps.items() if name != "features"}
    title = "Each kernel of the first stage has its own map of the image; later maps are smaller and say more"
    run.figure("feature_maps", feature_maps(image, rows, title), alt=title)
    run.save(
        model,
        signature=(None, *train.images.shape[1:]),
        note=f"In: images in [0, 1]. Out: logits of the classes {', '.join(classes)}.",
    )


if __name__ == "__main__":
    cnn.main()
