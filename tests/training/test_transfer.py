import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.training.transfer import TransferClassifier, cached_features, fine_tuning, fingerprint
from tests.harness import Case, mixed_precision, saved_and_loaded

rng = np.random.default_rng(20261123)
IMAGES = rng.random((12, 8, 8, 3), dtype="float32")
LABELS = rng.integers(0, 4, 12)
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def backbone(seed=0):
    """Two convolutions with batch norm, as a functional model with named layers."""
    keras.utils.set_random_seed(seed)
    x = images = keras.layers.Input((None, None, 3))
    for index, filters in enumerate((4, 6), start=1):
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"conv{index}")(x)
        x = keras.layers.BatchNormalization(momentum=0.5, name=f"norm{index}")(x)
        x = keras.layers.Activation("relu", name=f"relu{index}")(x)
        x = keras.layers.Dropout(0.5, name=f"drop{index}")(x)
    return keras.Model(images, x)


def classifier(**options):
    model = TransferClassifier(backbone(), classes=4, **options)
    model.build((None, 8, 8, 3))
    return model


def trained(model):
    """Train in large steps on images of another mean; the weights by their path before and after."""
    model.compile(keras.optimizers.SGD(0.1), loss=LOSS, jit_compile=False)
    before = weights(model)
    model.fit(IMAGES + 3, LABELS, epochs=3, batch_size=6, verbose=0)
    return before, weights(model)


def weights(model):
    """{layer/weight: value}."""
    return {
        "/".join(weight.path.split("/")[-2:]): keras.ops.convert_to_numpy(weight) for weight in model.weights
    }


def moved(before, after):
    """Which weights moved."""
    return {path for path in before if (before[path] != after[path]).any()}


HEAD = {"logits/kernel", "logits/bias"}


def test_a_frozen_backbone_does_not_move_neither_do_its_statistics():
    assert moved(*trained(classifier())) == HEAD


def test_the_thawed_top_moves_all_below_stays_and_no_statistics_move():
    model, top = classifier(), {"conv2/kernel", "norm2/gamma", "norm2/beta"}
    assert model.thaw("conv2") == ["conv2", "norm2", "relu2", "drop2"]
    assert moved(*trained(model)) == HEAD | top
    model = classifier(thawed=4)
    assert len(model.thaw(9)) == 9 and len(model.backbone.trainable_weights) == 6  # more, step by step
    assert model.thaw(0) == [] and moved(*trained(model)) == HEAD
    model = classifier(thawed=9)
    assert moved(*trained(model)) == HEAD | top | {"conv1/kernel", "norm1/gamma", "norm1/beta"}


def test_fine_tuning_goes_on_after_a_frozen_fit_and_without_compile_it_does_not():
    model = classifier()
    assert moved(*trained(model)) == HEAD
    model.thaw("conv2")
    before = weights(model)
    model.fit(IMAGES + 3, LABELS, batch_size=6, verbose=0)
    assert moved(before, weights(model)) == HEAD  # thawed, but nobody told `fit`
    names = fine_tuning(model, "conv2", keras.optimizers.SGD(0.1), LOSS, jit_compile=False)
    assert names == ["conv2", "norm2", "relu2", "drop2"]
    before = weights(model)
    model.fit(IMAGES + 3, LABELS, batch_size=6, verbose=0)
    assert moved(before, weights(model)) == HEAD | {"conv2/kernel", "norm2/gamma", "norm2/beta"}


def test_the_backbone_is_in_inference_mode_while_it_trains():
    """Its features are not noisy: with dropout 0 in the head, training and inference give the same logits."""
    model = classifier(dropout=0.0, thawed=4)
    logits = [keras.ops.convert_to_numpy(model(IMAGES, training=training)) for training in (True, False)]
    np.testing.assert_array_equal(*logits)
    noisy = keras.ops.convert_to_numpy(model.backbone(IMAGES, training=True))
    assert np.abs(noisy - keras.ops.convert_to_numpy(model.backbone(IMAGES, training=False))).max() > 0.01


def test_the_classifier_is_its_head_on_the_mean_features():
    model = classifier()
    maps = keras.ops.convert_to_numpy(model.backbone(IMAGES, training=False))
    features = cached_features(model, IMAGES, batch_size=5)
    assert features.shape == (12, 6) and features.dtype == "float32"
    np.testing.assert_allclose(features, maps.mean(axis=(1, 2)), atol=1e-6)
    np.testing.assert_allclose(model.head(features), model(IMAGES), atol=1e-5)


def test_features_that_are_flat_already_stay():
    flat = keras.Sequential([keras.layers.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(5)])
    model = TransferClassifier(flat, classes=2)
    model.build((None, 8, 8, 3))
    np.testing.assert_allclose(cached_features(model, IMAGES), flat(IMAGES), atol=1e-6)


def test_a_head_trained_on_cached_features_is_the_classifier_s():
    model = classifier(dropout=0.0)
    features = cached_features(model, IMAGES)
    before = keras.ops.convert_to_numpy(model(IMAGES))
    model.head.compile(keras.optimizers.Adam(0.1), loss=LOSS)
    model.head.fit(features, LABELS, epochs=5, verbose=0)
    after = keras.ops.convert_to_numpy(model(IMAGES))
    assert np.abs(after - before).max() > 0.1
    np.testing.assert_allclose(after, model.head.predict(features, verbose=0), atol=1e-5)


def test_the_file_is_used_again_for_the_same_images_and_weights_only(tmp_path):
    file, model = tmp_path / "new" / "features.npz", classifier()
    features = cached_features(model, IMAGES, file)
    assert [path.name for path in file.parent.iterdir()] == ["features.npz"]
    np.testing.assert_array_equal(features, cached_features(model, IMAGES))
    # Another number in the file, which comes back: the file was read.
    np.savez(file, features=features + 1, made_from=fingerprint(model.backbone, IMAGES))
    np.testing.assert_array_equal(cached_features(model, IMAGES, file), features + 1)
    # Other images: computed, and the file is theirs now.
    other = IMAGES[::-1]
    np.testing.assert_allclose(cached_features(model, other, file), features[::-1], atol=1e-6)
    np.testing.assert_allclose(np.load(file)["features"], features[::-1], atol=1e-6)
    # Another weight.
    model.backbone.get_layer("norm1").moving_mean.assign(np.ones(4))
    assert np.abs(cached_features(model, other, file) - features[::-1]).max() > 0.01


def test_what_is_no_cache_is_left_alone(tmp_path):
    file = tmp_path / "mine.npz"
    for content in (b"my thesis", b""):
        file.write_bytes(content)
        with pytest.raises(InputError, match="mine.npz is no cache of features or is damaged"):
            cached_features(classifier(), IMAGES, file)
        assert file.read_bytes() == content
    np.savez(file, images=IMAGES)
    with pytest.raises(InputError, match="is no cache of features"):
        cached_features(classifier(), IMAGES, file)
    cut = file.read_bytes()[:-100]
    file.write_bytes(cut)
    with pytest.raises(InputError, match="is no cache of features or is damaged"):
        cached_features(classifier(), IMAGES, file)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        cached_features(classifier(), IMAGES, tmp_path / "file" / "features.npz")


@keras.saving.register_keras_serializable("test")
class SmallBackbone(keras.Model):
    """A classifier as this project writes them."""

    def __init__(self, filters=2, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        conv = dict(kernel_size=3, padding="same", use_bias=False)
        self.conv1 = keras.layers.Conv2D(filters, name="conv1", **conv)
        self.norm1 = keras.layers.BatchNormalization(momentum=0.5, name="norm1")
        self.conv2 = keras.layers.Conv2D(2 * filters, name="conv2", **conv)
        self.norm2 = keras.layers.BatchNormalization(momentum=0.5, name="norm2")
        self.old_head = keras.layers.Dense(7, name="old_head")

    def build(self, input_shape):
        middle = (*input_shape[:-1], self.filters)
        self.conv1.build(input_shape)
        self.norm1.build(middle)
        self.conv2.build(middle)
        self.norm2.build((*input_shape[:-1], 2 * self.filters))
        self.old_head.build((None, 2 * self.filters))
        self.built = True

    def endpoints(self, images, training=False):
        inner = keras.ops.relu(self.norm1(self.conv1(images), training=training))
        return {"features": self.norm2(self.conv2(inner), training=training)}

    def call(self, images, training=False):
        features = self.endpoints(images, training)["features"]
        return self.old_head(keras.ops.mean(features, axis=(1, 2)))

    def get_config(self):
        return {**super().get_config(), "filters": self.filters}


def small(seed=0):
    """No dropout: a file does not keep the state of its seed, so the next step could not be the same."""
    keras.utils.set_random_seed(seed)
    made = SmallBackbone(3)
    made.build((None, 8, 8, 3))
    return TransferClassifier(made, classes=4, dropout=0.0, thawed=3)


def case():
    return Case(
        make=small,
        inputs=IMAGES,
        targets=LABELS,
        loss=LOSS,
        signature=(None, None, None, 3),
    )


def test_saved_and_loaded(tmp_path):
    saved_and_loaded(case(), tmp_path)
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert (loaded.classes, loaded.dropout, loaded.thawed) == (4, 0.0, 3)
    assert len(loaded.trainable_weights) == 2 + 3


def test_mixed_precision():
    mixed_precision(case())


def test_a_classifier_of_this_project_is_a_backbone():
    """Its `endpoints` give the features; its own last layer stays frozen, for they do not go through it."""
    model = small()
    assert model.thaw("conv2") == ["conv2", "norm2"]
    model.build((None, 8, 8, 3))
    maps = model.backbone.endpoints(IMAGES)["features"]
    np.testing.assert_allclose(model.features(IMAGES), np.mean(maps, axis=(1, 2)), atol=1e-6)
    assert moved(*trained(model)) == HEAD | {"conv2/kernel", "norm2/gamma", "norm2/beta"}


def test_bad_arguments():
    for classes, dropout in ((1, 0.2), (3, 1.0), (3, -0.1)):
        with pytest.raises(InputError, match="expected 2 classes or more and a dropout"):
            TransferClassifier(backbone(), classes, dropout)
    model = classifier()
    with pytest.raises(InputError, match="has no layer 'conv9'; choose one of: .*conv1, norm1"):
        model.thaw("conv9")
    for count in (-1, 10):
        with pytest.raises(InputError, match="the backbone has 9 layers"):
            model.thaw(count)
