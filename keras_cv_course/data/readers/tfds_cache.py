"""The cache of `tensorflow_datasets`, `$TFDS_DATA_DIR`."""

import socket
from pathlib import Path

from keras_cv_course.data.readers.cache_folder import cache_folder
from keras_cv_course.errors import InputError


def folder():
    """The cache folder of tensorflow_datasets: `$TFDS_DATA_DIR`, by default `~/tensorflow_datasets`."""
    return cache_folder("TFDS_DATA_DIR", "tensorflow_datasets")


def check_network():
    """Raise OSError at once when there is no network: tfds would retry for minutes."""
    socket.create_connection(("storage.googleapis.com", 443), timeout=5).close()


def source(builder):
    """A text that says which prepared set a builder reads; another one once its files have changed."""
    files = sorted(path for path in Path(builder.data_path).iterdir() if path.is_file())
    about = " ".join(f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files)
    return f"{builder.info.full_name} {about}"


def fetch(plain, read, hint=""):
    """Read a set from the cache, into which it is downloaded where it is missing and there is a network.

    Args:
        plain: the set's name for tensorflow_datasets, such as "beans" or "voc/2007".
        read: a function of the set's builder.
        hint: a last sentence for the error, such as another way to the same data.

    Returns:
        What `read` returns.

    Raises:
        InputError: TensorFlow or tensorflow_datasets is not installed; the set is not in the cache and there is no
            network, or it cannot be read.
    """
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise InputError(
            f"{plain!r} is read by tensorflow_datasets on TensorFlow, which cannot be imported ({error}): pip install "
            "tensorflow tensorflow-datasets, or choose a data set that is built in or a folder of yours"
        ) from error
    try:
        # Even with the data on disk tfds would look at the network: try_gcs=False keeps it from that.
        builder = tfds.builder(plain, data_dir=folder(), try_gcs=False)
        if not builder.data_path.exists():
            check_network()
            builder.download_and_prepare()
        return read(builder)
    except InputError:
        raise
    except Exception as error:
        problem = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise InputError(
            f"tensorflow_datasets has no readable {plain!r} in {folder()} ({problem}); with a network it is "
            f"downloaded, without one copy a prepared {plain}/ folder there or set TFDS_DATA_DIR. "
            f"{hint}".strip()
        ) from error
