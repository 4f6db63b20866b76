"""One colour a class, the same in all figures of segmentation masks and of several detections."""

from keras_cv_course.plot.style import BLUE, GREEN, ORANGE, PURPLE, RED, SKY

# From the eighth class on darker ones; the background is light.
TONES = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, "#F0E442", "#004D75", "#8F6300", "#00664B", "#8C3D00")
BACKGROUND = "#E8E8E8"
