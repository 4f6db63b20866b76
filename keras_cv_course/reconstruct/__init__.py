"""Models that learn by giving back what they were shown: autoencoders. One paper a file."""

import keras_cv_course.gradient_order  # noqa: F401
