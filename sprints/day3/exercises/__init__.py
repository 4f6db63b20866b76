"""Exercises of day 3: what is blanked, its points, hints and checks."""
