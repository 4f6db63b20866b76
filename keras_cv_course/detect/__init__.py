"""Models that say what is where, and the operators that they share. One idea a file.

What they all have in common:

- boxes are (..., 4) in pixels, "xyxy" unless a name says otherwise: x_min, y_min, x_max, y_max, the width is
  x_max - x_min; `formats` makes the other forms. Pixel column i covers [i, i + 1), so a whole picture is
  (0, 0, W, H) and the centre of the first pixel is 0.5;
- objects of one picture come in K rows; a row of -1, of class -1, is no object (the form of
  `data.load("shapes:several")`);
- classes of objects are 0 to C - 1; where a network has a class for "nothing", its file says which.
"""

import keras_cv_course.gradient_order  # noqa: F401
