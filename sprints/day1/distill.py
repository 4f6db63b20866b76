"""Distillation: a small network learns from the probabilities that a large one gives to every class of any image.

You will be able to:

- soften probabilities by a temperature, and write down the distillation loss with its factor $T^2$;
- train a student on labels, on a teacher's probabilities, or on both, and keep the teacher unchanged;
- tell apart what comes from the teacher, from unlabelled images, and from augmentation.

Before: `day1.cnn`.

G. Hinton, O. Vinyals, J. Dean, "Distilling the Knowledge in a Neural Network", NIPS 2014 Deep Learning Workshop,
arXiv:1503.02531, sections 2, 2.1 and 3. J. Ba, R. Caruana, "Do Deep Nets Really Need to be Deep?", NIPS 2014.
D.-H. Lee, "Pseudo-Label", ICML 2013 workshop (hard labels from a network).
"""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.baselines.classifiers import tuned_classifiers
from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.accuracy import accuracy
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.paired_runs import paired_runs
from keras_cv_course.plot.spread_curves import spread_curves
from keras_cv_course.training.distillation import Distiller, gradient_sizes, soft_labels
from keras_cv_course.training.restart import Restart
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day1.figures.distill import soft_labels as soft_label_charts

LEARNING_RATE = 2e-2  # the highest one of the students; the teacher's is a fifth of it
GRADIENT_TEMPERATURES = (1, 2, 4, 8, 16, 32)


def shifted(batches, seed):
    """Batches whose images are shifted by up to an eighth of their size, anew each time."""
    shift = keras.layers.RandomTranslation(0.125, 0.125, "constant", "nearest", seed=seed)
    return batches.map(lambda images, labels: (shift(images, training=True), labels))


def student(shape, units, classes, seed):
    """A dense network with one hidden layer, whose first weights depend on the seed alone."""
    dense, he = keras.layers.Dense, keras.initializers.HeNormal
    hidden = dense(units, "relu", kernel_initializer=he(2 * seed))
    logits = dense(classes, kernel_initializer=he(2 * seed + 1))
    return keras.Sequential(
        [keras.layers.Input(shape), keras.layers.Flatten(), hidden, logits], name="student"
    )


@lesson(
    quick=dict(limit=300, labelled=100, steps=40, repeats=2, temperatures=(1.0, 2.0)),
    full=dict(dataset="mnist", labelled=1000, filters=(32, 64), steps=10_000, repeats=5),
    batch_size=64,
    targets={
        "digits": dict(gain=at_least(0.01), teacher_weights_changed=at_most(0)),
        "mnist": dict(gain=at_least(0.01), teacher_weights_changed=at_most(0)),
    },
)
def distill(
    run,
    dataset: str = "digits",
    labelled: int = 100,
    filters: tuple[int, ...] = (16, 32),
    units: int = 64,
    temperature: float = 2.0,
    alpha: float = 0.1,
    temperatures: tuple[float, ...] = (1.0, 2.0, 16.0),
    repeats: int = 3,
    steps: int = 600,
    shift_students: bool = False,
):
    """Train a teacher on few labels, and smaller students with and without it.

    Args:
        dataset: digits and handwriting are built in; mnist is downloaded once.
        labelled: training images whose labels are known to the teacher and to the students.
        filters: feature maps of the teacher's convolutional stages.
        units: hidden units of the student, which has one hidden layer.
        temperature: by which the logits of teacher and student are divided in the main comparison; above 0.
        alpha: weight of the labels where a student has labels and teacher, the teacher has the rest; in [0, 1].
        temperatures: are compared on the validation images; above 0.
        repeats: students of each kind; the first of each kind have the same first weights, and so on.
        steps: training steps of the teacher, and of each student, however many images it has.
        shift_students: all students but the first kind see shifted images, as the teacher does.

    Metrics:
        accuracy: mean test accuracy of the students that learn from the teacher on all images.
        accuracy_labels: the same for students with labels only, on the images as they are.
        accuracy_labels_shifted: the same with labels only, on images that are shifted as the teacher's are.
        accuracy_same_images: the same with labels and teacher, on the labelled images only.
        accuracy_hard: the same with the teacher's most probable class as the label of every image.
        gain: accuracy minus accuracy_labels.
        gain_over_shifted: accuracy minus accuracy_labels_shifted.
        gain_over_hard: accuracy minus accuracy_hard.
        gain_spread: standard deviation of the gain over students with the same first weights.
        teacher_weights_changed: arrays of the teacher's weights that the students' trainings changed.
        teacher_parameters: weights of the teacher.
        parameters: weights of a student.
        gradient_ratio: size of the distillation loss's gradient at T = 32 over that at T = 1.
    """
    # %% The teacher
    # A convolutional network learns from 100 labelled digits, 8×8×1 each. They are shifted by up to a pixel, anew
    # in every batch: a digit that is moved is the same digit. The other training images have labels in the file,
    # but here nobody may look at them. That is the usual situation: images are cheap, labels are not.
    train, validation, test = loaded = data.load(dataset, limit=run.limit)
    few, classes, shape = train[:labelled], loaded.classes, train.images.shape[1:]
    teacher = ConvolutionalClassifier(filters, units=(64,), classes=len(classes))
    teacher.build((None, *shape))
    run.show(teacher)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = adam_with_warmup(LEARNING_RATE / 5, steps)
    teacher.compile(optimizer, loss, metrics=["accuracy"], **run.compile_options)
    of = 1 + repeats * (4 + len({temperature, *temperatures}))
    batches = shifted(run.batches(few.images, few.labels, steps=steps), run.seed)
    teacher.fit(batches, callbacks=run.callbacks("teacher", of=of))
    taught = teacher.get_weights()

    # %% Soft labels
    # Its logits $z_k$ become probabilities $p_k = e^{z_k / T} / \sum_j e^{z_j / T}$ (eq. 1). $T = 1$ is the usual
    # softmax. A higher *temperature* $T$ brings them closer together; the order stays. The charts show four test
    # images between whose two best classes the teacher hardly decides. A label says "5". The soft label says "5,
    # maybe 9, certainly not 0": which classes resemble each other, for this very image. Find the temperature at
    # which you can read that from the bars, and the one at which all bars look alike.
    logits = teacher.predict(test.images, batch_size=500, verbose=0)
    best, second = np.sort(logits, axis=1)[:, :-3:-1].T
    uncertain = np.argsort(best - second)[4:40:9]
    charts = {f"T = {value:g}": soft_labels(logits[uncertain], value) for value in temperatures[:4]}
    title = "Four test images and the teacher's probabilities at several temperatures"
    alt = "Each row: a digit, then bar charts of the teacher's ten probabilities, one chart a temperature."
    run.figure("soft_labels", soft_label_charts(test.images[uncertain], charts, classes, title), alt=alt)

    # %% The student and its loss
    # The student is a dense network with one hidden layer: 64 → 64 → 10, that is 4,810 weights against the teacher's
    # 13,850, and without any knowledge of neighbouring pixels. It minimises
    # $\alpha H(y, q) + (1 - \alpha)\, T^2\, KL(p^T \,\|\, q^T)$: $H$ is the cross-entropy of the label $y$ and the
    # student's probabilities $q$ at temperature 1; $KL(p \,\|\, q) = \sum_k p_k \log (p_k / q_k)$ compares teacher
    # and student, both at temperature $T$. With $\alpha = 1$ there is no teacher, with $\alpha = 0$ there are no
    # labels, and any image will do. The teacher is frozen and in inference mode.
    starts = [
        student(shape, units, len(classes), run.seed + repeat).get_weights() for repeat in range(repeats)
    ]

    def students(name, part, labels, shift=shift_students, **loss):
        """Train one student from each of the starts; the last one, and the logits of all."""
        model = student(shape, units, len(classes), run.seed)
        distiller = Distiller(teacher, model, **loss)
        distiller.compile(adam_with_warmup(LEARNING_RATE, steps), **run.compile_options)
        restart, logits = Restart(distiller), {"validation": [], "test": []}
        for repeat, start in enumerate(starts):
            restart([*taught, *start])
            batches = run.batches(part.images, labels, steps=steps)
            batches = shifted(batches, run.seed) if shift else batches
            distiller.fit(batches, callbacks=run.callbacks(f"{name}.{repeat}", of=of), verbose=0)
            logits["validation"].append(keras.ops.convert_to_numpy(model(validation.images)))
            logits["test"].append(keras.ops.convert_to_numpy(model(test.images)))
        return model, logits

    # %% Where does a gain come from?
    # The distilled student differs from one that is trained on the labels in three ways: it has a teacher, it sees
    # unlabelled images, and its teacher has seen shifted digits. So five kinds of students are trained, with the
    # same first weights and as many steps: labels only; labels only on shifted images; labels and teacher on the
    # labelled images; all images with the teacher's most probable class as a hard label (*pseudo-labels*); all
    # images with its soft labels. In the figure, compare the fifth with each of the others. Compare it above all
    # with the second: a student that is shifted itself needs no teacher to learn what shifts teach. Classifiers
    # that are fitted to the 100 labels without any network stand in the table.
    hard = teacher.predict(train.images, batch_size=500, verbose=0).argmax(axis=1)
    hard[:labelled] = few.labels
    trained = {
        "labels": students("labels", few, few.labels, shift=False, alpha=1.0),
        "labels_shifted": students("labels_shifted", few, few.labels, shift=True, alpha=1.0),
        "same_images": students("same_images", few, few.labels, alpha=alpha, temperature=temperature),
        "hard": students("hard", train, hard, alpha=1.0),
    }
    for value in sorted({temperature, *temperatures}):
        trained[value] = students(f"T{value:g}", train, train.labels, alpha=0.0, temperature=value)

    def reached(kind, name="test", part=test):
        return np.array([accuracy(part.labels, logits) for logits in trained[kind][1][name]])

    distilled, of_teacher = reached(temperature), accuracy(test.labels, logits)
    alone, alone_shifted = reached("labels"), reached("labels_shifted")
    run.metrics(
        accuracy=distilled.mean(),
        **{f"accuracy_{kind}": reached(kind).mean() for kind in trained if isinstance(kind, str)},
        gain=distilled.mean() - alone.mean(),
        gain_over_shifted=distilled.mean() - alone_shifted.mean(),
        gain_over_hard=distilled.mean() - reached("hard").mean(),
        gain_spread=(distilled - alone).std(),
        teacher_weights_changed=sum(
            np.any(now != then) for now, then in zip(teacher.get_weights(), taught, strict=True)
        ),
        teacher_parameters=teacher.count_params(),
        parameters=trained[temperature][0].count_params(),
    )
    run.baseline("accuracy", "the teacher", of_teacher)
    for name, predict in tuned_classifiers(few, validation).items():
        run.baseline("accuracy", name, accuracy(test.labels, predict(test.images)))
    columns = {
        f"labels, {len(few):,} images": reached("labels"),
        f"labels, {len(few):,} images shifted": reached("labels_shifted"),
        f"labels and teacher, {len(few):,} images": reached("same_images"),
        f"hard labels by the teacher, {len(train):,} images": reached("hard"),
        f"soft labels, T = {temperature:g}, {len(train):,} images": distilled,
    }
    figure = paired_runs(columns, "Students of five kinds", "test accuracy", {"teacher": of_teacher})
    run.figure("students", figure, alt="Test accuracies of five kinds of students as dots, with their means.")

    # %% Which temperature?
    # Students of several temperatures, on the validation images. As $T \to 0$ soft labels become hard ones; at a
    # high $T$ the loss tends to half the variance of the difference of the logits over the classes: the student
    # copies all logits, also the very negative ones, which the teacher's training hardly constrained (section 2.1).
    # Small students have no capacity to spare for these. Are the differences larger than the band, which holds all
    # students of one temperature?
    order = sorted({temperature, *temperatures})
    table = np.transpose([reached(value, "validation", validation) for value in order])
    teacher_logits = teacher.predict(validation.images, batch_size=500, verbose=0)
    levels = {"teacher": accuracy(validation.labels, teacher_logits)}
    levels["labels only"] = reached("labels", "validation", validation).mean()
    axes = "temperature T", "validation accuracy"
    lines = {f"{repeats} students (band: all)": table}
    figure = spread_curves(
        order, lines, "Students of the soft labels of several temperatures", *axes, levels, log=True
    )
    run.figure(
        "temperature", figure, alt="Validation accuracy against the temperature, with a band over students."
    )

    # %% Why the factor T²?
    # The gradient of $KL(p^T \,\|\, q^T)$ by the student's logits is $(q^T - p^T) / T$. At a high temperature both
    # are nearly uniform, their difference is itself proportional to $1 / T$, and the gradient to $1 / T^2$ (eq. 4).
    # Beside the label's gradient it would vanish. Multiplied by $T^2$ it keeps its size, so you can change $T$
    # without weighing $\alpha$ anew. The figure shows both for a student with random logits.
    random_logits = np.random.default_rng(run.seed).normal(0, 1, logits.shape)
    sizes = [
        np.mean(keras.ops.convert_to_numpy(gradient_sizes(logits, random_logits, value)))
        for value in GRADIENT_TEMPERATURES
    ]
    run.metrics(gradient_ratio=sizes[-1] / sizes[0])
    lines = {"with the factor T²": sizes, "without": sizes / np.square(GRADIENT_TEMPERATURES)}
    axes = "temperature T", "norm of the gradient by the logits"
    figure = curves(
        GRADIENT_TEMPERATURES, lines, "Gradient of the distillation loss, mean of the test images", *axes
    )
    run.figure(
        "gradient", figure, alt="Two curves against the temperature: gradient with and without the factor."
    )

    # %% Try it
    # 1. `--steps 500 --repeats 1 --temperatures 2 --seed 100`: one student of each kind. Labels only: 0.881; soft
    #    labels of a teacher with 0.906: 0.903. But labels only, on shifted images: 0.903 as well. On digits that all
    #    stand in the middle, the teacher knows little that a shift does not teach. Report such an opponent, or you
    #    will credit the teacher with what the augmentation did.
    # 2. The same with `--shift-students`: soft labels 0.889, hard labels 0.903, labels only 0.903. With 360 test
    #    images, a difference of 0.014 is five digits.
    # 3. `--dataset handwriting --labelled 500 --steps 300 --repeats 1 --temperatures 2 --seed 100 --shift-students`:
    #    after 300 steps the teacher has only 0.777, and its soft labels make a student of 0.644 where labels alone
    #    make one of 0.768. A student can hardly be better than what it imitates: train the teacher first.
    # 4. `--preset full` takes MNIST with 1,000 labelled images and a larger teacher, for a GPU. It is not the paper's
    #    setting (all 60,000 labels, dense layers of 1,200 and 800 units), and no number is promised for it.
    run.save(
        trained[temperature][0],
        signature=(None, *shape),
        note=f"One of {repeats} students, whose mean is reported. In: images in [0, 1]. Out: logits of the "
        f"classes {', '.join(classes)}.",
    )


if __name__ == "__main__":
    distill.main()
