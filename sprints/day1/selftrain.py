"""Self-training: a network labels what nobody labelled, and learns from the answers that it is sure of."""

import keras
import numpy as np
from sklearn.semi_supervised import LabelSpreading

from keras_cv_course import data
from keras_cv_course.augment.scatter import scattered
from keras_cv_course.baselines.nearest_centre import NearestCentre
from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import at_least, lesson
from keras_cv_course.metrics.accuracy import accuracy
from keras_cv_course.metrics.cross_entropy import softmax
from keras_cv_course.plot.mistakes import mistakes
from keras_cv_course.plot.paired_runs import paired_runs
from keras_cv_course.plot.spread_curves import spread_curves
from keras_cv_course.training.restart import Restart
from keras_cv_course.training.schedules import warmup_cosine
from keras_cv_course.training.self_training import precision_and_coverage, self_train


@lesson(
    quick=dict(limit=400, steps=40, rounds=2, repeats=1, threshold=0.5),
    full=dict(dataset="mnist", room=0, shift=0.1, dropout=0.3, filters=(32, 64), steps=4000, rounds=3),
    batch_size=64,
    targets={
        "digits": dict(gain=at_least(0.01), precision=at_least(0.95)),
        "mnist": dict(gain=at_least(0.01), precision=at_least(0.95)),
    },
)
def selftrain(
    run,
    dataset: str = "digits",
    room: int = 2,
    labelled: int = 20,
    threshold: float = 0.95,
    rounds: int = 2,
    repeats: int = 3,
    filters: tuple[int, ...] = (16, 32),
    units: tuple[int, ...] = (64,),
    dropout: float = 0.0,
    shift: float = 0.1,
    turn: float = 5.0,
    steps: int = 200,
    learning_rate: float = 8e-3,
):
    """Keep few labels, let a teacher guess the others, and train students on labels and guesses.

    Args:
        dataset: digits is built in; mnist is downloaded once.
        room: images become larger by so many pixels, and each lies somewhere else in its own; 0 leaves them.
        labelled: training images of each class that keep their label; the others lose it.
        threshold: a guess becomes a pseudo label if the teacher gives it this probability or more.
        rounds: students, each the teacher of the next.
        repeats: times that all is done, each with other labelled images.
        filters: feature maps of the convolutional stages.
        units: units of the dense layers before the last.
        dropout: share of a dense layer's inputs that noisy training drops.
        shift: noisy training moves images by up to this share of their size.
        turn: and turns them by up to so many degrees.
        steps: steps of each training, however many images it has.
        learning_rate: the highest one; it warms up to it and then falls to zero.
    """
    # %% Some images of each class keep their label. Of the others we know the label, and never tell.
    loaded = data.load(dataset, limit=run.limit)
    classes = loaded.info.classes
    # Nobody centres these: each lies somewhere else in a larger picture.
    train, validation, test = (scattered(part, room, seed) for seed, part in enumerate(loaded))
    if len(train) <= labelled * len(classes):
        raise InputError(
            f"{len(train)} training images leave none without a label where {len(classes)} classes keep "
            f"{labelled} each: take more images or fewer labels"
        )
    rng, draws = np.random.default_rng(run.seed), []
    for _ in range(repeats):
        order = rng.permutation(len(train))
        keep = np.concatenate([order[train.labels[order] == k][:labelled] for k in range(len(classes))])
        draws.append((train[keep], train[np.setdiff1d(order, keep)]))

    # %% One network with noise, one without. Noise moves and turns the images; their labels stay.
    def network(noisy):
        model = ConvolutionalClassifier(
            filters, units=units, dropout=dropout if noisy else 0.0, classes=len(classes)
        )
        model.build((None, *train.images.shape[1:]))
        return model

    networks, restarts = {noisy: network(noisy) for noisy in (False, True)}, {}
    for noisy, model in networks.items():
        rate = warmup_cosine(learning_rate, steps=steps)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(rate), loss, **run.compile_options)
        restarts[noisy] = Restart(model)
    jitter = keras.Sequential([
        keras.layers.RandomTranslation(shift, shift, "constant", seed=run.seed),
        keras.layers.RandomRotation(turn / 360, "constant", seed=run.seed),
    ])  # fmt: skip

    # %% Each training starts anew and has as many steps as every other, however many images it has.
    def trainer(noisy, repeat, said):
        def train_one(images, labels, number):
            batches = run.batches(images, labels, batch_size=run.batch_size, steps=steps)
            if noisy:
                batches = batches.map(lambda some, known: (jitter(some, training=True), known)).prefetch(2)
            restarts[noisy](network(noisy).get_weights())
            name = f"{'noisy' if noisy else 'calm'}.{repeat}.{number}"
            networks[noisy].fit(batches, callbacks=run.callbacks(name), verbose=0)
            parts = {"validation": validation, "test": test, "unlabelled": draws[repeat][1]}
            said.append({key: np.asarray(networks[noisy](part.images)) for key, part in parts.items()})
            return networks[noisy]

        return train_one

    # %% The teacher labels what it is sure of, a student learns from labels and guesses, and teaches next.
    logits, done = {False: [], True: []}, {False: [], True: []}
    for noisy in logits:
        for repeat, (known, unknown) in enumerate(draws):
            logits[noisy].append([])
            train_one = trainer(noisy, repeat, logits[noisy][-1])
            given = known.images, known.labels, unknown.images
            done[noisy].append(self_train(train_one, *given, threshold, rounds, unknown.labels)[1])

    # %% Is it better than the labels alone? The same network, the same noise, as many steps.
    def judged(noisy, key, part):
        return np.array([[accuracy(part.labels, said[key]) for said in each] for each in logits[noisy]])

    tested = {noisy: judged(noisy, "test", test) for noisy in logits}
    validated = judged(False, "validation", validation)
    alone, self_trained = tested[False][:, 0], tested[False][:, -1]  # tested: (repeats, 1 + rounds)
    precision = np.array([[one.precision for one in each] for each in done[False]])  # (repeats, rounds)
    coverage = np.array([[one.count for one in each] for each in done[False]]) / len(draws[0][1])
    wrong = np.array([[one.count * (1 - one.precision) for one in each] for each in done[False]])
    gains = self_trained - alone
    run.metrics(
        accuracy=self_trained.mean(),
        accuracy_labels_only=alone.mean(),
        gain=gains.mean(),
        gain_smallest=gains.min(),
        gain_spread=gains.std(),
        gain_under_noise=(tested[True][:, -1] - tested[True][:, 0]).mean(),
        gain_of_noise=(tested[True][:, 0] - alone).mean(),
        validation_gain=(validated[:, -1] - validated[:, 0]).mean(),
        precision=precision[:, -1].mean(),
        coverage=coverage[:, -1].mean(),
        wrong_pseudo_labels=wrong[:, -1].mean(),
    )
    columns = {
        "labels only": alone,
        "self-trained": self_trained,
        "labels only,\nunder noise": tested[True][:, 0],
        "self-trained\nunder noise": tested[True][:, -1],
    }
    count = len(draws[0][1])
    title = f"{count:,} images without labels help a network that sees no noise; noise alone goes as far"
    run.figure("students", paired_runs(columns, title, "test accuracy"), alt=title)

    # %% Peers that use the same labels: labels that spread from neighbour to neighbour, and mean images.
    spread, centre = [], []
    for known, unknown in draws:
        pixels = np.concatenate([known.images, unknown.images]).reshape(len(known) + len(unknown), -1)
        hidden = np.concatenate([known.labels, np.full(len(unknown), -1)])
        spreading = LabelSpreading(kernel="knn", n_neighbors=7).fit(pixels, hidden)
        spread.append(spreading.score(test.images.reshape(len(test), -1), test.labels))
        mean_images, _ = self_train(
            NearestCentre, known.images, known.labels, unknown.images, threshold, rounds
        )
        centre.append(accuracy(test.labels, mean_images.predict(test.images)))
    run.baseline("accuracy", "label spreading (scikit-learn)", np.mean(spread))
    run.baseline("accuracy", "self-trained mean images", np.mean(centre))

    # %% What are the guesses worth, round by round and threshold by threshold?
    lines = {
        "pseudo labels that are right": precision,
        "unlabelled images that got one": coverage,
        "test accuracy of the student": tested[False][:, 1:],
    }
    title = "A better teacher is sure of more images, and more often right"
    run.figure("rounds", spread_curves(range(1, rounds + 1), lines, title, "round", "share"), alt=title)
    thresholds = (0.3, 0.5, 0.7, 0.8, 0.9, 0.99)
    worth = [
        precision_and_coverage(softmax(each[0]["unlabelled"]), unknown.labels, thresholds)
        for each, (_, unknown) in zip(logits[False], draws, strict=True)
    ]
    right, kept = np.moveaxis(worth, 1, 0)  # each (repeats, thresholds)
    lines = {"pseudo labels that are right": right, "unlabelled images that get one": kept}
    title = "A high threshold makes few mistakes, and leaves out what one could learn most from"
    run.figure(
        "threshold",
        spread_curves(thresholds, lines, title, "threshold of the first teacher", "share"),
        alt=title,
    )

    # %% The wrong ones: the student was told these, and believed some.
    last, (_, unknown) = done[False][0][-1], draws[0]
    taught = unknown[last.rows]
    told = softmax(logits[False][0][-2]["unlabelled"][last.rows])
    count = int(np.sum(taught.labels != last.labels))
    title = f"The surest of {count} wrong pseudo labels among {last.count:,} of the last round"
    run.figure("wrong", mistakes(taught.images, taught.labels, told, classes, title), alt=title)
    run.save(
        networks[True],
        signature=(None, *train.images.shape[1:]),
        note=f"In: images in [0, 1]. Out: logits of the classes {', '.join(classes)}.",
    )


if __name__ == "__main__":
    selftrain.main()
