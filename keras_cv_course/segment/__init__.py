"""Models that say of every pixel what it shows. One paper a file.

What they all have in common:

- images are (N, H, W, C) float32 in [0, 1]; out come logits (N, h, w, classes) float32, no softmax, of the
  images' size unless the file says otherwise;
- masks are (N, H, W) whole numbers, the class of every pixel; 255 is void: a pixel that belongs to no class
  and counts nowhere, neither in a loss nor in a metric;
- a size that a model cannot take raises an `InputError` that names the nearest ones; `overlap_tile` takes
  any.
"""

import keras_cv_course.gradient_order  # noqa: F401

VOID = 255
