"""Operators on boxes: formats, overlap, anchors, matching, coding, suppression, average precision."""
