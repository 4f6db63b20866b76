"""Figures that two or more lessons draw, and their common style. No model runs in here."""
