"""Day 5: looking inside."""

LESSONS = ("filters", "neighbors", "class_images", "saliency", "cam")
