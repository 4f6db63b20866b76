"""Freezing a network: its weights stay as they are while others train."""


def set_trainable(network, trainable):
    """Freeze or thaw a layer or model, and every layer in it.

    `network.trainable = False` alone does so too, but Keras 3.15 on TensorFlow ignores the assignment of a
    value that is already there. A model that was saved frozen comes back frozen by name, with layers in it
    that are not, and could then never be frozen; hence the detour over the opposite value.

    Args:
        network: a `keras.Layer` or `keras.Model`, built or not.
        trainable: True or False.
    """
    network.trainable = not trainable
    network.trainable = trainable
