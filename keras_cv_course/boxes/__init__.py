"""Operators on boxes: formats, overlap, anchors, matching, coding, suppression, average precision.

What they have in common:

- boxes are (..., 4) in pixels, "xyxy" unless a name says otherwise: x_min, y_min, x_max, y_max, and the width
  is x_max - x_min. Pixel column i covers [i, i + 1), so a whole image is (0, 0, W, H) and the centre of the
  first pixel is 0.5;
- the objects of one image come in K rows; a row of -1, of class -1, is padding (the form in which `data.load`
  gives them);
- classes of objects are 0 to C - 1; where a network has a class for the background, its file says which.
"""
