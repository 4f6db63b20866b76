"""Exercises as notebooks, and their check cells."""
