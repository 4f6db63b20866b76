"""Day 5: looking inside."""

LESSONS = ("filters", "saliency", "cam")
