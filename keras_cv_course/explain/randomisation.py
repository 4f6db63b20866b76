"""The model randomisation check: a map that explains a network must change when the network does.

Adebayo, Gilmer, Muelly, Goodfellow, Hardt and Kim, "Sanity Checks for Saliency Maps", NeurIPS 2018, section 3:
cascading randomisation, and the rank correlation of the absolute maps.
"""

import contextlib

import numpy as np
from keras import ops
from scipy import stats

from keras_cv_course.errors import InputError


@contextlib.contextmanager
def cascading_randomisation(model, stages, rng):
    """Destroy what a network has learned, from its top down, one stage after the other; afterwards it is as before.

    A layer is randomised by shuffling the values of each of its weight matrices and kernels: their distribution stays,
    so that activations keep their scale, and what they had learned is gone. The statistics, scales and offsets of batch
    normalisation, and biases, stay; the paper draws all weights anew.

    Args:
        model: a built network.
        stages: {name: list of layers}, from the last one of the network to the first.
        rng: a `numpy.random.Generator`.

    Yields:
        An iterator over the names: at each step that stage, and all before it, are random.

    Raises:
        InputError: a stage has no kernel to randomise.
    """
    before = model.get_weights()

    def steps():
        for name, layers in stages.items():
            kernels = [
                weight for layer in layers for weight in layer.trainable_weights if len(weight.shape) > 1
            ]
            if not kernels:
                raise InputError(f"stage {name!r} has no kernel to randomise; choose other layers")
            for kernel in kernels:
                values = ops.convert_to_numpy(kernel)
                kernel.assign(rng.permuted(values.ravel()).reshape(values.shape))
            yield name

    try:
        yield steps()
    finally:
        model.set_weights(before)


def rank_correlation(first, second):
    """Spearman's correlation of the absolute values of two maps: 1 where they rank all pixels alike.

    Args:
        first: array of finite numbers.
        second: another one of the same shape.

    Returns:
        A number in [-1, 1]; 0 where one of them is constant, and so ranks nothing.

    Raises:
        InputError: the shapes differ.
    """
    first, second = (np.abs(np.asarray(array, "float64")) for array in (first, second))
    if first.shape != second.shape:
        raise InputError(f"expected two maps of one shape, received {first.shape} and {second.shape}")
    if not np.ptp(first) or not np.ptp(second):
        return 0.0
    return float(stats.spearmanr(first.ravel(), second.ravel()).statistic)
