"""Parts of a training that several lessons share: schedules, callbacks, restart, transfer, distillation."""
