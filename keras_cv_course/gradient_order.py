"""Importing this makes TensorFlow compute every gradient before it changes a weight.

TensorFlow 2.21 under Keras 3.15 does not, where `fit` runs as a graph without XLA (the default on a CPU):
one of its graph optimizations drops the rule that reads come before writes, so the backward pass may read a
kernel that the optimizer has moved already. For three dense layers under SGD most steps are then wrong, by as
much as the step is long, and two runs with one seed differ. tests/test_keras_facts.py holds the measurement.
Without that optimization all is as it should be, and no slower (benchmarks/results/small_choices.json).
"""

import keras

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"dependency_optimization": False})
