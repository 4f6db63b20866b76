"""Distillation: a small network learns from a large one what it thinks of any image, labelled or not."""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.accuracy import accuracy
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.paired_runs import paired_runs
from keras_cv_course.plot.spread_curves import spread_curves
from keras_cv_course.training.distillation import Distiller, soft_labels
from keras_cv_course.training.restart import Restart
from keras_cv_course.training.schedules import warmup_cosine
from sprints.day1.figures.distill import soft_labels as soft_label_charts


@lesson(
    quick=dict(limit=300, labelled=100, teacher_steps=40, steps=40, repeats=2, temperatures=(1.0, 2.0)),
    full=dict(dataset="mnist", labelled=1000, filters=(32, 64), teacher_steps=4000, steps=10_000, repeats=5),
    batch_size=64,
    targets={
        "digits": dict(teacher_weights_changed=at_most(0), gain=at_least(0.01)),
        "mnist": dict(teacher_weights_changed=at_most(0), gain=at_least(0.01)),
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
    teacher_steps: int = 600,
    steps: int = 500,
    learning_rate: float = 2e-2,
):
    """Train a teacher on few labels, and smaller students with and without it.

    Args:
        dataset: digits is built in; mnist is downloaded once.
        labelled: training images whose labels are known, to the teacher and to the students.
        filters: feature maps of the teacher's convolutional stages.
        units: hidden units of the student, which has one hidden layer.
        temperature: by which the logits of teacher and student are divided in the main comparison.
        alpha: weight of the labels where a student has labels and teacher; the teacher has the rest.
        temperatures: are compared on the validation images.
        repeats: students of each kind; the first of each kind have the same first weights, and so on.
        teacher_steps: steps of the teacher's training.
        steps: steps of each student's training, however many images it has.
        learning_rate: of the students, the highest one; it warms up to it and then falls to zero.
    """
    # %% The teacher is a convolutional network. Its few labelled images are moved, another way each time.
    train, validation, test = loaded = data.load(dataset, limit=run.limit)
    few, classes = train[:labelled], loaded.info.classes
    shape = train.images.shape[1:]
    teacher = ConvolutionalClassifier(filters, units=(64,), classes=len(classes))
    teacher.build((None, *shape))
    moved = keras.layers.RandomTranslation(0.125, 0.125, "constant", "nearest", seed=run.seed)
    batches = run.batches(few.images, few.labels, batch_size=run.batch_size, steps=teacher_steps)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    rate = warmup_cosine(4e-3, steps=teacher_steps)
    teacher.compile(
        keras.optimizers.Adam(rate),
        loss,
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
        **run.compile_options,
    )
    jittered = batches.map(lambda images, labels: (moved(images, training=True), labels)).prefetch(2)
    teacher.fit(jittered, callbacks=run.callbacks("teacher"))
    taught = teacher.get_weights()

    # %% What does it think? At a high temperature one sees what else it takes an image for.
    logits = teacher.predict(test.images, batch_size=500, verbose=0)
    best, second = np.sort(logits, axis=1)[:, :-3:-1].T
    unsure = np.argsort(best - second)[4:40:9]
    charts = {f"T = {hot:g}": soft_labels(logits[unsure], hot) for hot in temperatures[:4]}
    title = "The hotter the teacher's opinion, the more one sees what else an image looks like"
    run.figure("soft_labels", soft_label_charts(test.images[unsure], charts, classes, title), alt=title)

    # %% The student is small. With alpha = 1 it learns from labels only, with 0 from the teacher only.
    def students(name, part, **knobs):
        """Train `repeats` students one after the other; the last one, and what each says: (2, N, classes)."""
        layers = [keras.layers.Flatten(), keras.layers.Dense(units, "relu"), keras.layers.Dense(len(classes))]
        small = keras.Sequential([keras.layers.Input(shape), *layers], name="student")
        batches = run.batches(part.images, part.labels, batch_size=run.batch_size, steps=steps)
        rate = warmup_cosine(learning_rate, steps=steps)
        distiller = Distiller(teacher, small, **knobs)
        distiller.compile(keras.optimizers.Adam(rate), **run.compile_options)
        restart, said = Restart(distiller), []
        for repeat in range(repeats):
            restart([*taught, *starts[repeat]])
            distiller.fit(batches, callbacks=run.callbacks(f"{name}.{repeat}"), verbose=0)
            said.append([np.asarray(small(some.images)) for some in (validation, test)])
        return small, said

    layout = ((int(np.prod(shape)), units), (units, len(classes)))
    rng, starts = np.random.default_rng(run.seed), []
    for _ in range(repeats):
        kernels = [rng.normal(0, (2 / inputs) ** 0.5, (inputs, outputs)) for inputs, outputs in layout]
        starts.append([kernels[0], np.zeros(units), kernels[1], np.zeros(len(classes))])

    # %% Labels only; the teacher's opinion besides; and its opinion of images that nobody labelled.
    ways = {
        "labels": (few, dict(alpha=1.0)),
        "labels_and_teacher": (few, dict(alpha=alpha, temperature=temperature)),
        **{f"teacher_T{hot:g}": (train, dict(alpha=0.0, temperature=hot)) for hot in temperatures},
    }
    taught_by = {name: students(name, part, **knobs) for name, (part, knobs) in ways.items()}
    chosen = f"teacher_T{temperature:g}"

    def reached(part, name):
        which = 0 if part is validation else 1
        return np.array([accuracy(part.labels, said[which]) for said in taught_by[name][1]])

    # %% The same student, with the same first weights and as many steps: does the teacher help?
    alone, same, distilled = (reached(test, name) for name in ("labels", "labels_and_teacher", chosen))
    of_teacher = accuracy(test.labels, logits)
    gains = distilled - alone
    run.metrics(
        accuracy=distilled.mean(),
        accuracy_alone=alone.mean(),
        accuracy_same_images=same.mean(),
        gain=gains.mean(),
        gain_smallest=gains.min(),
        gain_spread=gains.std(),
        validation_gain=(reached(validation, chosen) - reached(validation, "labels")).mean(),
        teacher_weights_changed=sum(
            np.any(now != before) for now, before in zip(teacher.get_weights(), taught, strict=True)
        ),
        teacher_parameters=teacher.count_params(),
        parameters=taught_by[chosen][0].count_params(),
    )
    run.baseline("accuracy", "the teacher", of_teacher)
    columns = {
        f"labels of {len(few):,} images": alone,
        f"labels and teacher, {len(few):,} images": same,
        f"teacher only, {len(train):,} images": distilled,
    }
    title = "A teacher has an opinion of every image, also of those that nobody labelled"
    run.figure("students", paired_runs(columns, title, "test accuracy", {"teacher": of_teacher}), alt=title)

    # %% At which temperature should it be asked?
    table = np.transpose([reached(validation, f"teacher_T{hot:g}") for hot in temperatures])
    levels = {
        "teacher": accuracy(validation.labels, teacher.predict(validation.images, batch_size=500, verbose=0)),
        "labels only": reached(validation, "labels").mean(),
    }
    run.metrics(gain_of_heat=distilled.mean() - reached(test, f"teacher_T{temperatures[0]:g}").mean())
    title = "Neither too sure nor too vague: what students reach from teachers of each temperature"
    lines = {f"students of {len(train):,} images (band: all {repeats})": table}
    labelling = ("temperature T", "validation accuracy")
    run.figure(
        "temperature", spread_curves(temperatures, lines, title, *labelling, levels, log=True), alt=title
    )

    # %% Why T^2? The gradient of the divergence, (q - p) / T, would vanish as the temperature rises.
    start = np.random.default_rng(run.seed).normal(0, 1, logits.shape)
    heats = (1, 2, 4, 8, 16, 32)
    sizes = np.array([
        np.linalg.norm(np.asarray(soft_labels(start, hot) - soft_labels(logits, hot)) / hot, axis=1).mean()
        for hot in heats
    ])  # fmt: skip
    run.metrics(gradient_ratio=sizes[-1] * heats[-1] ** 2 / sizes[0])
    lines = {"with the factor T^2": sizes * np.square(heats), "without": sizes}
    title = "Without T^2 the teacher would fall silent beside the labels as the temperature rises"
    run.figure(
        "gradient",
        curves(heats, lines, title, "temperature T", "size of the gradient of the logits"),
        alt=title,
    )
    run.save(
        taught_by[chosen][0],
        signature=(None, *shape),
        note=f"In: images in [0, 1]. Out: logits of the classes {', '.join(classes)}.",
    )


if __name__ == "__main__":
    distill.main()
