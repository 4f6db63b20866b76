"""Real trainings of a tiny GAN, one network of which is held constant."""

import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.gan_monitor import GANMonitor
from keras_cv_course.generate.dcgan import DCGAN

images = np.random.default_rng(3).random((16, 4, 4, 1), dtype="float32")
many = np.concatenate([images] * 8)
bright = 0.9 + 0.1 * many


def train(monitor, epochs=6, rate=2e-4, held=None, data=images):
    """The history of a training in which one network may be held as it is."""
    keras.utils.set_random_seed(0)
    model = DCGAN((4, 4, 1), latent=3, filters=(8,))
    model.build((None, 4, 4, 1))
    if held:
        network = getattr(model, held)
        # Larger weights: a discriminator of large logits, a generator of high contrast.
        scale = 10 if held == "discriminator" else 30
        network.set_weights([scale * weights for weights in network.get_weights()])
        network.trainable = False
    model.compile(keras.optimizers.Adam(rate, beta_1=0.5))
    return model.fit(data, batch_size=16, epochs=epochs, verbose=0, callbacks=[monitor]).history


def test_no_warning_in_a_healthy_training(capsys):
    monitor = GANMonitor()
    history = train(monitor)
    assert min(history["discriminator_loss"]) > 0.2 and max(history["generator_loss"]) < 4
    assert monitor.warnings == [] and capsys.readouterr().out == ""


def test_a_discriminator_far_ahead_is_named_once(capsys):
    monitor = GANMonitor({"discriminator_loss": (0.2, 3.0), "generator_loss": (0.2, 2.0)}, patience=2)
    history = train(monitor, epochs=10, rate=5e-2, held="generator", data=bright)
    assert history["discriminator_loss"][-1] < 0.2 and history["generator_loss"][-1] > 2
    (line,) = monitor.warnings
    assert (
        "for 2 epochs" in line and "the discriminator rejects nearly all" in line and "learning rate" in line
    )
    assert capsys.readouterr().out == f"\nWarning: {line}.\n"


def test_a_discriminator_at_chance_is_named():
    monitor = GANMonitor({"discriminator_loss": (0.2, 1.6), "generator_loss": (0.6, 5.0)}, patience=3)
    history = train(monitor, epochs=8, rate=5e-2, held="discriminator", data=many)
    assert history["generator_loss"][-1] < 0.6
    (line,) = monitor.warnings
    assert (
        "_loss is " in line
        and "for 3 epochs" in line
        and "the discriminator does no better than guessing" in line
    )


def test_patience_counts_epochs_in_a_row_on_one_side():
    monitor = GANMonitor({"loss": (1.0, 2.0)}, patience=3)
    monitor.on_train_begin()
    for epoch, loss in enumerate([0.5, 0.5, 1.5, 0.5, 0.5, 3.0, 3.0, 1.0, 2.0]):
        monitor.on_epoch_end(epoch, {"loss": loss})
        assert monitor.warnings == []
    for loss in (0.5, 0.5):
        monitor.on_epoch_end(9, {"loss": loss})
    assert monitor.warnings == []
    monitor.on_epoch_end(11, {"loss": 0.25})
    (line,) = monitor.warnings
    assert line.startswith(
        "loss is 0.25, for 3 epochs below 1: the discriminator does no better than guessing"
    )
    for _ in range(9):
        monitor.on_epoch_end(12, {"loss": 9.0})
    assert (
        len(monitor.warnings) == 2
        and "loss is 9, for 3 epochs above 2: the discriminator rejects nearly all" in monitor.warnings[1]
    )


def test_a_loss_that_is_not_finite_ends_the_training_with_its_cause():
    broken = np.where(np.arange(16).reshape(-1, 1, 1, 1) == 5, np.nan, images).astype("float32")
    with pytest.raises(
        InputError, match="1 of 16 training images hold NaN or infinity, the first in row 5: "
    ):
        train(GANMonitor(inputs=(images, broken)), data=broken)
    with pytest.raises(
        InputError, match=r"_loss is nan in epoch 1, from the first steps on: look for NaN among"
    ):
        train(GANMonitor(), data=broken)
    # Steps so large that the weights overflow in the end; the images are known to be finite.
    with pytest.raises(
        InputError, match=r"_loss is (nan|inf) in epoch \d+.*: the training diverged; try a smaller"
    ):
        train(GANMonitor(inputs=(images,)), epochs=50, rate=1e37)


def test_half_precision_is_named():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        with pytest.raises(
            InputError, match="in epoch 3, after 0.5: float16 ends at 65,504; train in float32"
        ):
            monitor = GANMonitor(inputs=(images,))
            monitor.on_train_begin()
            monitor.on_epoch_begin(2)
            monitor.on_train_batch_end(0, {"generator_loss": 0.5})
            monitor.on_train_batch_end(1, {"generator_loss": float("inf")})
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: GANMonitor({"loss": (2.0, 1.0)}), r"healthy\['loss'\] must be \(lowest, highest\)"),
        (lambda: GANMonitor(patience=0), "patience must be 1 epoch or more, got 0"),
        (lambda: train(GANMonitor({"other": (0, 1)})), "no other among the losses to monitor: there are "),
    ],
)
def test_bad_arguments_say_what_to_do(make, said):
    with pytest.raises(InputError, match=said):
        make()
