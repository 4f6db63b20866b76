"""Ways to apply a trained model: overlap-tile."""
