"""Semantic segmentation: models that give every pixel a class. One paper a file.

What they have in common:

- images are (N, H, W, C) float32 in [0, 1]; the output is (N, h, w, classes) float32 logits, no softmax, of the
  images' size unless the file says otherwise;
- masks are (N, H, W) integers, the class of every pixel; 255 is void: a pixel without a class, which counts
  neither in a loss nor in a metric;
- an image size that a model cannot take raises an `InputError` that names sizes that fit; `overlap_tile` takes
  images of any size.
"""

import keras_cv_course.gradient_order  # noqa: F401

VOID = 255
