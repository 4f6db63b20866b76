"""Models that learn by giving back what they were shown: autoencoders. One paper a file."""
