import keras
import numpy as np
import pytest

from keras_cv_course.classify.googlenet import GoogLeNet
from keras_cv_course.classify.inception import Inception, large_convolution
from keras_cv_course.errors import InputError
from tests.harness import Case, classification, free_size, noise_images

CASES = {
    "googlenet": Case(
        make=lambda: GoogLeNet(
            inceptions={"3a": (8, 6, 8, 6, 8, 8), "4a": (8, 6, 8, 6, 8, 8)},
            stem=(6, 6, 8),
            large_images=False,
            factorize="1xn",
            auxiliary_after=("4a",),
            auxiliary_units=(6, 12),
            auxiliary_dropout=0.3,
            auxiliary_weight=0.5,
            dropout=0.2,
            classes=3,
        ),
        published={
            "with two auxiliary heads": (GoogLeNet.googlenet, (None, 224, 224, 3), 13_378_280),
            "without": (lambda: GoogLeNet(auxiliary_after=()), (None, 224, 224, 3), 6_998_552),
        },
        large=True,
        **free_size(3),
        **classification(noise_images(6, 17, 18, 3)),
    )
}

rng = np.random.default_rng(0)
images = rng.random((4, 32, 32, 3), dtype="float32")
labels = np.array([0, 1, 2, 0])
from_logits = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@pytest.fixture(scope="module")
def small():
    keras.utils.set_random_seed(0)
    # No dropout, so that a loss can be computed twice.
    model = GoogLeNet.small(classes=3, dropout=0.0, auxiliary_dropout=0.0)
    model.build((None, 32, 32, 3))
    return model


def test_published_feature_maps():
    """Table 1: sizes and channels behind each module."""
    model = GoogLeNet(auxiliary_after=())
    with keras.StatelessScope(initialize_variables=False):
        model.build((None, 224, 224, 3))
        maps = model.endpoints(keras.KerasTensor((1, 224, 224, 3)))
    shapes = {name: tuple(features.shape[1:]) for name, features in maps.items()}
    assert shapes["conv1"] == (112, 112, 64) and shapes["conv2"] == (56, 56, 192)
    assert shapes["3a"] == (28, 28, 256) and shapes["3b"] == (28, 28, 480)
    assert [shapes[f"4{place}"] for place in "abcde"] == [
        (14, 14, channels) for channels in (512, 512, 512, 528, 832)
    ]
    assert shapes["5a"] == (7, 7, 832) and shapes["5b"] == shapes["features"] == (7, 7, 1024)


def test_auxiliary_heads_are_silent_in_inference_and_speak_in_training(small):
    before = np.asarray(small(images))
    answers = small(images, training=True)
    assert set(answers) == {"logits", "4a"}
    np.testing.assert_allclose(np.asarray(answers["logits"]), before, atol=1e-6)
    assert answers["4a"].shape == (4, 3)
    assert len(small.heads[0].trainable_weights) == 6
    kept = small.heads[0].get_weights()
    small.heads[0].set_weights([weight + 1 for weight in kept])
    np.testing.assert_array_equal(np.asarray(small(images)), before)
    small.heads[0].set_weights(kept)


def test_training_loss_is_the_main_one_and_a_third_of_the_heads(small):
    answers = small(images, training=True)
    main, head = (float(from_logits(labels, answers[name])) for name in ("logits", "4a"))
    assert abs(main - head) > 0.01
    small.compile(keras.optimizers.SGD(0.0), from_logits, metrics=["accuracy"], run_eagerly=True)
    trained = small.train_on_batch(images, labels, return_dict=True)
    assert trained["loss"] == pytest.approx(main + 0.3 * head, rel=1e-5)
    tested = small.test_on_batch(images, labels, return_dict=True)
    assert tested["loss"] == pytest.approx(main, rel=1e-5)
    predicted = np.argmax(np.asarray(answers["logits"]), axis=-1)
    assert trained["accuracy"] == tested["accuracy"] == pytest.approx(np.mean(predicted == labels))


def test_a_regulariser_counts_once():
    keras.utils.set_random_seed(0)
    model = GoogLeNet.small(classes=3, dropout=0.0, auxiliary_dropout=0.0)
    model.build((None, 32, 32, 3))
    model.conv1.kernel.regularizer = keras.regularizers.L2(0.5)
    penalty = 0.5 * float(np.sum(np.asarray(model.conv1.kernel) ** 2))
    answers = model(images, training=True)
    main, head = (float(from_logits(labels, answers[name])) for name in ("logits", "4a"))
    model.compile(keras.optimizers.SGD(0.0), from_logits, run_eagerly=True)
    loss = model.train_on_batch(images, labels, return_dict=True)["loss"]
    assert penalty > 1 and loss == pytest.approx(main + 0.3 * head + penalty, rel=1e-5)
    tested = model.test_on_batch(images, labels, return_dict=True)["loss"]
    assert tested == pytest.approx(main + penalty, rel=1e-5)


def test_a_weight_of_each_example_reaches_the_heads_too(small):
    answers = small(images, training=True)
    weights = np.array([0.0, 2.0, 0.0, 1.0])
    main, head = (float(from_logits(labels, answers[name], weights)) for name in ("logits", "4a"))
    small.compile(keras.optimizers.SGD(0.0), from_logits, run_eagerly=True)
    loss = small.train_on_batch(images, labels, sample_weight=weights, return_dict=True)["loss"]
    assert loss == pytest.approx(main + 0.3 * head, rel=1e-5)


def test_the_heads_send_gradients_below_themselves_only():
    """With the main loss taken out of the way, the layers above the head get nothing."""
    keras.utils.set_random_seed(0)
    model = GoogLeNet.small(classes=3)
    model.build((None, 32, 32, 3))
    model.classifier.set_weights([0 * weight for weight in model.classifier.get_weights()])
    model.classifier.trainable = False
    before = {name: block.get_weights() for name, block in zip(model.inceptions, model.blocks)}
    model.compile(keras.optimizers.SGD(1.0), from_logits, run_eagerly=True)
    model.train_on_batch(images, labels)
    moved = {
        name: any(np.any(old != new) for old, new in zip(before[name], block.get_weights()))
        for name, block in zip(model.inceptions, model.blocks)
    }
    assert moved == {"3a": True, "3b": True, "4a": True, "4b": False, "5a": False}


@pytest.mark.parametrize(
    ("factorize", "kernel", "weights"),
    [("none", 3, 9), ("none", 5, 25), ("3x3", 3, 9), ("3x3", 5, 18), ("1xn", 3, 6), ("1xn", 5, 10)],
)
def test_factorised_kernels_see_the_same_pixels_with_fewer_weights(factorize, kernel, weights):
    layers = large_convolution(1, kernel, factorize)
    lit = np.zeros((1, 11, 11, 1), "float32")
    lit[0, 5, 5, 0] = 1.0
    answer, count = lit, 0
    for layer in layers:
        layer.build(answer.shape)
        layer.set_weights([np.ones(layer.kernel.shape), np.zeros(1)])
        answer = np.asarray(layer(answer))
        count += layer.kernel.shape[0] * layer.kernel.shape[1]
    assert count == weights
    seen = np.argwhere(answer[0, :, :, 0] > 0)
    half = kernel // 2
    assert seen.min(axis=0).tolist() == [5 - half] * 2 and seen.max(axis=0).tolist() == [5 + half] * 2
    assert len(seen) == kernel**2


def test_a_row_and_a_column_are_a_kernel_of_rank_one():
    row, column = rng.random((1, 5)), rng.random((5, 1))  # positive, so that no ReLU bends anything
    pair, (whole,) = large_convolution(1, 5, "1xn"), large_convolution(1, 5, "none")
    for layer, kernel in zip([*pair, whole], [row, column, column @ row]):
        layer.build((None, 9, 9, 1))
        layer.set_weights([kernel[..., None, None], np.zeros(1)])
    images = rng.random((2, 9, 9, 1), dtype="float32")
    np.testing.assert_allclose(np.asarray(pair[1](pair[0](images))), np.asarray(whole(images)), rtol=1e-5)


def test_a_module_stacks_four_branches_in_the_papers_order():
    module = Inception((1, 2, 3, 4, 5, 6))
    features = rng.random((1, 7, 7, 2), dtype="float32")
    whole = np.asarray(module(features))
    assert whole.shape == (1, 7, 7, 1 + 3 + 5 + 6)
    for layer in module.branch5:
        layer.set_weights([0 * weight for weight in layer.get_weights()])
    without = np.asarray(module(features))
    assert np.all(without[..., 4:9] == 0) and np.any(whole[..., 4:9] != 0)
    np.testing.assert_array_equal(np.delete(without, range(4, 9), -1), np.delete(whole, range(4, 9), -1))


def test_bad_arguments():
    with pytest.raises(InputError, match=r"\['6a'\]"):
        GoogLeNet(auxiliary_after=("6a",))
    with pytest.raises(InputError, match="six numbers"):
        GoogLeNet(inceptions={"3a": (1, 2, 3)}, auxiliary_after=())
    with pytest.raises(InputError, match="got \"?'?5x5"):
        GoogLeNet(factorize="5x5")
    with pytest.raises(InputError, match=r"at least 5x5.*auxiliary_after=\(\)"):
        GoogLeNet.small().build((None, 16, 16, 3))
    GoogLeNet.small(auxiliary_after=()).build((None, 16, 16, 3))
