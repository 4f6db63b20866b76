"""Files that Keras downloads once and keeps under `$KERAS_HOME` (by default `~/.keras`)."""

import os
import shutil
import tempfile
from pathlib import Path

from keras_cv_course.data.readers.cache_folder import cache_folder
from keras_cv_course.errors import InputError


def folder():
    """The folder of Keras' data sets: `$KERAS_HOME/datasets`, by default `~/.keras/datasets`."""
    return cache_folder("KERAS_HOME", ".keras") / "datasets"


def fetch(download, files, address, hint=""):
    """Run one of Keras' downloading loaders so that it neither loses nor ignores a file of the user's.

    Keras deletes a cached file that fails its check when the new download fails too, and looks into
    a temporary folder, without a word, when `$KERAS_HOME` is not writable.

    Args:
        download: a function without arguments, such as `keras.datasets.mnist.load_data`.
        files: the files below `folder()` that it reads.
        address: where a user can get them by hand.
        hint: a last sentence for the error, such as another way to the same data.

    Returns:
        What `download()` returns.

    Raises:
        InputError: a file is missing and there is no network, or a file is corrupt.
    """
    root = folder()
    paths = [root / file for file in files]
    try:
        root.mkdir(parents=True, exist_ok=True)
        writable = os.access(root.parent, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        raise InputError(
            f"Keras needs a writable KERAS_HOME, got {root.parent}; set KERAS_HOME to a folder of yours "
            "and copy the data there"
        )
    kept = _keep(paths)
    try:
        return download()
    except Exception as error:
        present = [str(path) for path, copy in zip(paths, kept, strict=True) if copy]
        problem = f"{type(error).__name__}: {error}".splitlines()[0]
        if len(present) == len(paths):
            raise InputError(
                f"corrupt file: {', '.join(present)} cannot be read ({problem}); move it away and download "
                f"{address} again. {hint}".strip()
            ) from error
        missing = ", ".join(str(path) for path in paths if str(path) not in present)
        raise InputError(
            f"no network and no cached file ({problem}); download {address} on another machine and put it "
            f"at {missing}. {hint}".strip()
        ) from error
    finally:
        _put_back(paths, kept)


def _keep(paths):
    """A copy of each file that is there, so that a deletion by Keras can be undone."""
    kept = []
    for path in paths:
        copy = None
        if path.is_file():
            copy = Path(tempfile.mkdtemp(prefix=".kept.", dir=path.parent)) / path.name
            shutil.copy2(path, copy)
        kept.append(copy)
    return kept


def _put_back(paths, kept):
    for path, copy in zip(paths, kept, strict=True):
        if copy is None:
            continue
        if not path.exists():
            os.replace(copy, path)
        copy.unlink(missing_ok=True)
        copy.parent.rmdir()
