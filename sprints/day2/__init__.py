"""Day 2: beyond classification, every pixel and every object."""
