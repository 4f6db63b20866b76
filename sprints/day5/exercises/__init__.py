"""Exercises of day 5: what is blanked, its points, hints and checks."""
