"""Exercises of day 4: what is blanked, its points, hints and checks."""
