"""What GANs share: their losses, an image pool, a monitor of the training, measures of generated images."""
