"""Figures that lessons of day 1 alone draw."""
