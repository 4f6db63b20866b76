"""`python -m tests.lesson.without_tensorflow MODULE WORDS`: runs a module where TensorFlow cannot be imported.

It stands for an environment without TensorFlow and without the packages that need it.
"""

import runpy
import sys

ABSENT = ("tensorflow", "tensorflow_datasets", "keras_cv")


class Absent:
    """Import hook for which TensorFlow is not installed."""

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


if __name__ == "__main__":
    sys.meta_path.insert(0, Absent())
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
