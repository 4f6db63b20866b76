import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.training.distillation import (
    Distiller,
    cross_entropy,
    distillation_loss,
    gradient_sizes,
    soft_labels,
)
from tests.harness import (
    Case,
    by_path,
    compiled_equals_eager,
    every_weight_learns,
    mixed_precision,
    saved_and_loaded,
)

rng = np.random.default_rng(20261122)
IMAGES = rng.random((12, 8), dtype="float32")  # small enough to be given as vectors
LABELS = rng.integers(0, 3, 12)


def network(units, classes=3, dropout=0.0, regularizer=None):
    """A classifier with batch norm, whose moving statistics training would move."""
    return keras.Sequential(
        [
            keras.layers.Input((8,)),
            keras.layers.Dense(units, use_bias=False, kernel_regularizer=regularizer),
            keras.layers.BatchNormalization(momentum=0.5),
            keras.layers.Activation("relu"),
            keras.layers.Dropout(dropout, seed=1),
            keras.layers.Dense(classes, dtype="float32"),
        ]
    )


def softmax(logits):
    odds = np.exp(np.asarray(logits, "float64"))
    return odds / odds.sum(axis=-1, keepdims=True)


def expected_loss(teacher_logits, student_logits, labels, temperature, alpha):
    """The formula in NumPy, each example."""
    p, q = softmax(teacher_logits / temperature), softmax(student_logits / temperature)
    hard = -np.log(softmax(student_logits)[np.arange(len(labels)), labels])
    soft = temperature**2 * np.sum(p * np.log(p / q), axis=-1)
    return alpha * hard + (1 - alpha) * soft


def numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def test_soft_labels_by_hand():
    """Odds of 9 to 1 are 3 to 1 at T = 2; the order of the classes stays, however hot."""
    logits = np.array([[np.log(9), 0.0], [0.0, 1e4]], "float32")
    np.testing.assert_allclose(numpy(soft_labels(logits, 1.0)), [[0.9, 0.1], [0, 1]], atol=1e-6)
    np.testing.assert_allclose(numpy(soft_labels(logits, 2.0)), [[0.75, 0.25], [0, 1]], atol=1e-6)
    found = numpy(soft_labels(logits, 1e6))
    np.testing.assert_allclose(found[0], [0.5, 0.5], atol=1e-5)
    assert found[0, 0] > found[0, 1]


def test_the_loss_by_hand():
    """T = 2: the teacher thinks 3/4 to 1/4, the student cannot tell. KL = 3/4 ln 3/2 + 1/4 ln 1/2."""
    teacher, student = np.array([[2 * np.log(3), 0.0]]), np.zeros((1, 2))
    expected = 4 * (0.75 * np.log(1.5) + 0.25 * np.log(0.5))
    np.testing.assert_allclose(numpy(distillation_loss(teacher, student, 2.0)), [expected], rtol=1e-6)
    # KL is not symmetric: with the two swapped it is 1/2 ln 2/3 + 1/2 ln 2.
    swapped = 4 * 0.5 * (np.log(2 / 3) + np.log(2))
    np.testing.assert_allclose(numpy(distillation_loss(student, teacher, 2.0)), [swapped], rtol=1e-6)
    assert abs(expected - swapped) > 0.02
    np.testing.assert_allclose(numpy(distillation_loss(teacher, teacher, 2.0)), [0.0], atol=1e-7)


def test_huge_logits_neither_overflow_nor_vanish():
    loss = numpy(distillation_loss(np.array([[1e4, 0.0]]), np.array([[0.0, 1e4]]), 1.0))
    np.testing.assert_allclose(loss, [1e4], rtol=1e-6)


def test_cross_entropy_takes_integers_columns_one_hot_and_mixed_labels():
    logits = np.array([[2.0, 0.0, -1.0], [0.0, 1.0, 0.0]], "float32")
    logs = np.log(softmax(logits))
    expected = -logs[[0, 1], [2, 1]]
    for labels in (np.array([2, 1]), np.array([[2], [1]]), np.eye(3)[[2, 1]], np.eye(3, dtype=int)[[2, 1]]):
        np.testing.assert_allclose(numpy(cross_entropy(labels, logits)), expected, rtol=1e-6)
    mixed = np.array([[0.25, 0.0, 0.75], [0.0, 1.0, 0.0]])
    np.testing.assert_allclose(numpy(cross_entropy(mixed, logits)), -(mixed * logs).sum(axis=1), rtol=1e-6)


def logits_as_weights(logits):
    """A model whose only weights are its logits: the input is 1, the kernel the logits."""
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(len(logits), use_bias=False)])
    model.layers[0].kernel.assign([logits])
    return model


def gradient(teacher, student, temperature):
    """What one step of gradient descent at rate 1 takes off the student's logits."""
    student = logits_as_weights(student)
    before = numpy(student.layers[0].kernel).copy()
    distiller = Distiller(logits_as_weights(teacher), student, temperature=temperature, alpha=0.0)
    distiller.compile(keras.optimizers.SGD(1.0))
    distiller.fit(np.ones((1, 1)), np.zeros(1, int), verbose=0)
    return (before - numpy(student.layers[0].kernel))[0]


def test_the_gradient_is_the_paper_s_and_hardly_depends_on_the_temperature():
    """T^2 dKL/dz = T (q - p), which for a high T is (z - v) / K for logits of mean 0: eq. 2 to 4."""
    teacher, student = np.array([4.0, -1.0, -3.0], "float32"), np.array([0.5, 1.0, -1.5], "float32")
    sizes = {}
    for temperature in (1.0, 5.0, 50.0):
        found = gradient(teacher, student, temperature)
        expected = temperature * (softmax(student / temperature) - softmax(teacher / temperature))
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
        sizes[temperature] = np.linalg.norm(found)
    np.testing.assert_allclose(found, (student - teacher) / 3, rtol=0.1)  # the last, T = 50
    # Without the factor T^2 the last would be 2,500 times weaker than the first.
    assert 0.5 < sizes[50.0] / sizes[5.0] < 2 and 0.3 < sizes[50.0] / sizes[1.0] < 3


@pytest.fixture
def pair():
    keras.utils.set_random_seed(5)
    return network(8), network(4)


def compiled(distiller, optimizer="adam", **options):
    distiller.compile(optimizer, jit_compile=False, **options)
    return distiller


def test_fit_reports_the_loss_and_its_two_parts(pair):
    teacher, student = pair
    distiller = compiled(Distiller(teacher, student, temperature=3.0, alpha=0.3))
    found = distiller.evaluate(IMAGES, LABELS, verbose=0, return_dict=True)
    logits = [numpy(model(IMAGES, training=False)) for model in pair]
    expected = {
        "loss": expected_loss(*logits, LABELS, 3.0, 0.3).mean(),
        "student_loss": expected_loss(*logits, LABELS, 3.0, 1.0).mean(),
        "distillation_loss": expected_loss(*logits, LABELS, 3.0, 0.0).mean(),
    }
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-5), name
    # In another order of teacher and student it is another loss.
    other = Distiller(student, teacher, temperature=3.0, alpha=0.3)
    swapped = compiled(other).evaluate(IMAGES, LABELS, verbose=0, return_dict=True)
    assert abs(swapped["loss"] / found["loss"] - 1) > 0.01


def test_metrics_start_anew_in_each_epoch_and_accuracy_is_the_student_s(pair):
    teacher, student = pair
    distiller = compiled(Distiller(teacher, student, alpha=0.5), "sgd", metrics=["accuracy"])
    first, again = (distiller.evaluate(IMAGES, LABELS, verbose=0, return_dict=True) for _ in range(2))
    assert first == again
    right = numpy(student(IMAGES)).argmax(axis=1) == LABELS
    assert first["accuracy"] == pytest.approx(right.mean())
    np.testing.assert_array_equal(distiller.predict(IMAGES, verbose=0), student.predict(IMAGES, verbose=0))


def test_nothing_of_the_teacher_changes_and_all_of_the_student_does():
    keras.utils.set_random_seed(5)
    teacher, student = network(8, dropout=0.5), network(4)
    teacher.compile("adam", "sparse_categorical_crossentropy")
    before = {model: by_path(model) for model in (teacher, student)}
    compiled(Distiller(teacher, student, alpha=0.5), keras.optimizers.SGD(1.0)).fit(
        IMAGES, LABELS, epochs=3, batch_size=6, verbose=0
    )
    for path, value in by_path(teacher).items():
        np.testing.assert_array_equal(value, before[teacher][path], err_msg=path)
    for path, value in by_path(student).items():
        if "seed" not in path:
            assert (value != before[student][path]).any(), path
    assert not teacher.trainable_weights


def test_the_teacher_has_no_dropout_while_the_student_trains():
    """At alpha 0 a student that is the teacher's copy has nothing to learn, unless the teacher were noisy."""
    keras.utils.set_random_seed(5)
    teacher = network(8, dropout=0.9)
    student = keras.models.clone_model(teacher)
    student.set_weights(teacher.get_weights())
    for layer in student.layers:  # the copy without noise: no dropout, batch norm's moving statistics
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    history = compiled(Distiller(teacher, student, alpha=0.0)).fit(IMAGES, LABELS, verbose=0).history
    assert history["distillation_loss"][0] == pytest.approx(0, abs=1e-6)


def test_it_is_keras_own_distiller(pair):
    """`keras.distillation.Distiller` with the same numbers: the same losses and the same student."""
    teacher, student = pair
    twin = keras.models.clone_model(student)
    twin.set_weights(student.get_weights())
    ours = compiled(Distiller(teacher, student, temperature=3.0, alpha=0.4), keras.optimizers.SGD(0.5))
    # With the class; its default, the name "kl_divergence", is another loss: see the next test.
    divergence = keras.distillation.LogitsDistillation(temperature=3.0, loss=keras.losses.KLDivergence())
    theirs = keras.distillation.Distiller(teacher, twin, divergence, student_loss_weight=0.4)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    theirs.compile(keras.optimizers.SGD(0.5), loss=loss, jit_compile=False)
    for model in (ours, theirs):
        model.fit(IMAGES, LABELS, batch_size=4, epochs=3, shuffle=False, verbose=0)
    for name in ("loss", "student_loss", "distillation_loss"):
        np.testing.assert_allclose(ours.history.history[name], theirs.history.history[name], rtol=1e-4)
    for mine, other in zip(student.get_weights(), twin.get_weights()):
        np.testing.assert_allclose(mine, other, rtol=0, atol=1e-5)


def test_keras_own_loss_leaves_softmax_and_square_out_by_default():
    """Keras 3.15: `LogitsDistillation()` takes the divergence of the bare logits. One reason for ours."""
    teacher, student = np.array([[1.0, 2.0, 0.0]], "float32"), np.array([[0.0, -1.0, 2.0]], "float32")
    ours = float(numpy(distillation_loss(teacher, student, 3.0))[0])
    right = keras.distillation.LogitsDistillation(3.0, loss=keras.losses.KLDivergence())
    assert float(right.compute_loss(teacher, student)) == pytest.approx(ours, rel=1e-5)
    assert float(keras.distillation.LogitsDistillation(3.0).compute_loss(teacher, student)) > 5 * ours


def test_labels_alone_are_plain_training(pair):
    teacher, student = pair
    twin = keras.models.clone_model(student)
    twin.set_weights(student.get_weights())
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    twin.compile(keras.optimizers.SGD(0.5), loss=loss, jit_compile=False)
    ours = compiled(Distiller(teacher, student, alpha=1.0), keras.optimizers.SGD(0.5))
    for model in (ours, twin):
        model.fit(IMAGES, LABELS, batch_size=4, epochs=2, shuffle=False, verbose=0)
    for mine, other in zip(student.get_weights(), twin.get_weights()):
        np.testing.assert_allclose(mine, other, rtol=0, atol=1e-6)


def test_weights_of_examples_count():
    keras.utils.set_random_seed(5)
    pair = network(8), network(4)
    distiller = compiled(Distiller(*pair, temperature=2.0, alpha=0.3))
    weights = np.linspace(0, 2, 12)
    found = distiller.evaluate(IMAGES, LABELS, sample_weight=weights, batch_size=12, verbose=0)
    logits = [numpy(model(IMAGES)) for model in pair]
    expected = np.mean(weights * expected_loss(*logits, LABELS, 2.0, 0.3))
    np.testing.assert_allclose(found[0], expected, rtol=1e-5)


def test_the_student_s_regularizers_count():
    keras.utils.set_random_seed(5)
    teacher, student = network(8, regularizer="l2"), network(4, regularizer=keras.regularizers.L2(0.5))
    found = compiled(Distiller(teacher, student, alpha=0.5)).evaluate(
        IMAGES, LABELS, verbose=0, return_dict=True
    )
    penalty = 0.5 * np.sum(numpy(student.layers[0].kernel) ** 2)
    parts = 0.5 * found["student_loss"] + 0.5 * found["distillation_loss"]
    assert found["loss"] == pytest.approx(parts + penalty, rel=1e-5)


def test_without_labels_the_teacher_is_enough(pair):
    distiller = compiled(Distiller(*pair, alpha=0.0), keras.optimizers.Adam(0.05))
    history = distiller.fit(IMAGES, epochs=20, verbose=0).history
    assert history["loss"][-1] < 0.5 * history["loss"][0]
    with pytest.raises(InputError, match="alpha=0.5 weighs labels, received none"):
        compiled(Distiller(network(8), network(4), alpha=0.5)).fit(IMAGES, verbose=0)


@keras.saving.register_keras_serializable("test")
class SmallClassifier(keras.Model):
    """A classifier as this project writes them: it has no weights before it is built."""

    def __init__(self, units=2, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.dense = keras.layers.Dense(units)
        self.norm = keras.layers.BatchNormalization(momentum=0.5)
        self.head = keras.layers.Dense(3, dtype="float32")

    def build(self, input_shape):
        self.dense.build(input_shape)
        self.norm.build((None, self.units))
        self.head.build((None, self.units))
        self.built = True

    def call(self, images, training=False):
        return self.head(keras.ops.relu(self.norm(self.dense(images), training=training)))

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def small(units):
    """It comes built, as trained ones do."""
    model = SmallClassifier(units)
    model.build((None, 8))
    return model


def case():
    return Case(
        make=lambda: Distiller(small(8), small(4), temperature=2.5, alpha=0.7),
        inputs=IMAGES,
        targets=LABELS,
        signature=(None, 8),
    )


def test_saved_and_loaded(tmp_path):
    """Both models' weights come back by path, and the next step is that of an uninterrupted run."""
    saved_and_loaded(case(), tmp_path)
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert (loaded.temperature, loaded.alpha) == (2.5, 0.7)
    assert len(loaded.weights) == 2 * 8 and not loaded.teacher.trainable_weights


def test_every_weight_of_the_student_learns():
    every_weight_learns(case())


def test_compiled_equals_eager():
    compiled_equals_eager(case())


def test_mixed_precision():
    mixed_precision(case())


def test_bad_arguments(pair):
    teacher, student = pair
    for temperature in (0, -1, float("nan"), float("inf")):
        with pytest.raises(InputError, match="the temperature is a positive number"):
            Distiller(teacher, student, temperature=temperature)
    for alpha in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match="alpha, the weight of the labels"):
            Distiller(teacher, student, alpha=alpha)
    with pytest.raises(InputError, match="the same model"):
        Distiller(teacher, teacher)
    for last in (
        keras.layers.Dense(3, "softmax"),
        keras.layers.Softmax(),
        keras.layers.Activation("softmax"),
    ):
        soft = keras.Sequential([*network(4).layers, last])
        with pytest.raises(InputError, match="the student must give logits, its last layer"):
            Distiller(teacher, soft)
        with pytest.raises(InputError, match="the teacher must give logits"):
            Distiller(soft, student)
    with pytest.raises(InputError, match=r"must know the same classes, received .*, 5\) and .*, 3\)"):
        compiled(Distiller(network(8, classes=5), student)).fit(IMAGES, LABELS, verbose=0)


def test_gradient_sizes_are_those_of_the_losses_gradient():
    """By finite differences of `distillation_loss`, and by eq. 4 of the paper at a high temperature."""
    rng = np.random.default_rng(5)
    teacher, student = rng.normal(0, 2, (2, 4, 5)).astype("float32")
    for temperature in (1.0, 3.0):
        steps = 1e-2 * np.eye(5, dtype="float32")
        ends = [
            np.asarray(distillation_loss(teacher[:, None], student[:, None] + s * steps, temperature))
            for s in (1, -1)
        ]
        expected = np.linalg.norm((ends[0] - ends[1]) / 2e-2, axis=-1)
        np.testing.assert_allclose(gradient_sizes(teacher, student, temperature), expected, rtol=1e-2)
    # Hinton et al., eq. 4: (z - v) / N for centred logits at a high temperature, here after the factor T^2.
    centred = [logits - logits.mean(axis=1, keepdims=True) for logits in (teacher, student)]
    expected = np.linalg.norm(centred[1] - centred[0], axis=1) / 5
    np.testing.assert_allclose(gradient_sizes(*centred, 1000.0), expected, rtol=1e-2)
