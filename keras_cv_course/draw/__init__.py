"""Figures: each module holds one function that returns a `matplotlib.figure.Figure`."""
