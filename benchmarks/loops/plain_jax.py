"""Training steps in plain JAX that gpu.py compares `fit` with: a ResNet-50 without Keras, a loop around any model."""

import jax
import keras
import numpy as np
from jax import lax
from jax import numpy as jnp

BLOCKS, WIDTHS = (3, 4, 6, 3), (256, 512, 1024, 2048)


def convolve(x, kernel, stride=1):
    kernel = kernel.astype(x.dtype)
    return lax.conv_general_dilated(
        x, kernel, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def normalise(x, scale, offset):
    """Batch normalisation by the batch's own statistics, as in training."""
    wide = x.astype(jnp.float32)
    mean, variance = wide.mean((0, 1, 2)), wide.var((0, 1, 2))
    return ((wide - mean) * (scale * lax.rsqrt(variance + 1e-5)) + offset).astype(x.dtype)


def resnet_weights(seed, blocks=BLOCKS, widths=WIDTHS, classes=1000):
    """He-normal kernels with their normalisation's scale and offset: [stem, [block, ...], head]."""
    rng = np.random.default_rng(seed)

    def layer(size, inside, outside):
        kernel = rng.normal(0, np.sqrt(2 / (size * size * inside)), (size, size, inside, outside))
        return [jnp.asarray(one, jnp.float32) for one in (kernel, np.ones(outside), np.zeros(outside))]

    inside, stack = widths[0] // 4, []
    stem = layer(7, 3, inside)
    for count, width in zip(blocks, widths, strict=True):
        for place in range(count):
            narrow = width // 4
            main = [layer(1, inside, narrow), layer(3, narrow, narrow), layer(1, narrow, width)]
            stack.append(main + ([layer(1, inside, width)] if place == 0 else []))
            inside = width
    return [stem, stack, jnp.asarray(rng.normal(0, 0.01, (inside, classes)), jnp.float32)]


def resnet_logits(weights, images):
    """Images (N, H, W, 3) -> logits (N, classes)."""
    stem, stack, head = weights
    x = jax.nn.relu(normalise(convolve(images, stem[0], 2), *stem[1:]))
    x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 3, 3, 1), (1, 2, 2, 1), "SAME")
    for number, block in enumerate(stack):
        # The first block of each stage has a projection; of each but the first stage, it halves.
        stride = 2 if len(block) == 4 and number > 0 else 1
        shortcut = normalise(convolve(x, block[3][0], stride), *block[3][1:]) if len(block) == 4 else x
        for place, (kernel, scale, offset) in enumerate(block[:3]):
            x = normalise(convolve(x, kernel, stride if place == 1 else 1), scale, offset)
            x = jax.nn.relu(x) if place < 2 else x
        x = jax.nn.relu(x + shortcut)
    return x.mean((1, 2)).astype(jnp.float32) @ head


def resnet_step(dtype):
    """A compiled step of stochastic gradient descent with momentum: (weights, momenta, x, y) -> new ones, loss."""

    def loss(weights, x, y):
        logits = resnet_logits(weights, x.astype(dtype))
        return -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1).mean()

    def step(weights, momenta, x, y):
        value, gradients = jax.value_and_grad(loss)(weights, x, y)
        momenta = jax.tree.map(lambda m, g: 0.9 * m - 0.1 * g, momenta, gradients)
        return jax.tree.map(jnp.add, weights, momenta), momenta, value

    return jax.jit(step, donate_argnums=(0, 1))


def loop_of(model):
    """A compiled step of a compiled model, without `fit`: (state, x, y) -> (state, loss), and the first state."""
    trained = model.trainable_variables
    others = [*model.non_trainable_variables, *model.metrics_variables]
    model.optimizer.build(trained)
    moments = model.optimizer.variables

    def loss(weights, rest, x, y):
        values = [*zip(trained, weights, strict=True), *zip(others, rest, strict=True)]
        with keras.StatelessScope(state_mapping=values) as scope:
            found = model.compute_loss(x=x, y=y, y_pred=model(x, training=True))
            after = [scope.get_current_value(variable) for variable in others]
        return found, [value if new is None else new for value, new in zip(rest, after, strict=True)]

    def step(state, x, y):
        weights, rest, optimizer = state
        (value, rest), gradients = jax.value_and_grad(loss, has_aux=True)(weights, rest, x, y)
        weights, optimizer = model.optimizer.stateless_apply(optimizer, gradients, weights)
        return (weights, rest, optimizer), value

    state = tuple([jnp.copy(variable.value) for variable in group] for group in (trained, others, moments))
    return jax.jit(step, donate_argnums=0), state
