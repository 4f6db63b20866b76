"""Losses that two or more models share."""
