"""Day 2: beyond classification: a class for every pixel, a box for every object."""

LESSONS = ("fcn", "unet", "deeplab", "boxes", "proposals", "yolo", "centernet")
