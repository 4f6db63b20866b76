"""Figures that lessons of day 3 alone draw."""
