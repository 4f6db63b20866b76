import keras
import numpy as np
import pytest

from keras_cv_course.classify.vgg import VGG
from keras_cv_course.errors import InputError
from keras_cv_course.training.imagenet_weights import (
    ADDRESS,
    PUBLISHED,
    copy_from_keras,
    copy_to_keras,
    imagenet_model,
    keras_application,
    preprocess,
)

images = np.random.default_rng(0).random((1, 32, 32, 3), dtype="float32")


@pytest.mark.parametrize("top", [True, False])
@pytest.mark.parametrize("name", PUBLISHED)
def test_without_network_and_file_the_error_says_which_file_goes_where(name, top, keras_home):
    with keras.StatelessScope(initialize_variables=False):  # a model without numbers, in no time
        with pytest.raises(InputError, match="no network and no cached file") as caught:
            imagenet_model(name, top=top)
    row = PUBLISHED[name]
    file = row.file if top else row.file_without_top
    assert f"put it at {keras_home}/models/{file}" in str(caught.value)
    # Once in what Keras said when it tried, once in what to do.
    assert str(caught.value).count(f"{ADDRESS}{row.folder}{file}") == 2


def test_a_damaged_file_is_named_and_kept(keras_home):
    path = keras_home / "models" / PUBLISHED["vgg16"].file_without_top
    path.parent.mkdir()
    path.write_bytes(b"half a file")
    with pytest.raises(InputError, match=f"corrupt file: {path}"):
        imagenet_model("vgg16", top=False, size=32)
    assert path.read_bytes() == b"half a file"


def test_a_file_of_weights_gives_the_features_and_a_fresh_last_layer(tmp_path):
    theirs = keras_application("vgg16", weights=None, top=False, size=32)
    theirs.save_weights(tmp_path / "vgg16.weights.h5")
    ours = imagenet_model("vgg16", tmp_path / "vgg16.weights.h5", top=False, classes=2, size=32)
    assert ours(images).shape == (1, 2)
    np.testing.assert_allclose(
        np.asarray(ours.endpoints(images)["features"]), np.asarray(theirs(images)), atol=1e-5
    )
    with pytest.raises(InputError, match="does not hold weights of vgg19"):
        imagenet_model("vgg19", tmp_path / "vgg16.weights.h5", top=False, size=32)


def test_preprocess_of_the_caffe_networks_is_blue_green_red_less_the_mean():
    kept = images.copy()
    expected = 255 * images[..., ::-1] - np.array([103.939, 116.779, 123.68])
    for name in ("vgg16", "vgg19", "resnet50"):
        np.testing.assert_allclose(preprocess(name, images), expected, rtol=0, atol=1e-3)
        tensor = preprocess(name, keras.ops.convert_to_tensor(images))
        np.testing.assert_allclose(np.asarray(tensor), expected, rtol=0, atol=1e-3)
    np.testing.assert_array_equal(images, kept)


def test_bad_arguments():
    with pytest.raises(InputError, match="'vgg11'; choose one of: vgg16, vgg19, resnet50"):
        imagenet_model("vgg11")
    with pytest.raises(InputError, match="'vgg11'"):
        preprocess("vgg11", images)
    with pytest.raises(InputError, match="got 10 classes and size 224: set top=False"):
        imagenet_model("vgg16", classes=10)
    with pytest.raises(InputError, match="got 1000 classes and size 64"):
        imagenet_model("vgg16", size=64)
    with pytest.raises(InputError, match="path of a file, got 'nowhere.h5'"):
        imagenet_model("vgg16", "nowhere.h5")


def test_models_that_do_not_fit_are_refused_before_anything_is_copied():
    theirs = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3, padding="same", name="block1_conv1")]
    )
    ours = VGG((1,), (5,), units=(2, 2), classes=2)
    ours.build((None, 8, 8, 3))
    before = ours.get_weights()
    for copy in (
        lambda: copy_from_keras("vgg16", theirs, ours),
        lambda: copy_to_keras("vgg16", ours, theirs),
    ):
        with pytest.raises(InputError, match=r"'block1_conv1' has weights of shapes .*\(3, 3, 3, 4\)"):
            copy()
    stranger = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(5, 3, name="other")])
    with pytest.raises(InputError, match="no counterpart of their layer 'other'"):
        copy_from_keras("vgg16", stranger, ours)
    for old, new in zip(before, ours.get_weights()):
        np.testing.assert_array_equal(old, new)
