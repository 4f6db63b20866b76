"""Distillation: a small network learns the probabilities that a large one gives to every class.

Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", arXiv:1503.02531, section 2.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.training.freezing import set_trainable


def soft_labels(logits, temperature):
    """Probabilities of all classes at a temperature: the higher it is, the more even they are.

        p_k = exp(z_k / T) / sum_j exp(z_j / T)                                              (eq. 1)

    Args:
        logits: (N, classes), before the softmax, in any float dtype; they are computed with in float32.
        temperature: T, above 0; 1 is the plain softmax.

    Returns:
        (N, classes) float32, rows that sum to 1.
    """
    return ops.softmax(ops.cast(logits, "float32") / temperature, axis=-1)


def cross_entropy(labels, logits):
    """Cross-entropy of each example, -sum_k y_k log softmax(z)_k, finite for logits of any size.

    Args:
        labels: (N,) or (N, 1) integers, or (N, classes) probabilities, such as one-hot or mixed labels, of any dtype.
        logits: (N, classes), before the softmax.

    Returns:
        (N,) float32.
    """
    logits = ops.cast(logits, "float32")
    if len(labels.shape) == 2 and labels.shape[-1] == logits.shape[-1] and logits.shape[-1] > 1:
        return keras.losses.categorical_crossentropy(ops.cast(labels, "float32"), logits, from_logits=True)
    labels = ops.reshape(labels, (-1,))
    return keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)


def distillation_loss(teacher_logits, student_logits, temperature):
    """Divergence of the student's softened probabilities from the teacher's, of each example.

        p = softmax(teacher / T),  q = softmax(student / T)
        loss = T^2 KL(p || q) = T^2 sum_k p_k (log p_k - log q_k)

    The gradient of KL falls as 1 / T^2; the factor T^2 makes up for it, so that the temperature can be
    changed without weighing this loss anew against the one of the labels (the paper, end of section 2).

    Args:
        teacher_logits, student_logits: (N, classes), before the softmax; logits of 10,000 stay finite.
        temperature: T, above 0; the higher it is, the more the small probabilities count.

    Returns:
        (N,) float32, 0 or more; 0 where the logits differ by a constant.
    """
    teacher = ops.log_softmax(ops.cast(teacher_logits, "float32") / temperature, axis=-1)
    student = ops.log_softmax(ops.cast(student_logits, "float32") / temperature, axis=-1)
    return temperature**2 * ops.sum(ops.exp(teacher) * (teacher - student), axis=-1)


def gradient_sizes(teacher_logits, student_logits, temperature):
    """Norm of the gradient of `distillation_loss` by the student's logits, ||T (q - p)||, of each example.

    Args:
        teacher_logits, student_logits: (N, classes), before the softmax.
        temperature: T, above 0.

    Returns:
        (N,) float32.
    """
    p, q = (soft_labels(logits, temperature) for logits in (teacher_logits, student_logits))
    return ops.norm(temperature * (q - p), axis=-1)


@keras.saving.register_keras_serializable("keras_cv_course")
class Distiller(keras.Model):
    """Trains a student on labels and on a teacher's logits, by plain `compile` and `fit`.

        loss = alpha * cross-entropy(labels, student) + (1 - alpha) * T^2 KL(teacher_T || student_T)

    Both parts are means over the batch; sample weights multiply both before the mean, and the student's
    regularization losses are added. The teacher is frozen and always in inference mode: nothing of it changes,
    batch norm's moving statistics included, and no gradient flows into it even if somebody thaws it. It stays
    frozen afterwards; `set_trainable` thaws it. The student is the model that was given, so it is there when `fit`
    is done: `distiller.student.predict(images)`. Compile it with an optimizer and metrics, without a loss; the
    history shows both parts beside their sum, `student_loss` and `distillation_loss`. With alpha = 0 no labels are
    needed.

    Args:
        teacher, student: classifiers, images -> logits (N, classes) without softmax.
        temperature: T, above 0. The paper found 2.5 to 4 best for small students, 20 for wide ones.
        alpha: weight of the labels, from 0 (teacher only) to 1 (labels only).

    Call:
        images -> the student's logits (N, classes).

    Raises:
        InputError: an argument is out of its range; teacher and student are one model, or differ in their classes;
            one of them ends with a softmax; or labels are missing where alpha is above 0.
    """

    def __init__(self, teacher, student, temperature=4.0, alpha=0.1, **kwargs):
        super().__init__(**kwargs)
        if not 0 < temperature < float("inf"):
            raise InputError(f"the temperature is a positive number, received {temperature}")
        if not 0 <= alpha <= 1:
            raise InputError(f"alpha, the weight of the labels, is in [0, 1], received {alpha}")
        if teacher is student:
            raise InputError("teacher and student are the same model; build a second one for the student")
        for role, model in (("teacher", teacher), ("student", student)):
            last = model.layers[-1] if getattr(model, "layers", None) else None
            softmax = getattr(last, "activation", None) is keras.activations.softmax
            if softmax or isinstance(last, keras.layers.Softmax):
                raise InputError(
                    f"the {role} must give logits, its last layer {last.name!r} ends with a softmax; leave "
                    "that softmax out"
                )
        self.teacher = teacher
        self.student = student
        self.temperature = temperature
        self.alpha = alpha
        set_trainable(teacher, False)
        self.hard_mean = keras.metrics.Mean(name="student_loss")
        self.soft_mean = keras.metrics.Mean(name="distillation_loss")

    def build(self, input_shape):
        for model in (self.teacher, self.student):
            if not model.built:
                model.build(input_shape)
        self.built = True

    def call(self, images, training=False):
        return self.student(images, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        teacher_logits = ops.stop_gradient(self.teacher(x, training=False))
        if teacher_logits.shape[-1] != y_pred.shape[-1]:
            raise InputError(
                "teacher and student must know the same classes, received logits of shapes "
                f"{tuple(teacher_logits.shape)} and {tuple(y_pred.shape)}"
            )
        if y is None and self.alpha > 0:
            raise InputError(f"alpha={self.alpha} weighs labels, received none; take alpha=0 or give labels")
        soft = distillation_loss(teacher_logits, y_pred, self.temperature)
        hard = ops.zeros_like(soft) if y is None else cross_entropy(y, y_pred)
        if sample_weight is not None:
            weight = ops.reshape(ops.cast(sample_weight, "float32"), (-1,))
            hard, soft = hard * weight, soft * weight
        hard, soft = ops.mean(hard), ops.mean(soft)
        self.hard_mean.update_state(hard)
        self.soft_mean.update_state(soft)
        penalties = sum(ops.sum(penalty) for penalty in self.student.losses)  # of its regularizers
        return self.alpha * hard + (1 - self.alpha) * soft + penalties

    def get_config(self):
        return {
            **super().get_config(),
            "teacher": keras.saving.serialize_keras_object(self.teacher),
            "student": keras.saving.serialize_keras_object(self.student),
            "temperature": self.temperature,
            "alpha": self.alpha,
        }

    @classmethod
    def from_config(cls, config):
        models = {
            name: keras.saving.deserialize_keras_object(config[name]) for name in ("teacher", "student")
        }
        return cls(**{**config, **models})
