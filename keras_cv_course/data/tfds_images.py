"""The second door to MNIST and Fashion-MNIST: `tensorflow_datasets` and its cache, `$TFDS_DATA_DIR`."""

import os
import socket
from dataclasses import replace
from pathlib import Path

from keras_cv_course.data import fashion_mnist, mnist
from keras_cv_course.data.grey_images import parts_of
from keras_cv_course.errors import InputError


def folder():
    """The cache folder of tensorflow_datasets: `$TFDS_DATA_DIR`, by default `~/tensorflow_datasets`."""
    return Path(os.environ.get("TFDS_DATA_DIR") or Path.home() / "tensorflow_datasets").expanduser()


def check_network():
    """Raise OSError at once when there is no network: tfds would retry for minutes."""
    socket.create_connection(("storage.googleapis.com", 443), timeout=5).close()


VERSION = "3.0.1"  # of both sets, since 2019
INFO = {
    f"tfds:{info.name}": replace(
        info,
        name=f"tfds:{info.name}",
        source=info.source.split(";")[0] + f"; tfds.load('{info.name}')",
        file=folder() / info.name / VERSION / "dataset_info.json",
    )
    for info in (mnist.INFO, fashion_mnist.INFO)
}


def load(name):
    """55,000 training, 5,000 validation and 10,000 test pictures."""
    import tensorflow_datasets as tfds

    plain = name.removeprefix("tfds:")
    try:
        # Even with the data on disk tfds would look at the network: try_gcs=False keeps it from that.
        builder = tfds.builder(plain, data_dir=folder(), try_gcs=False)
        if not builder.data_path.exists():
            check_network()
            builder.download_and_prepare()
        (train,), (test,) = (
            builder.as_dataset(split=[part], batch_size=-1, as_supervised=True) for part in ("train", "test")
        )
        arrays = [(images.numpy()[..., 0], labels.numpy()) for images, labels in (train, test)]
    except Exception as error:
        problem = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise InputError(
            f"tensorflow_datasets has no readable {plain!r} in {folder()} ({problem}); with a network it is "
            f"downloaded, without one copy a prepared {plain}/ folder there or set TFDS_DATA_DIR. "
            f"Or use the other door: --dataset {plain}"
        ) from error
    return parts_of(*arrays, name=name)
