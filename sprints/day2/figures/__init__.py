"""Figures that lessons of day 2 alone draw."""
