"""Measures that two or more lessons share."""
