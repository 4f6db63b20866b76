"""Augmentation: changes to images that keep, or consistently change, their labels, boxes and masks."""
