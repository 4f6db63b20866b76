"""Day 5: looking inside."""

LESSONS = ()
