"""`python -m tests.lesson.without_tensorflow MODULE WORDS`: runs a module where TensorFlow is not to be found.

It stands for an environment without TensorFlow and without the packages that need it.
"""

import runpy
import sys

ABSENT = ("tensorflow", "tensorflow_datasets", "keras_cv")


class Without:
    """A finder of modules that finds all but those of TensorFlow."""

    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        return None if name.split(".")[0] in ABSENT else self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)


def hide_tensorflow():
    """From now on this process does not find TensorFlow."""
    sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]


if __name__ == "__main__":
    hide_tensorflow()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
