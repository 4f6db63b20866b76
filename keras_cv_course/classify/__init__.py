"""Models that say what a picture shows. One paper a file.

What they all have in common:

- images are (N, H, W, C) float32 in [0, 1], C of 1 or 3 in the order red, green, blue; no model subtracts a
  mean. Models with ImageNet weights want other numbers: `training.imagenet_weights.preprocess` makes them;
- out come logits (N, classes) float32, no softmax: compile with `from_logits=True`;
- `endpoints(images)` gives {name: feature map}, the last one under "features" too, and
  `classify(features)` makes logits of that one;
- the constructor's defaults or a class method are the published network, `small()` is one for 32x32 images
  that trains in seconds;
- published numbers of parameters count what is trained: weights, biases, and batch normalisation's scale
  and offset, without its running mean and variance.
"""

import keras_cv_course.gradient_order  # noqa: F401
