"""Exercises of day 1: what is blanked, its points, hints and checks."""
