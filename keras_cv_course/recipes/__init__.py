"""What wraps around any model: schedules, mixing, distillation, folds, ensembles."""

import keras_cv_course.gradient_order  # noqa: F401
