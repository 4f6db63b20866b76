"""The losses of a discriminator and a generator, and how one `fit` trains each network by its own loss only.

Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014, section 3; Mao et al., "Least Squares
Generative Adversarial Networks", ICCV 2017, eq. 9.

`fit` minimises one number, the sum of both losses, though the two networks want opposite things. So that each
moves by its own loss only, the discriminator sees generated images through `ops.stop_gradient`, and the
generator's loss comes from a `frozen` discriminator: the gradient passes through it to the image and stops
there. Both networks therefore step at once, from the same batch, by gradients taken before either has moved.
Goodfellow et al. (algorithm 1) alternate: the discriminator steps first, and the generator's gradient is that of
the discriminator after its step.
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


def apply_jointly(network, *batches, training=False):
    """Apply a network to several batches in one pass.

    It gives the same numbers as a pass for each, as long as no image sees the others of its batch: instance
    normalisation is harmless, batch normalisation would mix real images with generated ones.

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


def cross_entropy(truth, logits):
    """Mean of -truth log p - (1 - truth) log(1 - p), where p is the sigmoid of a logit.

    Args:
        truth: a number in [0, 1], the same for all logits: 1 for real, 0 for generated.
        logits: (N, ...) of any float type; the mean is taken in float32.

    Returns:
        A float32 scalar; ln 2 = 0.693 at logit 0, whatever the truth.
    """
    logits = ops.cast(logits, "float32")
    return ops.mean(ops.binary_crossentropy(ops.full_like(logits, truth), logits, from_logits=True))


def least_squares(truth, outputs):
    """Mean of (output - truth)^2.

    Args:
        truth: a number, the same for all outputs: 1 for real, 0 for generated.
        outputs: (N, ...) of any float type, without a sigmoid; the mean is taken in float32.

    Returns:
        A float32 scalar; 0.25 at an output of 0.5, whether the truth is 0 or 1.
    """
    return ops.mean(ops.square(ops.cast(outputs, "float32") - truth))


def discriminator_loss(real, generated, loss=cross_entropy, label_smoothing=0.0):
    """The loss on real images, whose truth is 1, plus the loss on generated ones, whose truth is 0.

    Args:
        real: (N, ...) the discriminator's outputs for real images.
        generated: (N, ...) its outputs for generated ones.
        loss: `cross_entropy` or `least_squares`: a function (truth, outputs) -> scalar.
        label_smoothing: the truth of real images is 1 - label_smoothing, that of generated ones stays 0
            (one-sided: Salimans et al., "Improved Techniques for Training GANs", NeurIPS 2016, section 3.4).

    Returns:
        A scalar; 2 ln 2 = 1.386 with cross-entropy where all logits are 0.
    """
    return loss(1.0 - label_smoothing, real) + loss(0.0, generated)


def generator_loss(generated, loss=cross_entropy):
    """The loss on generated images with the truth 1: the generator wants them to be taken for real.

    It is the non-saturating loss of Goodfellow et al., section 3. Its gradient is large where the discriminator
    rejects an image, where that of minus the discriminator's loss vanishes.

    Args:
        generated: (N, ...) the frozen discriminator's outputs for generated images.
        loss: `cross_entropy` or `least_squares`.

    Returns:
        A scalar; ln 2 = 0.693 with cross-entropy where all logits are 0.
    """
    return loss(1.0, generated)
