"""Models that make pictures: two networks, each of which learns from beating the other. One paper a file.

What they all have in common:

- images are (N, H, W, C) float32 in [0, 1], C of 1 or 3 in the order red, green, blue. The networks see and
  answer in the papers' range of [-1, 1]; they convert by themselves, and L1 losses are measured in that
  range;
- a discriminator gives logits (or, with least squares, numbers that ought to be 1 or 0), no sigmoid:
  (N, 1), or (N, h, w, 1) of a PatchGAN;
- generator and discriminator are models of their own. The model that trains both has them under
  `generator` and `discriminator`, is trained with plain `fit` and one Adam (the papers': a rate of 2e-4,
  beta_1 of 0.5), and logs `discriminator_loss` and `generator_loss`;
- each player moves only by its own loss, though one number is minimised: see `two_players`;
- what chance decides is drawn from a state that is saved with the weights, so that a resumed training is the
  uninterrupted one: see `random_state`;
- the constructor's defaults are the published network, `small()` is one for 28x28 or 32x32 images that trains
  in seconds;
- published numbers of parameters count what is trained: weights, biases, and batch normalisation's scale
  and offset, without its running mean and variance.
"""

import keras_cv_course.gradient_order  # noqa: F401
