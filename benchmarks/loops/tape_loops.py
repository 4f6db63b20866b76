"""A training step of each adversarial model as public tutorials write it: tapes, and an Adam for each network.

What TensorFlow's DCGAN, pix2pix and CycleGAN tutorials have in common is a `tf.function` that computes the
networks' losses under gradient tapes and applies each network's gradients with an optimizer of its own; a loop
in Python calls it once a batch. The networks are ours, so that only the way of training differs. `optimizer`
is a function that makes one.
"""

import keras
import tensorflow as tf

ENTROPY = keras.losses.BinaryCrossentropy(from_logits=True)


def against(logits, truth):
    """Cross-entropy of a discriminator's logits that all have the same truth."""
    return ENTROPY(tf.fill(tf.shape(logits), float(truth)), logits)


def distance(first, second):
    return tf.reduce_mean(tf.abs(first - second))


def with_optimizers(networks, make):
    """[(network, its optimizer)]; the optimizers' own variables have to be there before the graph is."""
    pairs = [(network, make()) for network in networks]
    for network, optimizer in pairs:
        optimizer.build(network.trainable_variables)
    return pairs


def move(networks, losses, tape):
    for (network, optimizer), loss in zip(networks, losses, strict=True):
        variables = network.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))


def dcgan(model, optimizer, label_smoothing=0.0):
    """Function (images) that makes one step of both networks."""
    networks = with_optimizers((model.generator, model.discriminator), optimizer)

    @tf.function
    def step(images):
        noise = tf.random.uniform((tf.shape(images)[0], model.latent), -1.0, 1.0)
        with tf.GradientTape(persistent=True) as tape:
            generated = model.generator(noise, training=True)
            real = model.discriminator(images, training=True)
            fake = model.discriminator(generated, training=True)
            discriminator_losses = against(real, 1.0 - label_smoothing) + against(fake, 0.0)
            losses = against(fake, 1.0), discriminator_losses
        move(networks, losses, tape)

    return step


def pix2pix(model, optimizer):
    """Function (images, targets) that makes one step of both networks."""
    networks = with_optimizers((model.generator, model.discriminator), optimizer)

    @tf.function
    def step(images, targets):
        with tf.GradientTape(persistent=True) as tape:
            generated = model.generator(images, training=True)
            real = model.discriminator(tf.concat([images, targets], -1), training=True)
            fake = model.discriminator(tf.concat([images, generated], -1), training=True)
            generator_losses = against(fake, 1.0) + model.l1_weight * distance(targets, generated)
            losses = generator_losses, against(real, 1.0) + against(fake, 0.0)
        move(networks, losses, tape)

    return step


def cyclegan(model, optimizer):
    """Function (images of A, images of B) that makes one step of all four networks; it has no image pool."""
    parts = model.to_b, model.to_a, model.discriminator_b, model.discriminator_a
    networks = with_optimizers(parts, optimizer)

    @tf.function
    def step(a, b):
        with tf.GradientTape(persistent=True) as tape:
            generated_b, generated_a = model.to_b(a, training=True), model.to_a(b, training=True)
            cycle = distance(a, model.to_a(generated_b, training=True))
            cycle += distance(b, model.to_b(generated_a, training=True))
            real = model.discriminator_b(b, training=True), model.discriminator_a(a, training=True)
            fake = (
                model.discriminator_b(generated_b, training=True),
                model.discriminator_a(generated_a, training=True),
            )
            # The tutorial always has the identity; here only where the model has it.
            same = [0.0, 0.0]
            if model.identity_weight:
                same = [distance(b, model.to_b(b, training=True)), distance(a, model.to_a(a, training=True))]
            generator_losses = [
                against(logits, 1.0) + model.cycle_weight * cycle + model.identity_weight * identity
                for logits, identity in zip(fake, same, strict=True)
            ]
            discriminator_losses = [
                (against(r, 1.0) + against(f, 0.0)) / 2 for r, f in zip(real, fake, strict=True)
            ]
        move(networks, (*generator_losses, *discriminator_losses), tape)

    return step
