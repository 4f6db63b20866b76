"""A computer-vision bootcamp with Keras: models, data, figures, lessons and exercises."""

__version__ = "0.1.0"
