"""Exercises of day 2: what is blanked, its points, hints and checks."""
