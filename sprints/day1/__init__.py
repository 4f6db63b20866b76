"""Day 1: convolutional networks."""
