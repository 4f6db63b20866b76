"""Two players in one loss: one tells real images from made ones, the other makes what passes for real.

Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014, section 3; Mao et al., "Least Squares
Generative Adversarial Networks", ICCV 2017, eq. 9.

`fit` minimises one number, the sum of both players' losses, though each wants what the other does not.
So that each moves by its own loss only, the discriminator judges images through `ops.stop_gradient`, and
the generator is judged by a `frozen` discriminator: the gradient passes through it to the image and
stops there.
"""

from keras import ops


def frozen(network, inputs, training=False):
    """Apply a network with its weights held constant: gradients reach its inputs only.

    Batch normalisation takes the batch's statistics in training, but its running ones stay as they are.

    Args:
        network: a built `keras.Model`.
        inputs: its inputs.
        training: as in `call`.

    Returns:
        The network's outputs.
    """
    weights = [ops.stop_gradient(weight) for weight in network.trainable_variables]
    state = [variable.value for variable in network.non_trainable_variables]
    outputs, _ = network.stateless_call(weights, state, inputs, training=training)
    return outputs


def together(network, *batches, training=False):
    """Apply a network to several batches in one pass.

    It gives the same numbers as a pass for each, as long as no image sees the others of its batch: instance
    normalisation is harmless, batch normalisation would mix real images with made ones.

    Args:
        network: a `keras.Model` of one input and one output.
        *batches: (N, ...) inputs that differ in N at most; None is left out.
        training: as in `call`.

    Returns:
        A list: the network's outputs for each batch, None for None.
    """
    given = [batch for batch in batches if batch is not None]
    outputs = network(ops.concatenate(given), training=training) if given else None
    parts, start = [], 0
    for batch in batches:
        end = start if batch is None else start + ops.shape(batch)[0]
        parts.append(None if batch is None else outputs[start:end])
        start = end
    return parts


def cross_entropy(logits, truth):
    """Mean of -truth log p - (1 - truth) log(1 - p), where p is the sigmoid of a logit.

    Args:
        logits: (N, ...).
        truth: a number in [0, 1], the same for all: 1 for real, 0 for made.

    Returns:
        A number; ln 2 = 0.693 at logit 0, whatever the truth.
    """
    logits = ops.cast(logits, "float32")
    return ops.mean(ops.binary_crossentropy(ops.full_like(logits, truth), logits, from_logits=True))


def least_squares(answers, truth):
    """Mean of (answer - truth)^2.

    Args:
        answers: (N, ...) numbers without a sigmoid.
        truth: 1 for real, 0 for made.

    Returns:
        A number; 0.25 at an answer of 0.5, whatever the truth.
    """
    return ops.mean(ops.square(ops.cast(answers, "float32") - truth))


def discriminator_loss(real, fake, judge=cross_entropy, smooth=0.0):
    """real_loss + fake_loss: real images are to be called 1, made ones 0.

    Args:
        real: (N, ...) the discriminator's answers to real images.
        fake: (N, ...) its answers to made ones.
        judge: `cross_entropy` or `least_squares`.
        smooth: call real images 1 - smooth, which keeps the discriminator from being too sure. Made
            images stay at 0 (Salimans et al., "Improved Techniques for Training GANs", NeurIPS 2016,
            section 3.4).

    Returns:
        A number: 2 ln 2 = 1.386 with cross-entropy when the discriminator cannot tell.
    """
    return judge(real, 1.0 - smooth) + judge(fake, 0.0)


def generator_loss(fooled, judge=cross_entropy):
    """Made images are to be called 1 (Goodfellow et al., section 3: steeper than minus the fake_loss).

    Args:
        fooled: (N, ...) the frozen discriminator's answers to made images.
        judge: `cross_entropy` or `least_squares`.

    Returns:
        A number: ln 2 = 0.693 with cross-entropy when the discriminator cannot tell.
    """
    return judge(fooled, 1.0)
