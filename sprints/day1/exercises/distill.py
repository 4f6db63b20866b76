"""The exercises of day1.distill: soft labels, the two losses, and the model that trains with both."""

import warnings

import numpy as np

from keras_cv_course.classroom import (
    Exercise,
    Exercises,
    close_to,
    equal_to,
    expect,
    refuses,
    shape_is,
    within,
)
from keras_cv_course.classroom.remote import value

soft = Exercise(
    "soft_labels",
    "probabilities of all classes at a temperature",
    definitions=("soft_labels",),
    points=1,
    hints=(
        "A high temperature makes logits alike. Which operation on all logits does that, before the softmax?",
        "Cast to float32 first. Over which axis do the probabilities of one example sum to 1?",
        "What to reach: odds of 9 to 1 are 3 to 1 at temperature 2, and about 1 to 1 at 1,000.",
    ),
)
hard = Exercise(
    "cross_entropy",
    "the cross-entropy of each example, from logits, for labels of either kind",
    definitions=("cross_entropy",),
    points=2,
    hints=(
        "Keras has a function for integers and one for shares of the classes. Which argument says that the "
        "numbers are logits?",
        "Shares have two axes, the last as long as that of the logits; (N, 1) integers have two axes, too. "
        "Bring integers to (N,). One number an example: no mean.",
        "What to reach: ten equal logits cost log(10) = 2.303, a sure mistake by 1,000 costs 1,000.",
    ),
)
divergence = Exercise(
    "distillation_loss",
    "T^2 times the divergence of the student's softened opinion from the teacher's, of each example",
    definitions=("distillation_loss",),
    points=3,
    hints=(
        "KL(p || q) = sum_k p_k (log p_k - log q_k): p is the teacher's. Both are softened by the same T.",
        "The logarithm of a softmax may be -1,000, where the softmax itself is 0: `ops.log_softmax`.",
        "Half the temperature makes the gradient of KL four times as large. What makes up for it?",
        "What to reach: at T = 2, logits (2 log 3, 0) of the teacher and (0, 0) of the student cost "
        "4 (3/4 log 3/2 + 1/4 log 1/2) = 0.523.",
    ),
)
distiller = Exercise(
    "distiller",
    "the model: a frozen teacher, a student that learns from it and from labels",
    definitions=(
        "Distiller.__init__",
        "Distiller.build",
        "Distiller.call",
        "Distiller.compute_loss",
    ),
    points=6,
    hints=(
        "Keep every argument under its own name: `get_config` below, which is given, reads them. Refuse what "
        "the docstring says: also a last layer that is a Softmax, or whose activation is one.",
        "`set_trainable` freezes the teacher. Two `keras.metrics.Mean`, `hard_mean` and `soft_mean`, keep "
        "the parts that the history shows as student_loss and distillation_loss.",
        "`build` builds whichever of the two is not built yet. `call` is the student's.",
        "In `compute_loss`, y_pred are the student's logits. The teacher always infers: training=False; and "
        "no gradient may come to it: `ops.stop_gradient`. Without labels the hard part is 0.",
        "Multiply both parts by the sample weights, if any; then take means, and add the student's `losses`.",
        "What to reach: at alpha = 1 it is plain training; at alpha = 0 the student of a teacher with "
        "the same weights has loss 0.",
    ),
)

EXERCISES = Exercises(
    "day1.distill",
    sources=("keras_cv_course.training.distillation",),
    exercises=(soft, hard, divergence, distiller),
)


@soft.check
def check_soft_labels_by_hand(mine):
    """Odds of 9 to 1 become 3 to 1 at temperature 2."""
    logits = np.array([[np.log(9), 0.0], [0.0, np.log(81)]], "float32")
    attempt = "softmax of logits / temperature"
    close_to(mine.soft_labels(logits, 1.0), [[0.9, 0.1], [1 / 82, 81 / 82]], 1e-5, "at T = 1", attempt)
    close_to(mine.soft_labels(logits, 2.0), [[0.75, 0.25], [0.1, 0.9]], 1e-5, "at T = 2", attempt)
    close_to(mine.soft_labels(logits, 1e6), np.full((2, 2), 0.5), 1e-4, "at T = 1,000,000", attempt)


@soft.check
def check_soft_labels_sum_to_one(mine, rng):
    """Rows of probabilities sum to 1 at any temperature and keep the order of the classes."""
    logits = rng.normal(0, 5, (6, 4)).astype("float32")
    for temperature in (0.5, 3.0):
        rows = within(mine.soft_labels(logits, temperature), 0, 1, "probabilities", "end in the softmax")
        shape_is(rows, (6, 4), "probabilities", "one a logit")
        close_to(rows.sum(axis=1), np.ones(6), 1e-5, "sums of the rows", "the classes are the last axis")
        close_to(rows.argsort(axis=1), logits.argsort(axis=1), 0, "order of the classes", "divide all logits")


@hard.check
def check_cross_entropy_by_hand(mine):
    """A fair guess costs log(classes); one number an example."""
    attempt = "the function for integers, with from_logits=True; no softmax before, no mean after"
    logits = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]], "float32"))
    expected = -np.log([0.25, 0.1])
    for labels in (np.array([1, 0]), np.array([[1], [0]])):
        what = f"losses for labels of shape {labels.shape}"
        close_to(mine.cross_entropy(labels, logits), expected, 1e-5, what, attempt)
    close_to(
        mine.cross_entropy(np.array([3]), np.zeros((1, 10), "float32")),
        [np.log(10)],
        1e-5,
        "fair guess",
        attempt,
    )


@hard.check
def check_cross_entropy_of_shares(mine):
    """One-hot and mixed labels: each class' loss counts with its share."""
    attempt = "categorical_crossentropy, from_logits=True, on labels cast to float32"
    logits = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]], "float32"))
    one_hot = np.eye(3, dtype="int64")[[1, 0]]
    close_to(mine.cross_entropy(one_hot, logits), -np.log([0.25, 0.1]), 1e-5, "one-hot labels", attempt)
    mixed = np.array([[0.25, 0.75, 0.0], [0.5, 0.0, 0.5]], "float32")
    expected = [-0.25 * np.log(0.5) - 0.75 * np.log(0.25), -0.5 * np.log(0.1) - 0.5 * np.log(0.7)]
    close_to(mine.cross_entropy(mixed, logits), expected, 1e-5, "mixed labels", attempt)


@hard.check
def check_cross_entropy_stays_finite(mine):
    """A mistake by 1,000 costs 1,000."""
    attempt = "give the logits to Keras as they are: a softmax would round 1 - p to 0"
    logits = np.array([[1000.0, 0.0]], "float32")
    close_to(mine.cross_entropy(np.array([1]), logits), [1000.0], 1e-2, "loss, integer label", attempt)
    close_to(mine.cross_entropy(np.eye(2)[[1]], logits), [1000.0], 1e-2, "loss, one-hot label", attempt)


@divergence.check
def check_divergence_by_hand(mine):
    """At temperature 2, three quarters against a half; and the other way round."""
    teacher, student = np.array([[2 * np.log(3), 0.0]], "float32"), np.zeros((1, 2), "float32")
    attempt = "soften both, weigh by the teacher's probabilities, multiply by T^2"
    expected = 4 * (0.75 * np.log(1.5) + 0.25 * np.log(0.5))
    close_to(
        mine.distillation_loss(teacher, student, 2.0), [expected], 1e-5, "T^2 KL(teacher || student)", attempt
    )
    expected = 4 * (0.5 * np.log(0.5 / 0.75) + 0.5 * np.log(0.5 / 0.25))
    close_to(mine.distillation_loss(student, teacher, 2.0), [expected], 1e-5, "with the two swapped", attempt)


@divergence.check
def check_divergence_of_equals(mine, rng):
    """Who agrees with the teacher, up to a constant, costs nothing; who does not, costs something."""
    teacher = rng.normal(0, 3, (5, 4)).astype("float32")
    found = mine.distillation_loss(teacher, teacher + 7, 3.0)
    close_to(found, np.zeros(5), 1e-4, "loss of the teacher's own logits", "log p - log q, not -log q")
    other = shape_is(mine.distillation_loss(teacher, -teacher, 3.0), (5,), "losses", "one an example")
    expect(other.min() > 0, "losses above 0", other, "KL is 0 for equals only")


@divergence.check
def check_divergence_against_loops(mine, rng):
    """It is the sum written out, at several temperatures."""
    teacher, student = rng.normal(0, 2, (2, 4, 5)).astype("float32")
    for temperature in (0.5, 1.0, 4.0):
        expected = _divergence(teacher, student, temperature)
        found = mine.distillation_loss(teacher, student, temperature)
        close_to(found, expected, 1e-4, f"losses at T = {temperature:g}", "T^2 sum_k p_k (log p_k - log q_k)")


@divergence.check
def check_scale_hardly_depends_on_the_temperature(mine):
    """With T^2 the loss tends to a limit as T grows: half the variance of the logits' difference."""
    teacher, student = np.array([[3.0, 0.0, -3.0]], "float32"), np.array([[1.0, 0.0, -1.0]], "float32")
    # KL at a high temperature is Var(v - z) / (2 T^2), the variance over the classes: here of (2, 0, -2).
    expected = [np.var([2.0, 0.0, -2.0]) / 2]
    close_to(
        mine.distillation_loss(teacher, student, 60.0), expected, 0.05, "loss at T = 60", "the factor T^2"
    )


@divergence.check
def check_large_logits_stay_finite(mine):
    """Logits of 10,000 neither overflow nor vanish."""
    found = mine.distillation_loss(np.array([[1e4, 0.0]], "float32"), np.array([[0.0, 1e4]], "float32"), 1.0)
    close_to(found, [1e4], 1.0, "loss", "take log_softmax, not the logarithm of a softmax")


@distiller.check
def check_loss_and_its_parts(mine, rng):
    """The loss is alpha times the labels' part plus (1 - alpha) times T^2 times the divergence."""
    teacher, student, images, labels = _pair(mine, rng)
    for alpha, temperature in ((0.3, 3.0), (0.0, 1.0), (1.0, 2.0)):
        network = mine.Distiller(teacher, student, temperature=temperature, alpha=alpha)
        network.compile(run_eagerly=True)
        found = network.evaluate(images, labels, batch_size=12, verbose=0, return_dict=True)
        expect(isinstance(found, dict), "a dictionary of the losses", found, "override compute_loss alone")
        logits = [np.asarray(model(images)) for model in (teacher, student)]
        parts = {
            "student_loss": _hard(labels, logits[1]),
            "distillation_loss": _divergence(*logits, temperature),
        }
        parts = {name: losses.mean() for name, losses in parts.items()}
        parts["loss"] = alpha * parts["student_loss"] + (1 - alpha) * parts["distillation_loss"]
        for name, expected in parts.items():
            expect(name in found, f"{name} in the history", sorted(found), "two Mean metrics, by these names")
            what = f"{name} at alpha = {alpha:g}, T = {temperature:g}"
            close_to(found[name], expected, 1e-3, what, "the formula in the class docstring")


@distiller.check
def check_weights_of_examples_and_penalties(mine, rng):
    """Sample weights multiply both parts; the student's regularizers are added."""
    teacher, student, images, labels = _pair(mine, rng, penalty=0.5)
    weights = np.linspace(0, 2, 12).astype("float32")
    network = mine.Distiller(teacher, student, temperature=2.0, alpha=0.4)
    network.compile(run_eagerly=True)
    found = network.evaluate(
        images, labels, sample_weight=weights, batch_size=12, verbose=0, return_dict=True
    )
    logits = [np.asarray(model(images)) for model in (teacher, student)]
    each = 0.4 * _hard(labels, logits[1]) + 0.6 * _divergence(*logits, 2.0)
    expected = np.mean(weights * each) + 0.5 * np.sum(student.get_weights()[0] ** 2)
    close_to(
        found["loss"], expected, 1e-3, "loss", "weights before the mean; ops.sum of each of student.losses"
    )


@distiller.check
def check_only_the_student_learns(mine, rng):
    """Training moves all of the student and nothing of the teacher, batch statistics included."""
    teacher, student, images, labels = _pair(mine, rng)
    network = mine.Distiller(teacher, student, temperature=2.0, alpha=0.5)
    before = [model.get_weights() for model in (teacher, student)]
    # Weight decay moves every weight that is trained, whether it has a gradient or not.
    network.compile(optimizer=mine.keras.optimizers.SGD(0.5, weight_decay=0.1), run_eagerly=True)
    network.fit(images, labels, batch_size=6, epochs=1, verbose=0)
    for old, new in zip(before[0], teacher.get_weights(), strict=True):
        close_to(new, old, 0, "weights of the teacher", "freeze it in __init__; it infers, always")
    for old, new in zip(before[1], student.get_weights(), strict=True):
        expect(
            np.any(old != new),
            f"weights {old.shape} of the student that move",
            "no change",
            "train the student",
        )
    equal_to(value(teacher.trainable), False, "teacher.trainable", "`set_trainable` freezes")


@distiller.check
def check_no_gradient_reaches_the_teacher(mine, rng):
    """Even a teacher that somebody thaws gets no gradient."""
    teacher, student, images, labels = _pair(mine, rng)
    network = mine.Distiller(teacher, student, temperature=2.0, alpha=0.5)
    mine.set_trainable(teacher, True)
    before = teacher.get_weights()
    network.compile(optimizer="sgd", run_eagerly=True)
    with warnings.catch_warnings():
        # Keras warns of weights without a gradient: here there must be none.
        warnings.filterwarnings("ignore", "Gradients do not exist")
        network.fit(images, labels, batch_size=12, epochs=1, verbose=0)
    for old, new in zip(before, teacher.get_weights(), strict=True):
        close_to(new, old, 0, "weights of a thawed teacher", "ops.stop_gradient around its logits")


@distiller.check
def check_teacher_infers_while_the_student_trains(mine, rng):
    """The teacher's dropout and batch statistics are off in training; the student's are on."""
    teacher, student, images, labels = _pair(mine, rng, dropout=0.8)
    network = mine.Distiller(teacher, student, alpha=0.0, temperature=1.0)
    network.compile(optimizer=mine.keras.optimizers.SGD(0.0), run_eagerly=True)
    # One batch: the student's statistics in training are those of all 12 examples.
    logits = np.asarray(teacher(images)), np.asarray(student(images, training=True))
    expected = _divergence(*logits, 1.0).mean()
    found = network.fit(images, labels, batch_size=12, verbose=0)
    received = value(found.history)["distillation_loss"][0]
    attempt = "teacher: training=False; student: training=training"
    close_to(received, expected, 1e-3, "distillation_loss in training", attempt)
    calm, again = (np.asarray(network(images)) for _ in range(2))
    close_to(again, calm, 1e-6, "logits, asked twice", "`call` passes training on")
    close_to(calm, student(images), 1e-6, "logits of the distiller", "`call` is the student's")
    _, noisy, _, _ = _pair(mine, rng, student_dropout=0.8)
    network = mine.Distiller(teacher, noisy)
    once, twice = (np.asarray(network(images, training=True)) for _ in range(2))
    expect(np.abs(once - twice).max() > 1e-3, "the student's dropout in training", "none", "pass training on")


@distiller.check
def check_labels_may_be_missing(mine, rng):
    """At alpha 0 no labels are needed; else they are asked for."""
    teacher, student, images, _ = _pair(mine, rng)
    for alpha in (0.0, 0.5):
        network = mine.Distiller(teacher, student, alpha=alpha)
        network.compile(optimizer="sgd", run_eagerly=True)
        if alpha:
            refuses(
                network.fit, images, verbose=0, what="alpha 0.5 without labels", attempt="raise InputError"
            )
        else:
            network.fit(images, verbose=0)


@distiller.check
def check_distiller_refuses(mine, rng):
    """Knobs out of range, one model for both, other classes and a softmax are refused."""
    teacher, student, images, labels = _pair(mine, rng)
    attempt = "raise InputError as the class docstring says"
    for temperature in (0, -1.0, float("inf")):
        refuses(
            mine.Distiller, teacher, student, temperature, what=f"temperature {temperature}", attempt=attempt
        )
    for alpha in (-0.1, 1.5):
        refuses(mine.Distiller, teacher, student, 2.0, alpha, what=f"alpha {alpha}", attempt=attempt)
    refuses(mine.Distiller, teacher, teacher, what="one model as both", attempt=attempt)
    layers = mine.keras.layers
    for last in (layers.Dense(3, activation="softmax"), layers.Softmax()):
        soft_one = mine.keras.Sequential([layers.Dense(3), last])
        refuses(mine.Distiller, teacher, soft_one, what="a student with a softmax", attempt=attempt)
        refuses(mine.Distiller, soft_one, student, what="a teacher with a softmax", attempt=attempt)
    other = mine.keras.Sequential([layers.Dense(4)])
    network = mine.Distiller(teacher, other)
    network.compile(optimizer="sgd", run_eagerly=True)
    refuses(
        network.fit,
        images,
        labels,
        verbose=0,
        what="3 classes against 4",
        attempt="compare the logits' shapes",
    )


@distiller.check
def check_models_are_built(mine):
    """Building the distiller builds teacher and student."""
    dense = mine.keras.layers.Dense
    teacher, student = (mine.keras.Sequential([dense(units), dense(3)]) for units in (7, 2))
    network = mine.Distiller(teacher, student, temperature=5.0, alpha=0.7)
    network.build((None, 4))
    for model, units in ((teacher, 7), (student, 2)):
        shapes = [weights.shape for weights in model.get_weights()]
        expected = [(4, units), (units,), (units, 3), (3,)]
        expect(shapes == expected, f"weights of shapes {expected}", shapes, "build what is not built yet")
    config = network.get_config()
    equal_to([config["temperature"], config["alpha"]], [5.0, 0.7], "temperature and alpha", "keep both")


def _pair(mine, rng, penalty=None, dropout=0.0, student_dropout=0.0):
    """A teacher and a student with batch norm, 12 examples of 5 numbers, and their labels."""
    layers = mine.keras.layers
    images, labels = rng.normal(0, 1, (12, 5)).astype("float32"), rng.integers(0, 3, 12)
    models = []
    for units, share, weight in ((6, dropout, None), (4, student_dropout, penalty)):
        regularizer = mine.keras.regularizers.L2(weight) if weight else None
        model = mine.keras.Sequential([
            layers.Dense(units, kernel_regularizer=regularizer),
            layers.BatchNormalization(momentum=0.5),
            layers.Dropout(share),
            layers.Dense(3),
        ])  # fmt: skip
        model.build((None, 5))
        # Far from 0, so that opinions differ; variances above 0.
        model.set_weights([
            rng.uniform(0.3, 1.2, weights.shape) * rng.choice([-1, 1], weights.shape) if weights.ndim > 1
            else rng.uniform(0.3, 1.2, weights.shape)
            for weights in model.get_weights()
        ])  # fmt: skip
        models.append(model)
    return (*models, images, labels)


def _log_softmax(logits):
    logits = np.asarray(logits, "float64")
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def _hard(labels, logits):
    return -_log_softmax(logits)[np.arange(len(labels)), labels]


def _divergence(teacher, student, temperature):
    losses = []
    for p, q in zip(
        _log_softmax(np.asarray(teacher) / temperature), _log_softmax(np.asarray(student) / temperature)
    ):
        losses.append(temperature**2 * sum(np.exp(a) * (a - b) for a, b in zip(p, q)))
    return np.array(losses)
