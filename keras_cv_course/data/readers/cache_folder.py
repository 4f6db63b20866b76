"""The folder of a cache: an environment variable's, else one in the user's home."""

import os
from pathlib import Path

from keras_cv_course.errors import InputError


def cache_folder(variable, name):
    """Where a library keeps what it has downloaded.

    Args:
        variable: the environment variable that names the folder.
        name: the folder in the user's home where the variable is not set.

    Raises:
        InputError: the variable is not set, and the user has no home, as in some containers.
    """
    try:
        return Path(os.environ.get(variable) or f"~/{name}").expanduser()
    except RuntimeError:
        raise InputError(
            f"this user has no home folder; set {variable} to a folder that may be written"
        ) from None
