"""Day 3: autoencoders."""
