import os
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.training.imagenet_backbone import ADDRESS, PUBLISHED, imagenet_backbone, weights_file
from keras_cv_course.training.transfer import TransferClassifier

images = np.random.default_rng(0).random((2, 75, 75, 3), dtype="float32")
MODULES = {
    "vgg16": keras.applications.vgg16,
    "inceptionv3": keras.applications.inception_v3,
    "resnet50": keras.applications.resnet50,
    "mobilenet": keras.applications.mobilenet,
    "mobilenetv2": keras.applications.mobilenet_v2,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_first_layers_do_what_keras_asks_for(name):
    """Plain images through them are what Keras' own preprocess_input makes of 0 to 255."""
    with keras.StatelessScope(initialize_variables=False):  # a model without numbers, in no time
        backbone = imagenet_backbone(name, 75, PUBLISHED[name].widths[0], weights=None)
    (last,) = (layer for layer in backbone.layers if isinstance(layer, keras.layers.Rescaling))
    expected = MODULES[name].preprocess_input(255 * images)
    np.testing.assert_allclose(keras.Model(backbone.inputs[0], last.output)(images), expected, atol=1e-4)


def test_the_rest_is_the_network_of_keras():
    ours = imagenet_backbone("vgg16", 32, weights=None)
    theirs = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    theirs.set_weights(ours.get_weights())
    some = images[:, :32, :32]
    expected = np.asarray(theirs(keras.applications.vgg16.preprocess_input(255 * some)))
    assert expected.std() > 0
    np.testing.assert_allclose(ours(some), expected, atol=1e-4 * np.abs(expected).max())


def test_moving_statistics_of_random_weights_arrive_within_a_short_training():
    """Keras' MobileNetV2 has momentum 0.999: after 200 steps, inference would still see 82 % of their start."""
    norms = [
        layer
        for layer in imagenet_backbone("mobilenetv2", 96, 0.35, weights=None).layers
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert len(norms) == 52 and {layer.momentum for layer in norms} == {0.9}
    norms[0](np.full((4, 2, 2, norms[0].moving_mean.shape[0]), 5.0), training=True)
    np.testing.assert_allclose(norms[0].moving_mean, 0.5, atol=1e-6)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_top_is_a_small_part_at_the_end_and_has_batch_norm_or_convolutions(name):
    with keras.StatelessScope(initialize_variables=False):  # a model without numbers, in no time
        backbone = imagenet_backbone(name, weights=None)
    model = TransferClassifier(backbone, 2)
    layers = model.thaw(PUBLISHED[name].top)
    convolutions = [layer for layer in backbone.layers if "conv" in type(layer).__name__.lower()]
    trains = [layer for layer in convolutions if layer.name in layers]
    assert 3 <= len(trains) < len(convolutions) / 3
    assert trains == convolutions[-len(trains) :]


@pytest.mark.parametrize(("name", "size", "width"), [
    ("vgg16", 224, 1.0), ("inceptionv3", 299, 1.0), ("resnet50", 100, 1.0), ("mobilenet", 160, 0.25),
    ("mobilenet", 200, 1.0), ("mobilenetv2", 96, 0.35), ("mobilenetv2", 224, 1.4),
])  # fmt: skip
def test_without_network_and_file_the_error_says_which_file_goes_where(name, size, width, keras_home):
    with keras.StatelessScope(initialize_variables=False):
        with pytest.raises(InputError, match="no network and no cached file") as caught:
            imagenet_backbone(name, size, width)
    file = weights_file(name, size, width)
    assert f"put it at {keras_home}/models/{file}" in str(caught.value)
    # Once in what Keras said when it tried, once in what to do.
    assert str(caught.value).count(f"{ADDRESS}{PUBLISHED[name].folder}{file}") == 2


def test_a_damaged_file_is_named_and_kept(keras_home):
    path = keras_home / "models" / weights_file("mobilenet", 128, 0.25)
    path.parent.mkdir()
    path.write_bytes(b"half a file")
    with pytest.raises(InputError, match=f"corrupt file: {path}"):
        imagenet_backbone("mobilenet", 128, 0.25)
    assert path.read_bytes() == b"half a file"


HOME = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")


@pytest.mark.parametrize(("name", "width"), [("mobilenet", 0.25), ("mobilenetv2", 0.35)])
def test_real_weights_when_they_are_there(name, width, tmp_path):
    if not (HOME / "models" / weights_file(name, 224, width)).exists():
        pytest.skip(f"{weights_file(name, 224, width)} is not in KERAS_HOME")
    photographs = np.random.default_rng(0).random((1, 224, 224, 3), dtype="float32")
    ours = imagenet_backbone(name, 224, width)
    theirs = getattr(keras.applications, PUBLISHED[name].application)(
        include_top=False, weights="imagenet", alpha=width, input_shape=(224, 224, 3)
    )
    expected = theirs(MODULES[name].preprocess_input(255 * photographs))
    np.testing.assert_allclose(ours(photographs), expected, atol=1e-4)
    model = TransferClassifier(ours, 2)
    model.build((None, 224, 224, 3))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(photographs), model(photographs), atol=1e-5)


def test_bad_arguments():
    with pytest.raises(InputError, match="no backbone is called 'vgg17'; choose one of: vgg16"):
        imagenet_backbone("vgg17")
    with pytest.raises(InputError, match="mobilenet was published with width 0.25, 0.5, 0.75, 1.0"):
        imagenet_backbone("mobilenet", width=0.3)
    with pytest.raises(InputError, match="inceptionv3 needs images of 75 pixels or more, received size 64"):
        imagenet_backbone("inceptionv3", size=64)
