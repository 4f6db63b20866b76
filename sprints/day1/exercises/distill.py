"""The exercises of day1.distill: soft labels, the two losses, and the model that trains with both."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, shape_is
from sprints.day1.exercises import slow_distillation
from sprints.day1.exercises.distiller import distiller

soft = Exercise(
    "soft_labels",
    "probabilities of all classes at a temperature",
    definitions=("soft_labels",),
    points=1,
    hints=(
        "A high temperature brings logits closer together. What do you divide by it, before the softmax?",
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
        "Keras has a function for integers and one for probabilities. Which argument says that you give logits?",
        "Probabilities have two axes, the last as long as that of the logits; (N, 1) integers have two axes, too. "
        "Bring integers to (N,). One number an example: no mean.",
        "What to reach: ten equal logits cost log(10) = 2.303; a wrong class that leads by 1,000 costs 1,000.",
    ),
)
divergence = Exercise(
    "distillation_loss",
    "T^2 times the divergence of the student's softened probabilities from the teacher's, of each example",
    definitions=("distillation_loss",),
    points=3,
    hints=(
        "KL(p || q) = sum_k p_k (log p_k - log q_k): p is the teacher's. Both are softened by the same T.",
        "The logarithm of a softmax may be -1,000, where the softmax itself is 0: `ops.log_softmax`.",
        "Read the lesson's last step: what makes up for a gradient that falls as 1 / T^2?",
        "What to reach: at T = 2, logits (2 log 3, 0) of the teacher and (0, 0) of the student cost "
        "4 (3/4 log 3/2 + 1/4 log 1/2) = 0.523.",
    ),
)

EXERCISES = Exercises(
    "day1.distill",
    sources=("keras_cv_course.training.distillation",),
    exercises=(soft, hard, divergence, distiller),
)


@soft.check
def check_soft_labels(mine, rng):
    """softmax(logits / T) of each row, at temperatures below and above 1."""
    logits = rng.normal(0, 4, (6, 4)).astype("float32")
    for temperature in (0.5, 1.0, float(rng.uniform(2, 5)), 1e6):
        rows = shape_is(mine.soft_labels(logits, temperature), (6, 4), "probabilities", "one a logit")
        what = f"probabilities at T = {temperature:g}"
        expected = np.exp(slow_distillation.log_softmax(logits / temperature))
        close_to(rows, expected, 1e-5, what, "divide by T, then softmax over each row")


@soft.shows
def chart_of_soft_labels(mine):
    """The soft labels of one image: ten classes from left to right, temperatures 1, 2, 4, 8 from top to bottom."""
    logits = np.array([[0.0, 1, 2, 6, 1, 5, 0, 2, 4, 3]], "float32")
    rows = [mine.soft_labels(logits, temperature) for temperature in (1.0, 2.0, 4.0, 8.0)]
    return np.kron(np.vstack(rows), np.ones((9, 9)))


@hard.check
def check_cross_entropy(mine, rng):
    """-log of the true class' probability; of mixed labels the weighted mean; one number an example."""
    logits, labels = rng.normal(0, 2, (5, 3)).astype("float32"), rng.integers(0, 3, 5)
    expected = slow_distillation.cross_entropy(labels, logits)
    attempt = "the function for integers, with from_logits=True; no softmax before, no mean after"
    for integers in (labels, labels[:, None]):
        what = f"losses of integers of shape {integers.shape}"
        close_to(mine.cross_entropy(integers, logits), expected, 1e-4, what, attempt)
    attempt = "categorical_crossentropy, from_logits=True, on labels cast to float32"
    one_hot = np.eye(3, dtype="int64")[labels]
    close_to(mine.cross_entropy(one_hot, logits), expected, 1e-4, "losses of one-hot labels", attempt)
    mixed = rng.dirichlet(np.ones(3), 5).astype("float32")
    expected = -(mixed * slow_distillation.log_softmax(logits)).sum(axis=1)
    close_to(mine.cross_entropy(mixed, logits), expected, 1e-4, "losses of mixed labels", attempt)
    lead = float(rng.integers(500, 1500))
    attempt = "give the logits to Keras as they are: a softmax would round 1 - p to 0"
    for labels in (np.array([1]), np.eye(2)[[1]]):
        received = mine.cross_entropy(labels, np.array([[lead, 0.0]], "float32"))
        close_to(received, [lead], 1e-2, f"loss where a wrong class leads by {lead:g}", attempt)


@divergence.check
def check_divergence(mine, rng):
    """It is the sum written out, at several temperatures; 0 for logits that differ by a constant."""
    teacher, student = rng.normal(0, 2, (2, 4, 5)).astype("float32")
    for temperature in (0.5, 1.0, float(rng.uniform(2, 5))):
        found = mine.distillation_loss(teacher, student, temperature)
        expected = slow_distillation.divergence(teacher, student, temperature)
        close_to(found, expected, 1e-4, f"losses at T = {temperature:g}", "T^2 sum_k p_k (log p_k - log q_k)")
    found = mine.distillation_loss(teacher, teacher + 7, 3.0)
    close_to(found, np.zeros(4), 1e-4, "losses of the teacher's own logits", "log p - log q, not -log q")
    lead = float(rng.integers(5_000, 15_000))
    logits = np.array([[lead, 0.0]], "float32")
    found = mine.distillation_loss(logits, logits[:, ::-1].copy(), 1.0)
    close_to(found, [lead], 1.0, "loss of large logits", "take log_softmax, not the logarithm of a softmax")
