"""The course's command: `python -m sprints` lists the lessons; `python -m sprints --help` tells the rest."""

import sys
from pathlib import Path

from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.start import say_interruptions, write_in_any_encoding

if __name__ == "__main__":
    say_interruptions("sprints", "the same command goes on")
    write_in_any_encoding()
    if sys.argv[1:]:
        from sprints.commands import main

        main(sys.argv[1:])
    else:
        # Nothing heavy is imported on this way: the list is there at once.
        print(catalogue.listing(Path(__file__).parent, Path("runs")))
