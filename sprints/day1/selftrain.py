"""Self-training: a network learns from its own confident predictions on images that nobody labelled.

You will be able to:

- turn a classifier's predictions into pseudo labels, and choose the threshold;
- count which pseudo labels are wrong, and say what they do;
- compare fairly: the same network, noise and number of steps with and without the unlabelled images.

Before: `day1.cnn`, `day1.augment`.

D.-H. Lee, "Pseudo-Label: The Simple and Efficient Semi-Supervised Learning Method for Deep Neural Networks", ICML 2013
workshop on challenges in representation learning, section 2. Q. Xie, M.-T. Luong, E. Hovy, Q. Le, "Self-training with
Noisy Student improves ImageNet classification", CVPR 2020, algorithm 1.
"""

from functools import partial

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.augment.affine import random_affine
from keras_cv_course.augment.augmentation import augmented
from keras_cv_course.baselines.semi_supervised import label_spreading, svm_on_copies
from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import at_least, lesson
from keras_cv_course.metrics.accuracy import accuracy
from keras_cv_course.metrics.cross_entropy import softmax
from keras_cv_course.plot.mistakes import mistakes
from keras_cv_course.plot.paired_runs import paired_runs
from keras_cv_course.plot.spread_curves import spread_curves
from keras_cv_course.training.restart import Restart
from keras_cv_course.training.schedules import adam_with_warmup
from keras_cv_course.training.self_training import balanced, precision_and_coverage, self_train

THRESHOLDS = (0.3, 0.5, 0.7, 0.8, 0.9, 0.99)


def distorted(batch, rng, noise):
    """Images turned, scaled, sheared and shifted at random: the noise of a student's training."""
    change = dict(scale=(1 - 0.15 * noise, 1 + 0.15 * noise), shear=0.1 * noise, shift=0.1 * noise)
    return random_affine(batch, rng, degrees=15 * noise, **change)


@lesson(
    quick=dict(dataset="digits", limit=400, steps=40, rounds=2, repeats=2, threshold=0.2),
    full=dict(dataset="mnist", size=28, filters=(32, 64), steps=4000, rounds=3),
    batch_size=64,
    targets={
        "handwriting": dict(gain=at_least(0.0), precision=at_least(0.95), gain_over_baselines=at_least(0.08)),
    },
)
def selftrain(
    run,
    dataset: str = "handwriting",
    size: int = 14,
    labelled: int = 20,
    threshold: float = 0.9,
    rounds: int = 1,
    repeats: int = 3,
    filters: tuple[int, ...] = (16, 32),
    noise: float = 1.0,
    steps: int = 1600,
    learning_rate: float = 8e-3,
):
    """Train a teacher on few labels, students on its confident predictions too, and compare at equal cost.

    Args:
        dataset: handwriting and digits are built in; mnist and fashion_mnist are downloaded once.
        size: images are brought to size x size pixels.
        labelled: training images of each class that keep their label.
        threshold: a prediction becomes a pseudo label if its probability is this or more; in (0, 1].
        rounds: students, each the teacher of the next.
        repeats: times that everything is done, two or more, each with other labelled images.
        filters: feature maps of the convolutional stages.
        noise: strength of the random distortions in every training, 0 for none; in [0, 6].
        steps: steps of each training, however many images it has.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.

    Metrics:
        accuracy: of the saved model on the test images: the last student of the repeat whose last student is the
            most accurate on the validation images.
        mean_accuracy: test accuracy of the last students, mean over the repeats.
        mean_accuracy_labels_only: the same for the first teachers, which have the labelled images alone.
        gain: mean_accuracy minus mean_accuracy_labels_only.
        min_gain: the smallest gain of one repeat.
        gain_error: standard error of gain.
        gain_over_baselines: mean_accuracy minus that of the best method without a network.
        precision: share of the last round's pseudo labels that are correct.
        coverage: share of the unlabelled images that the last round gives a pseudo label.
        wrong_pseudo_labels: number of wrong ones in the last round, mean over the repeats.
    """
    # %% Few labels, many images
    # Labels cost people's time; images often do not. Here 200 training images keep their label, 20 of each class, and
    # about 11,800 lose it. The images are real digits of 13 people, drawn again at random sizes, angles and places,
    # 14×14×1, in $[0, 1]$. We know the hidden labels, and use them for one thing only: to count, afterwards, how many
    # pseudo labels were right. All is done several times with other labelled images, since 200 images are a matter of
    # luck. (Views of one digit may be labelled and unlabelled, both in the training part; a test digit has no view
    # there.)
    train, validation, test = loaded = data.load(dataset, size=size, limit=run.limit)
    classes = loaded.classes
    if repeats < 2:
        raise InputError(f"a spread needs two repeats or more, got repeats={repeats}")
    if len(train) <= labelled * len(classes):
        raise InputError(
            f"{len(train)} training images leave none without a label where {len(classes)} classes keep "
            f"{labelled} each: take more images or fewer labels"
        )
    draws = []
    for _ in range(repeats):
        order = run.rng.permutation(len(train))
        keep = np.concatenate([order[train.labels[order] == k][:labelled] for k in range(len(classes))])
        draws.append((train[keep], train[np.setdiff1d(order, keep)]))

    # %% The network and its noise
    # The network: 14×14×1 → 7×7×16 → 3×3×32, then 288 → 64 → 10 logits. In every training, images are turned, scaled,
    # sheared and shifted at random (`distorted`). In self-training this noise has a job. The teacher predicts on the
    # plain image; the student has to give the same answer on a distorted one. What it learns from an image that its
    # teacher already classifies correctly is that distortions do not matter. Noise also helps without any unlabelled
    # image (`day1.augment`), and so do more steps. A fair comparison gives both to both sides: the student and the
    # training on labels alone share first weights, noise, and number of steps. Only the images differ.
    starts = []
    for _ in range(repeats):
        model = ConvolutionalClassifier(filters, units=(64,), dropout=0.0, classes=len(classes))
        model.build((None, *train.images.shape[1:]))
        starts.append(model.get_weights())
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(adam_with_warmup(learning_rate, steps), loss, **run.compile_options)
    restart = Restart(model)
    run.show(model)

    # %% Teacher and students
    # Round 0 trains the teacher on the labels. Its softmax gives each unlabelled image $x$ a probability $p_k(x)$ for
    # every class $k$. The image receives the pseudo label $\hat{y} = \arg\max_k p_k(x)$ if $\max_k p_k(x) \ge \tau$,
    # with the threshold $\tau = 0.9$. The student minimises the mean cross-entropy $-\log p_y(t(x))$ over the
    # labelled images with their labels and the others with theirs, $t$ being the distortion. It starts anew from the
    # first weights. With `--rounds 2` it becomes a teacher itself, makes all pseudo labels again, and so on.
    #
    # One detail matters: confident predictions are not spread evenly. A class that looks like others receives few, so
    # the student predicts it more rarely still, and its own student even more so. Therefore rows are repeated until all
    # classes are equally frequent (`balanced`), as section 2 of the Noisy Student paper does.
    parts, logits, history, weights = {"validation": validation, "test": test}, [], [], []
    for repeat, (known, unknown) in enumerate(draws):
        logits.append([])

        def train_one(images, labels, number, repeat=repeat, unknown=unknown):
            restart(starts[repeat])
            rows = balanced(labels, np.random.default_rng((run.seed, repeat, number)))
            batches = run.batches(images[rows], labels[rows], steps=steps)
            batches = augmented(batches, partial(distorted, noise=noise), run.seed, clock=run.clock)
            callbacks = run.callbacks(f"repeat {repeat}, round {number}", of=repeats * (rounds + 1))
            model.fit(batches, callbacks=callbacks, verbose=0)
            seen = {**parts, "unlabelled": unknown}
            predicted = {
                name: model.predict(part.images, batch_size=500, verbose=0) for name, part in seen.items()
            }
            logits[-1].append(predicted)
            return model

        given = known.images, known.labels, unknown.images
        history.append(self_train(train_one, *given, threshold, rounds, unknown.labels)[1])
        weights.append(model.get_weights())

    # %% Does it help?
    # Each grey line in the figure joins a teacher and its students. Two methods without a network have the same
    # labels. A support vector machine learns from distorted copies of the labelled images. Label spreading uses the
    # unlabelled ones too: it links each image to its nearest neighbours (3, 7 or 15, chosen on the validation images,
    # in 40 principal components), and lets labels flow along the links. The test images choose nothing; the student
    # that is saved is the one with the highest validation accuracy.
    def measured(name):  # (repeats, 1 + rounds)
        return np.array([[accuracy(parts[name].labels, said[name]) for said in each] for each in logits])

    tested, chosen = measured("test"), int(measured("validation")[:, -1].argmax())
    gains = tested[:, -1] - tested[:, 0]
    change = partial(distorted, noise=noise)
    others = {
        "SVM on distorted copies": [svm_on_copies(known, validation, change, run.rng) for known, _ in draws],
        "label spreading": [label_spreading(known, rest.images, validation) for known, rest in draws],
    }
    others = {
        name: np.mean([accuracy(test.labels, predict(test.images)) for predict in methods])
        for name, methods in others.items()
    }
    for name, value in others.items():
        run.baseline("mean_accuracy", name, value)
    last = [each[-1] for each in history]
    run.metrics(
        accuracy=tested[chosen, -1],
        mean_accuracy=tested[:, -1].mean(),
        mean_accuracy_labels_only=tested[:, 0].mean(),
        gain=gains.mean(),
        min_gain=gains.min(),
        gain_error=gains.std(ddof=1) / repeats**0.5,
        gain_over_baselines=tested[:, -1].mean() - max(others.values()),
        precision=np.mean([each.precision for each in last]),
        coverage=np.mean([each.count / len(draws[0][1]) for each in last]),
        wrong_pseudo_labels=np.mean([each.count * (1 - each.precision) for each in last]),
    )
    columns = {
        "labels only" if number == 0 else f"student {number}": tested[:, number]
        for number in range(1 + rounds)
    }
    title = f"{labelled} labels a class, {len(draws[0][1]):,} images without labels"
    best = max(others, key=others.get)
    figure = paired_runs(columns, title, "test accuracy", {best: others[best]})
    run.figure(
        "students", figure, alt="Test accuracy of teachers and students, one dot a repeat, with their means."
    )

    # %% What does the threshold do?
    # For each threshold: precision, the share of the pseudo labels that are correct, and coverage, the share of the
    # unlabelled images that receive one. A high threshold buys precision with coverage, and the images that it leaves
    # out are those of which there would be most to learn. Self-training can only help if the wrong labels disturb
    # less than the additional images teach. Nothing in the data without labels says where that point is; a validation
    # set with labels does.
    table = [
        precision_and_coverage(softmax(each[0]["unlabelled"]), unknown.labels, THRESHOLDS)
        for each, (_, unknown) in zip(logits, draws, strict=True)
    ]
    right, kept = np.moveaxis(table, 1, 0)  # each (repeats, thresholds)
    lines = {"precision: pseudo labels that are correct": right, "coverage: images that receive one": kept}
    title = "Pseudo labels of the first teachers (band: lowest to highest repeat)"
    figure = spread_curves(THRESHOLDS, lines, title, "threshold", "share")
    run.figure("threshold", figure, alt="Precision and coverage of the pseudo labels against the threshold.")

    # %% Which ones are wrong?
    # Above each image: its class, and the teacher's prediction with its probability. The student was taught these as
    # if they were true, and nothing later in the procedure can find them: its own predictions may repeat them
    # with even higher confidence, which is known as confirmation bias (E. Arazo et al., "Pseudo-Labeling and
    # Confirmation Bias in Deep Semi-Supervised Learning", IJCNN 2020). Would you have labelled all of them correctly?
    rows, unknown = last[chosen].rows, draws[chosen][1]
    count = int(np.sum(unknown.labels[rows] != last[chosen].labels))
    title = f"The most confident of {count} wrong pseudo labels among {len(rows):,}"
    probabilities = softmax(logits[chosen][-2]["unlabelled"][rows])
    figure = mistakes(unknown.images[rows], unknown.labels[rows], probabilities, classes, title)
    run.figure(
        "wrong", figure, alt="Images with a wrong pseudo label, each with its class and the prediction."
    )

    # %% Try it
    # 1. `--steps 200 --repeats 2`: an eighth of the steps, and self-training harms: 0.765 in place of 0.793 on the
    #    labels alone. In 12,800 draws the student sees most of its 7,000 images once or twice; 200 images come 64
    #    times each. At 1,600 steps, the student has the time to use what it is given: 0.938 against 0.912 (with
    #    `--repeats 2`).
    # 2. `--threshold 0.4 --steps 800 --repeats 2`: almost every image receives a pseudo label, and 967 of them are
    #    wrong (precision 0.918). The student, 0.895, is behind the labels alone, 0.901. With the threshold of 0.9 it
    #    is ahead, 0.907.
    # 3. `--rounds 2 --steps 800 --repeats 2`: 0.901, then 0.907, then 0.909. One of the two repeats gains 3.4 points,
    #    the other loses 1.8. Two repeats that disagree like this show nothing yet.
    # 4. `--preset full` takes MNIST, 28×28, 4,000 steps, three rounds. It is not the paper's setting (ImageNet, 300
    #    million unlabelled images, section 3.1), and no number is promised for it.
    model.set_weights(weights[chosen])
    run.save(
        model,
        signature=(None, *train.images.shape[1:]),
        note=f"In: images in [0, 1]. Out: logits of the classes {', '.join(classes)}.",
    )


if __name__ == "__main__":
    selftrain.main()
