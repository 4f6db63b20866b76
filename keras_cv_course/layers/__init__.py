"""Layers that two or more models share, or that stand for a paper of their own."""
