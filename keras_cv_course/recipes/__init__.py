"""What wraps around any model: schedules, mixing, distillation, folds, ensembles."""
