"""Figures that lessons of day 4 alone draw."""
