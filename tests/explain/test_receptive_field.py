import keras
import numpy as np
import pytest

from keras_cv_course.classify.efficientnet_lite import EfficientNetLite
from keras_cv_course.classify.se_resnet import SEResNet
from keras_cv_course.classify.vgg import VGG
from keras_cv_course.errors import InputError
from keras_cv_course.explain.input_gradient import input_gradient
from keras_cv_course.explain.receptive_field import (
    ReceptiveField,
    Span,
    next_span,
    receptive_field,
    receptive_fields,
    same_padding,
)


def test_published_fields():
    """FACTS.md: VGG16 sees 196 pixels at conv5_3 and 212 at pool5."""
    model = VGG.vgg16(filters=(1, 1, 1, 1, 1), units=(1,), classes=1)
    model.build((None, 224, 224, 3))
    fields = receptive_fields(model, (224, 224, 3))
    assert [fields[name].rows.size for name in ("conv5_3", "pool5")] == [196, 212]


def test_the_first_layers_by_hand():
    stem = next_span(Span(1, 0, 1), kernel=3, stride=2, padding=1)
    assert stem == Span(2, -1, 3)
    assert next_span(stem, kernel=3, dilation=2, padding=2) == Span(2, -5, 11)
    assert ReceptiveField(stem, Span(1, 0, 1)).box(3, 4) == (5, 4, 8, 5)
    assert [same_padding(n, 3, 2) for n in (8, 9)] == [0, 1]


def random_network(rng):
    """Convolutions, poolings, borders and a branch of random sizes; all weights positive, so nothing cancels."""
    layers = keras.layers
    image = features = keras.Input((45, 61, 1))
    for _ in range(4):
        stride = int(rng.integers(1, 3))
        kernel = int(rng.integers(stride, 5))
        padding = ["same", "valid"][rng.integers(2)]
        kind = rng.integers(4)
        if kind == 0:
            features = layers.Conv2D(2, (kernel, 3), stride, padding, kernel_initializer="ones")(features)
        elif kind == 1:
            features = layers.AveragePooling2D(kernel, stride, padding)(features)
        elif kind == 2:
            features = layers.ZeroPadding2D(((1, 2), (0, 3)))(features)
        else:
            wide = layers.DepthwiseConv2D(5, padding="same", depthwise_initializer="ones")(features)
            features = layers.Add()([features, wide])
    return keras.Model(image, layers.Activation("linear", name="end")(features))


@pytest.mark.parametrize("seed", range(12))
def test_the_arithmetic_is_the_extent_of_the_gradient(seed):
    rng = np.random.default_rng(seed)
    model = random_network(rng)
    field = receptive_field(model, (45, 61, 1), "end")
    image = rng.uniform(0.5, 1, (1, 45, 61, 1)).astype("float32")
    rows, columns = model.output_shape[1:3]
    for row, column in ((0, 0), (rows // 2, columns // 2), (rows - 1, columns - 1)):
        gradient = input_gradient(
            lambda x, row=row, column=column: keras.ops.sum(model(x)[:, row, column], axis=-1), image
        )
        seen = np.argwhere(np.abs(gradient[0, ..., 0]) > 0)
        top, left, bottom, right = field.box(row, column)
        expected = [max(top, 0), max(left, 0), min(bottom, 45) - 1, min(right, 61) - 1]
        first, last = (
            (seen.min(axis=0), seen.max(axis=0)) if len(seen) else (np.array([99, 99]), np.array([-1, -1]))
        )
        if (row, column) == (rows // 2, columns // 2):
            assert [*first, *last] == expected
        else:  # at the edges some of what a unit sees are zeros
            assert (first >= expected[:2]).all() and (last <= expected[2:]).all()


def test_fields_inside_composite_layers_and_behind_gates():
    model = EfficientNetLite.small()
    model.build((None, 32, 32, 3))
    fields = receptive_fields(model, (32, 32, 3))
    assert fields["stem"].rows == Span(1, -1, 3) and fields["stage1_block1"] == fields["stage1"]
    gated = SEResNet.small(classes=2)
    gated.build((None, 32, 32, 3))
    assert "units see the whole image" in receptive_fields(gated, (32, 32, 3))["features"]


def test_a_layer_without_a_field_is_refused():
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((8, 8, 1)),
        layers.Conv2D(2, 3, name="conv"),
        layers.GlobalAveragePooling2D(name="pool"),
        layers.Dense(2, name="logits"),
    ])  # fmt: skip
    assert receptive_field(model, (8, 8, 1), "conv").rows.size == 3
    with pytest.raises(InputError, match="'logits' has no receptive field: behind 'pool'"):
        receptive_field(model, (8, 8, 1), "logits")
    with pytest.raises(InputError, match="no layer 'nothing'; choose one of: .*conv, pool, logits"):
        receptive_field(model, (8, 8, 1), "nothing")
