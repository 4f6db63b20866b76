"""Models that detect objects: what is where, as boxes with a class and a score. One paper a file.

Boxes are as in `keras_cv_course.boxes`: (..., 4) in pixels, x_min, y_min, x_max, y_max; rows of -1, of class
-1, are padding.
"""

import keras_cv_course.gradient_order  # noqa: F401
