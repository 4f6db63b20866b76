"""A lesson of a second, with all that a training on several devices could get wrong.

`python -m tests.lesson.devices.small_lesson --devices 2 --epochs 3`: batch normalisation, a loss of the model's own, a
last batch of 1 row in training and of 13 in validation, regularisation, batches after a map.
"""

import json

import keras
import numpy as np

from keras_cv_course.lesson import lesson
from keras_cv_course.lesson.start import load_keras_quietly

ROWS, VALIDATION, PER_BATCH = 33, 45, 16


@keras.saving.register_keras_serializable("tests")
class OwnLoss(keras.Model):
    """Convolution, batch normalisation, and a loss that names no Keras loss."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.convolution = keras.layers.Conv2D(4, 3, kernel_regularizer=keras.regularizers.L2(0.1))
        self.normalisation = keras.layers.BatchNormalization(momentum=0.5)
        self.pooling = keras.layers.GlobalAveragePooling2D()
        self.out = keras.layers.Dense(1)

    def build(self, shape):
        self.convolution.build(shape)
        self.normalisation.build((None, None, None, 4))
        self.out.build((None, 4))
        self.built = True

    def call(self, images, training=False):
        normal = self.normalisation(self.convolution(images), training=training)
        return self.out(self.pooling(keras.ops.relu(normal)))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return keras.ops.mean((y_pred - y) ** 2) + sum(self.losses)


@keras.saving.register_keras_serializable("tests")
class KerasLoss(OwnLoss):
    """The same network with the loss that it is compiled with."""

    compute_loss = keras.Model.compute_loss


@lesson(quick=dict(), full=dict(), targets={})
def small(run, epochs: int = 2, own_loss: bool = True):
    """Fit brightness.

    Args:
        epochs: passes.
        own_loss: whether the loss is the model's own.

    Metrics:
        loss: of the last epoch.
    """
    # %% All of it.
    images = run.rng.normal(size=(ROWS + VALIDATION, 8, 8, 3)).astype("float32")
    targets = images.mean((1, 2))[:, :1] * np.float32(10)
    model = OwnLoss() if own_loss else KerasLoss()
    model.build((None, 8, 8, 3))
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), loss="mse", metrics=["mae"], **run.compile_options)
    batches = run.batches(images[:ROWS], targets[:ROWS], batch_size=PER_BATCH).map(lambda x, y: (2 * x, y))
    held_out = images[ROWS:], targets[ROWS:]
    model.fit(batches, epochs=epochs, validation_data=held_out, callbacks=run.callbacks(), verbose=0)
    history = run.history()
    predicted = model.predict(images[:35], verbose=0)
    called = keras.ops.convert_to_numpy(model(images[:35]))
    run.metrics(loss=history["loss"][-1])
    run.save(model, (None, 8, 8, 3))
    after = model.predict(images[:35], verbose=0)
    np.testing.assert_allclose(called, predicted, atol=1e-5)
    np.testing.assert_allclose(after, predicted, atol=1e-5)
    weights = [keras.ops.convert_to_numpy(variable).tolist() for variable in model.variables]
    with open(run.work / "found.json", "w") as file:
        json.dump({"history": history, "weights": weights, "predicted": predicted.tolist()}, file)


if __name__ == "__main__":
    load_keras_quietly(together=True)
    small.main()
