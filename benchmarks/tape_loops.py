"""A training step of each adversarial model as public tutorials write it: tapes, and an Adam for each player.

What TensorFlow's DCGAN, pix2pix and CycleGAN tutorials have in common is a `tf.function` that computes the
players' losses under gradient tapes and applies each player's gradients with an optimizer of its own; a loop
in Python calls it once a batch. The networks are ours, so that only the way of training differs. `optimizer`
is a function that makes one.
"""

import keras
import tensorflow as tf

ENTROPY = keras.losses.BinaryCrossentropy(from_logits=True)


def against(answers, wanted):
    """Cross-entropy of a discriminator's answers, all of which should be `wanted`."""
    return ENTROPY(tf.fill(tf.shape(answers), float(wanted)), answers)


def distance(first, second):
    return tf.reduce_mean(tf.abs(first - second))


def with_optimizers(players, make):
    """[(player, its optimizer)]; the optimizers' own variables have to be there before the graph is."""
    pairs = [(player, make()) for player in players]
    for player, optimizer in pairs:
        optimizer.build(player.trainable_variables)
    return pairs


def move(players, losses, tape):
    for (player, optimizer), loss in zip(players, losses, strict=True):
        variables = player.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))


def dcgan(model, optimizer, smooth=0.0):
    """Function (images) that makes one step of both players."""
    players = with_optimizers((model.generator, model.discriminator), optimizer)

    @tf.function
    def step(images):
        noise = tf.random.uniform((tf.shape(images)[0], model.latent), -1.0, 1.0)
        with tf.GradientTape(persistent=True) as tape:
            made = model.generator(noise, training=True)
            real = model.discriminator(images, training=True)
            fake = model.discriminator(made, training=True)
            told = against(real, 1.0 - smooth) + against(fake, 0.0)
            losses = against(fake, 1.0), told
        move(players, losses, tape)

    return step


def pix2pix(model, optimizer):
    """Function (images, targets) that makes one step of both players."""
    players = with_optimizers((model.generator, model.discriminator), optimizer)

    @tf.function
    def step(images, targets):
        with tf.GradientTape(persistent=True) as tape:
            made = model.generator(images, training=True)
            real = model.discriminator(tf.concat([images, targets], -1), training=True)
            fake = model.discriminator(tf.concat([images, made], -1), training=True)
            wanted = against(fake, 1.0) + model.distance * distance(targets, made)
            losses = wanted, against(real, 1.0) + against(fake, 0.0)
        move(players, losses, tape)

    return step


def cyclegan(model, optimizer):
    """Function (images of A, images of B) that makes one step of all four players; it has no image pool."""
    parts = model.to_b, model.to_a, model.discriminator_b, model.discriminator_a
    players = with_optimizers(parts, optimizer)

    @tf.function
    def step(a, b):
        with tf.GradientTape(persistent=True) as tape:
            made_b, made_a = model.to_b(a, training=True), model.to_a(b, training=True)
            cycle = distance(a, model.to_a(made_b, training=True))
            cycle += distance(b, model.to_b(made_a, training=True))
            real = model.discriminator_b(b, training=True), model.discriminator_a(a, training=True)
            fake = model.discriminator_b(made_b, training=True), model.discriminator_a(made_a, training=True)
            # The tutorial always has the identity, which the lesson leaves out: only where the model has it.
            same = [0.0, 0.0]
            if model.identity:
                same = [distance(b, model.to_b(b, training=True)), distance(a, model.to_a(a, training=True))]
            wanted = [
                against(judged, 1.0) + model.cycle * cycle + model.identity * kept
                for judged, kept in zip(fake, same, strict=True)
            ]
            told = [(against(r, 1.0) + against(f, 0.0)) / 2 for r, f in zip(real, fake, strict=True)]
        move(players, (*wanted, *told), tape)

    return step
