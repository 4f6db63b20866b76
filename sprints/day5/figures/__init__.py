"""Figures that lessons of day 5 alone draw."""
