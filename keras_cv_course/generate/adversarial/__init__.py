"""What GANs share: two players in one loss, image pool, monitor, quality of generated images."""
