"""The course: one folder a day, one file a lesson.

`python -m sprints` lists the lessons, `python -m sprints.day3.denoise` runs one.
"""

import sys

# Only the command line of a lesson loads Keras here, quietly; a plain import of this package does nothing.
if sys.argv[0] == "-m" and any(word.startswith("sprints.day") for word in sys.orig_argv):
    from keras_cv_course.lesson.start import load_keras_quietly

    load_keras_quietly()
