import keras
import numpy as np
import pytest

from keras_cv_course.training.freezing import set_trainable


class Nest(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = keras.Sequential([keras.layers.Dense(2), keras.layers.BatchNormalization()])

    def build(self, input_shape):
        self.inner.build(input_shape)
        self.built = True

    def call(self, inputs, training=False):
        return self.inner(inputs, training=training)


@pytest.mark.parametrize("built", (True, False))
@pytest.mark.parametrize("trainable", (True, False))
def test_all_layers_follow_whatever_the_model_was_before(built, trainable):
    for before in (True, False):
        model = Nest(trainable=before)
        if built:
            model.build((None, 3))
        set_trainable(model, trainable)
        model.build((None, 3))
        layers = [model, model.inner, *model.inner.layers]
        assert [layer.trainable for layer in layers] == [trainable] * 4
        outer = keras.Sequential([model])
        assert len(outer.trainable_weights) == (4 if trainable else 0)


def test_frozen_batch_norm_keeps_its_statistics_even_in_training_mode():
    model = Nest()
    model.build((None, 3))
    set_trainable(model, False)
    model(np.full((5, 3), 7.0, "float32"), training=True)
    np.testing.assert_array_equal(model.inner.layers[1].moving_mean, [0, 0])


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="seen on TensorFlow")
def test_keras_ignores_a_value_that_is_already_there():
    """The reason for `set_trainable`. When this fails, Keras has changed, and the function can go."""
    model = Nest(trainable=False)
    model.trainable = False
    assert model.inner.trainable
