import keras
import numpy as np
import pytest
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.generate.cyclegan import CycleGAN, ReflectedResidualBlock, ResidualGenerator
from tests.generate.one_network import moved
from tests.harness import Case, noise_images, translation
from tests.reference.adversarial_forward import residual_generator
from tests.segment.fixed import arrays, set_weights

CASES = {
    "residual_generator": Case(
        make=lambda: ResidualGenerator(channels=2, filters=4, blocks=1),
        loss="mae",
        overfit=0.8,
        published={
            "nine blocks": (ResidualGenerator, (None, 256, 256, 3), 11_378_179),
            "six blocks": (lambda: ResidualGenerator(blocks=6), (None, 128, 128, 3), 7_837_699),
        },
        large=True,
        **translation(),
    ),
    "cyclegan": Case(
        make=lambda: CycleGAN(
            channels=2,
            filters=4,
            blocks=1,
            patch_filters=(6, 8),
            cycle_weight=8.0,
            identity_weight=2.0,
            pool_size=3,
        ),
        adversaries={
            "discriminator_loss": ("discriminator_a", "discriminator_b"),
            "generator_loss": ("to_a", "to_b"),
        },
        large=True,
        **{**translation(), "targets": noise_images(4, 8, 8, 2, seed=2) ** 2},
    ),
}

rng = np.random.default_rng(7)
a = rng.random((4, 8, 8, 1), dtype="float32")
b = rng.random((4, 8, 8, 1), dtype="float32") ** 3
DOMAINS = {"x": a, "y": b}


def little(**kwargs):
    keras.utils.set_random_seed(0)
    sizes = dict(channels=1, filters=3, blocks=1, patch_filters=(4, 6), pool_size=0)
    model = CycleGAN(**{**sizes, **kwargs})
    model.build((None, 8, 8, 1))
    return model


@pytest.mark.parametrize("training", [False, True])
def test_the_generator_equals_a_slow_forward_pass(training):
    """Appendix 7.2 in NumPy; instance normalisation is the same in training."""
    model = ResidualGenerator(2, filters=3, blocks=2)
    model.build((None, 12, 16, 1))
    set_weights(model)
    some = np.random.default_rng(0).random((2, 12, 16, 1), dtype="float32")
    expected = residual_generator(
        some,
        first=arrays(model.first),
        down=[arrays(layer) for layer in model.down],
        blocks=[[arrays(layer) for layer in block.convolutions] for block in model.residual],
        up=[arrays(layer) for layer in model.up],
        last=arrays(model.to_image),
    )
    np.testing.assert_allclose(model(some, training=training), expected, atol=1e-3)
    assert 0.1 < np.std(expected) < 0.499


def test_the_published_shape():
    assert ResidualGenerator()(keras.KerasTensor((2, 256, 256, 3))).shape == (2, 256, 256, 3)


def test_the_small_one_takes_any_multiple_of_4():
    model = CycleGAN.small()
    model.build((None, 32, 32, 3))
    generated = ops.convert_to_numpy(model(rng.random((2, 32, 44, 3), dtype="float32")))
    assert generated.shape == (2, 32, 44, 3) and generated.min() >= 0 and generated.max() <= 1


def test_a_residual_block_without_weights_is_the_identity():
    block = ReflectedResidualBlock(5)
    maps = rng.standard_normal((2, 6, 7, 5), dtype="float32")
    block.build(maps.shape)
    assert np.abs(ops.convert_to_numpy(block(maps)) - maps).max() > 0.1
    block.set_weights([0 * weight for weight in block.get_weights()])
    np.testing.assert_array_equal(block(maps), maps)


def test_an_image_without_contrast_stays_without_edges():
    """Reflected, one colour has no edge to see; with zeros beyond it, it would."""
    block = ReflectedResidualBlock(2)
    flat = np.ones((1, 6, 6, 2), "float32") * [0.2, 0.7]
    generated = ops.convert_to_numpy(block(flat))
    np.testing.assert_allclose(generated, np.broadcast_to(generated[:, :1, :1], generated.shape), atol=1e-5)


@pytest.mark.parametrize("network", [0, 1], ids=["discriminators", "generators"])
def test_each_side_moves_by_its_own_loss_only(network):
    model = little(pool_size=2)

    def loss(x, y, y_pred):
        return model.adversarial_losses(x, y, y_pred, training=True)[network]

    discriminators = [model.discriminator_a, model.discriminator_b]
    networks = [discriminators, [model.to_a, model.to_b]]
    assert min(moved(model, DOMAINS, loss, networks[network])) > 0
    assert max(moved(model, DOMAINS, loss, networks[1 - network])) == 0


def test_losses_by_hand():
    model = little(cycle_weight=8.0, identity_weight=3.0)
    to_a, to_b = (
        lambda images, network=network: ops.convert_to_numpy(network(images))
        for network in (model.to_a, model.to_b)
    )
    outputs_a, outputs_b = (
        lambda images, network=network: ops.convert_to_numpy(network(images))
        for network in (model.discriminator_a, model.discriminator_b)
    )
    discriminators, generators, cycle, identity = (
        float(value) for value in model.adversarial_losses(a, b, model(a))
    )
    generated_a, generated_b = to_a(b), to_b(a)
    expected = [np.mean((outputs_a(a) - 1) ** 2), np.mean(outputs_a(generated_a) ** 2)]
    expected += [np.mean((outputs_b(b) - 1) ** 2), np.mean(outputs_b(generated_b) ** 2)]
    assert discriminators == pytest.approx(sum(expected) / 2, rel=1e-5)
    assert cycle == pytest.approx(
        2 * (np.abs(a - to_a(generated_b)).mean() + np.abs(b - to_b(generated_a)).mean()), rel=1e-5
    )
    # A generator should leave images of its target domain as they are.
    assert identity == pytest.approx(2 * (np.abs(b - to_b(b)).mean() + np.abs(a - to_a(a)).mean()), rel=1e-5)
    fooled = np.mean((outputs_a(generated_a) - 1) ** 2) + np.mean((outputs_b(generated_b) - 1) ** 2)
    assert generators == pytest.approx(fooled + 8 * cycle + 3 * identity, rel=1e-5)


def test_without_weights_the_distances_are_left_out():
    model = little(cycle_weight=0.0, identity_weight=0.0)
    losses = [float(value) for value in model.adversarial_losses(a, b, model(a))]
    assert losses[2:] == [0, 0] and losses[1] < 4


def test_only_the_discriminators_see_the_pool():
    """With the pool full of other images, the discriminators' loss changes and the generators' does not."""
    model = little(pool_size=4)
    for pool in (model.pool_a, model.pool_b):
        pool.filled.assign(4)
        pool.images.assign(np.ones((4, 8, 8, 1)))
    pooled = [float(value) for value in model.adversarial_losses(a, b, model(a), training=True)]
    fresh = [float(value) for value in model.adversarial_losses(a, b, model(a))]
    assert pooled[0] != pytest.approx(fresh[0], rel=1e-4)
    assert pooled[1:] == pytest.approx(fresh[1:], rel=1e-5)


def test_fit_logs_everything_and_fills_the_pools():
    model = little(pool_size=5)
    model.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), run_eagerly=True)
    many = [np.concatenate([images] * 2) for images in (a, b)]
    history = model.fit(*many, batch_size=4, epochs=2, shuffle=False, verbose=0).history
    assert set(history) == {"loss", "discriminator_loss", "generator_loss", "cycle_l1", "identity_l1"}
    sums = np.add(history["discriminator_loss"], history["generator_loss"])
    np.testing.assert_allclose(history["loss"], sums, rtol=1e-5)
    assert np.isfinite(sums).all()
    assert int(model.pool_a.filled) == int(model.pool_b.filled) == 5


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ResidualGenerator(blocks=0), "blocks must be 1 or more, got 0"),
        (lambda: ResidualGenerator().build((None, 30, 32, 3)), "multiples of 4, from 8 on.*30"),
        (
            lambda: CycleGAN(identity_weight=-1),
            "cycle_weight and identity_weight must be 0 or more, got 10.0 and -1",
        ),
        (lambda: CycleGAN.small().build((None, 32, 32, 1)), r"\(N, H, W, 3\), got \(None, 32, 32, 1\)"),
        (lambda: CycleGAN.small().build((None, None, 32, 3)), "images of one size"),
    ],
)
def test_bad_arguments_say_what_to_do(make, said):
    with pytest.raises(InputError, match=said):
        make()
