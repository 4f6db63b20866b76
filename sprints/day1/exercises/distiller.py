"""The exercise of day1.distill on the distiller."""

import warnings

import numpy as np

from keras_cv_course.classroom import Exercise, close_to, equal_to, expect, refuses
from keras_cv_course.classroom.remote import value
from keras_cv_course.classroom.shared_checks import all_refused, fixed_weights, keeps, weights_are
from sprints.day1.exercises import slow_distillation

distiller = Exercise(
    "distiller",
    "the model: a frozen teacher, a student that learns from it and from labels",
    definitions=("Distiller.__init__", "Distiller.build", "Distiller.call", "Distiller.compute_loss"),
    points=6,
    hints=(
        "Keep every argument under its own name: `get_config` below, which is given, reads them. Refuse what "
        "the docstring says: also a last layer that is a Softmax, or whose activation is one.",
        "`set_trainable` freezes the teacher. Two `keras.metrics.Mean`, `hard_mean` and `soft_mean`, keep "
        "the parts that the history shows as student_loss and distillation_loss.",
        "In `compute_loss`, y_pred are the student's logits. The teacher always infers: training=False; and "
        "no gradient may flow into it: `ops.stop_gradient`. Without labels the hard part is 0.",
        "What to reach: at alpha = 1 it is plain training; at alpha = 0 the student of a teacher with "
        "the same weights has loss 0.",
    ),
)


@distiller.check(points=3)
def check_loss_and_its_parts(mine, rng):
    """alpha times the labels' part plus (1 - alpha) times T^2 times the divergence, each example weighted."""
    for alpha, temperature, penalty in ((0.3, 3.0, 0.5), (0.0, 1.0, None), (1.0, 2.0, None)):
        teacher, student, images, labels = _pair(mine, rng, penalty=penalty)
        weights = rng.uniform(0, 2, 12).astype("float32") if penalty else np.ones(12, "float32")
        network = mine.Distiller(teacher, student, temperature=temperature, alpha=alpha)
        network.compile(run_eagerly=True)
        options = dict(sample_weight=weights, batch_size=12, verbose=0, return_dict=True)
        found = network.evaluate(images, labels, **options)
        expect(isinstance(found, dict), "a dictionary of the losses", found, "override compute_loss alone")
        logits = [np.asarray(model(images)) for model in (teacher, student)]
        parts = {
            "student_loss": np.mean(weights * slow_distillation.cross_entropy(labels, logits[1])),
            "distillation_loss": np.mean(weights * slow_distillation.divergence(*logits, temperature)),
        }
        parts["loss"] = alpha * parts["student_loss"] + (1 - alpha) * parts["distillation_loss"]
        parts["loss"] += penalty * np.sum(student.get_weights()[0] ** 2) if penalty else 0
        attempt = "the formula in the docstring: weights before the mean; ops.sum of each of student.losses"
        for name, expected in parts.items():
            expect(name in found, f"{name} in the history", sorted(found), "two Mean metrics, by these names")
            what = f"{name} at alpha = {alpha:g}, T = {temperature:g}"
            close_to(found[name], expected, 2e-3, what, attempt)


@distiller.check
def check_only_the_student_learns(mine, rng):
    """Training moves all of the student and nothing of the teacher, also of a teacher that somebody thaws."""
    for thawed in (False, True):
        teacher, student, images, labels = _pair(mine, rng)
        network = mine.Distiller(teacher, student, temperature=2.0, alpha=0.5)
        equal_to(value(teacher.trainable), False, "teacher.trainable", "`set_trainable` freezes")
        if thawed:
            mine.set_trainable(teacher, True)
        before, start = teacher.get_weights(), student.get_weights()
        # Weight decay moves every weight that is trained, whether it has a gradient or not.
        decay = 0.0 if thawed else 0.1
        network.compile(optimizer=mine.keras.optimizers.SGD(0.5, weight_decay=decay), run_eagerly=True)
        with warnings.catch_warnings():
            # Keras warns of weights without a gradient: here there must be none.
            warnings.filterwarnings("ignore", "Gradients do not exist")
            network.fit(images, labels, batch_size=6, verbose=0)
        attempt = "freeze it in __init__; training=False; ops.stop_gradient around its logits"
        for old, new in zip(before, teacher.get_weights(), strict=True):
            close_to(new, old, 0, f"weights of a {'thawed' if thawed else 'frozen'} teacher", attempt)
        for old, new in zip(start, student.get_weights(), strict=True):
            moved = thawed or np.any(
                old != new
            )  # without decay, no gradient reaches a bias before batch norm
            expect(moved, f"weights {old.shape} of the student that move", "no change", "train the student")


@distiller.check
def check_teacher_infers_while_the_student_trains(mine, rng):
    """The teacher's dropout and batch statistics are off in training; the student's are on."""
    teacher, student, images, labels = _pair(mine, rng, dropout=0.8)
    network = mine.Distiller(teacher, student, alpha=0.0, temperature=1.0)
    network.compile(optimizer=mine.keras.optimizers.SGD(0.0), run_eagerly=True)
    # One batch: the student's statistics in training are those of all 12 examples.
    logits = np.asarray(teacher(images)), np.asarray(student(images, training=True))
    close_to(network(images), student(images), 1e-5, "logits of the distiller", "`call` is the student's")
    in_training = network(images, training=True)
    close_to(in_training, logits[1], 1e-4, "logits in training", "`call` passes training on")
    received = network.train_on_batch(images, labels, return_dict=True)["distillation_loss"]
    attempt = "teacher: training=False; student: training=training"
    close_to(
        received,
        slow_distillation.divergence(*logits, 1.0).mean(),
        2e-3,
        "distillation_loss in training",
        attempt,
    )


@distiller.check
def check_bad_arguments_are_refused(mine, rng):
    """Arguments out of range, one model for both, other classes, a softmax and missing labels are refused."""
    teacher, student, images, labels = _pair(mine, rng)
    dense, sequential = mine.keras.layers.Dense, mine.keras.Sequential
    cases = {f"temperature {t}": (teacher, student, t) for t in (0, -1.0, float("inf"))}
    cases |= {f"alpha {a}": (teacher, student, 2.0, a) for a in (-0.1, 1.5)}
    cases["one model as both"] = (teacher, teacher)
    ends = {"a layer Softmax": mine.keras.layers.Softmax(), "an activation": dense(3, activation="softmax")}
    for what, last in ends.items():
        cases[f"a student whose softmax is {what}"] = (teacher, sequential([dense(3), last]))
        cases[f"a teacher whose softmax is {what}"] = (sequential([dense(3), last]), student)
    all_refused(mine.Distiller, cases, "raise InputError as the class docstring says")
    attempt = "raise InputError in compute_loss"
    for what, other, targets in (("no labels", student, None), ("4 classes", sequential([dense(4)]), labels)):
        network = mine.Distiller(teacher, other, alpha=0.5)
        network.compile(optimizer="sgd", run_eagerly=True)
        refuses(network.fit, images, targets, verbose=0, what=what, attempt=attempt)
    network = mine.Distiller(teacher, student, alpha=0.0)
    network.compile(optimizer="sgd", run_eagerly=True)
    network.fit(images, verbose=0)  # needs no labels


@distiller.check
def check_models_are_built(mine, rng):
    """Building the distiller builds teacher and student; the arguments are kept."""
    features = int(rng.integers(4, 9))
    teacher, student = (mine.keras.Sequential([mine.keras.layers.Dense(3)]) for _ in range(2))
    network = mine.Distiller(teacher, student, temperature=5.0, alpha=0.7)
    keeps(network, temperature=5.0, alpha=0.7)
    network.build((None, features))
    for model in (teacher, student):
        weights_are(model, [(features, 3), (3,)], "build what is not built")


def _pair(mine, rng, penalty=None, dropout=0.0):
    """A teacher and a student with batch norm, 12 examples of 5 numbers, and their labels."""
    layers, models = mine.keras.layers, []
    for units, share, weight in ((6, dropout, None), (4, 0.0, penalty)):
        regularizer = mine.keras.regularizers.L2(weight) if weight else None
        hidden = layers.Dense(units, kernel_regularizer=regularizer)
        norm = layers.BatchNormalization(momentum=0.5)
        model = mine.keras.Sequential([hidden, norm, layers.Dropout(share), layers.Dense(3)])
        models.append(fixed_weights(model, (None, 5)))
    return (*models, rng.normal(0, 4, (12, 5)).astype("float32"), rng.integers(0, 3, 12))
