"""Image classifiers, one paper a file.

What they have in common:

- images are (N, H, W, C) float32 in [0, 1], C of 1 or 3 in the order red, green, blue; no model subtracts a
  mean. ImageNet weights expect other values: see `training.imagenet_weights.preprocess`;
- outputs are logits (N, classes) float32, without softmax: compile with `from_logits=True`;
- `endpoints(images)` returns {name: feature map}, the last one under "features" too, and
  `classify(features)` the logits of that one;
- the constructor's defaults or a class method are the published network, `small()` is one for 32x32 images
  that trains in seconds;
- numbers of parameters are those of trainable ones: weights, biases, and batch normalisation's scale and
  offset, without its running mean and variance.
"""

import keras_cv_course.gradient_order  # noqa: F401
