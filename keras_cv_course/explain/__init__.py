"""What a trained network looks at: maps of importance for an image, one method a file.

What they have in common:

- the network is any built Keras classifier, images (N, H, W, C) -> logits (N, classes); it stays as it is;
- `classes` are (N,) integers, the class that is to be explained for each image: the predicted one, or another;
- what comes back are NumPy arrays, on every backend; a batch is one pass, so the caller cuts large sets.
"""

import keras_cv_course.gradient_order  # noqa: F401
