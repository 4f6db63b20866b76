"""Day 4: generative adversarial networks."""

LESSONS = ("dcgan", "pix2pix", "cyclegan")
