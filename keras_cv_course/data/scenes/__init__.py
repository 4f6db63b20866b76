"""Scenes drawn from a seed: shapes with their labels, boxes and masks."""
