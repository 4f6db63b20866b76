"""Generative adversarial networks: a generator learns from a discriminator that learns to recognise its images.

One paper a file. What they share:

- images are (N, H, W, C) float32 in [0, 1], C of 1 or 3 in the order red, green, blue. The networks compute in the
  papers' range of [-1, 1]; they convert by themselves, and L1 losses are measured in that range;
- a discriminator's outputs are logits (or, with least squares, numbers whose targets are 1 and 0), no sigmoid:
  (N, 1), or (N, h, w, 1) of a PatchGAN;
- generator and discriminator are models of their own. The model that trains both has them under `generator` and
  `discriminator`, is trained with plain `fit` and one Adam (the papers': a rate of 2e-4, beta_1 of 0.5), and logs
  `discriminator_loss` and `generator_loss`;
- each network moves only by its own loss, though one number is minimised: see `adversarial.adversarial_losses`;
- random numbers come from a state that is saved with the weights, so that a resumed training equals the
  uninterrupted one: see `adversarial.random_state`;
- the constructor's defaults are the published network, `small()` is one for 28x28 or 32x32 images that trains in
  seconds;
- published numbers of parameters count what is trained: weights, biases, and batch normalisation's scale and
  offset, without its running mean and variance.
"""

import keras_cv_course.gradient_order  # noqa: F401
