"""CIFAR-10 through `keras.datasets`, or from a file that the user names."""

import zipfile
from pathlib import Path

import numpy as np

from keras_cv_course.data.image_arrays import parts_of
from keras_cv_course.data.part import Info
from keras_cv_course.data.readers import keras_cache
from keras_cv_course.data.readers.file_limits import limit_arrays
from keras_cv_course.errors import InputError

ADDRESS = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
ARCHIVE = "cifar-10-batches-py-target_archive"  # the name under which Keras keeps it
ARRAYS = ("x_train", "y_train", "x_test", "y_test")
LAYOUT = "an .npz with x_train, x_test (N, 32, 32, 3) uint8 and y_train, y_test (N,) labels from 0 to 9"

INFO = Info(
    name="cifar10",
    title="60,000 photographs of 32x32 pixels: animals and vehicles",
    fields={
        "images": "(N, 32, 32, 3) float32 in [0, 1], red, green, blue",
        "labels": "(N,) int64, 0 to 9",
    },
    classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    source="Krizhevsky, Learning multiple layers of features from tiny images, 2009; keras.datasets.cifar10",
    licence="none stated; the photographs were collected from the web for research",
    file=keras_cache.folder() / ARCHIVE,
)

MOST_BYTES = 2**30  # of all arrays together: six times CIFAR-10


def load(file=None):
    """45,000 training, 5,000 validation and 10,000 test photographs; from a file a tenth validates.

    Args:
        file: an .npz with x_train, x_test (N, 32, 32, 3) uint8 and y_train, y_test (N,) or (N, 1) labels. By
            default Keras' cache is read, into which the archive (163 MB) is downloaded once.

    Raises:
        InputError: no file and no network, or the file is damaged; it is named.
    """
    if file is not None:
        train, test = read(Path(file).expanduser())
        return parts_of(train, test, name=str(file), validation=min(5000, len(train[1]) // 10))
    from keras.datasets import cifar10

    hint = "Or name an .npz with --file, or use the built-in shapes: --dataset shapes"
    train, test = keras_cache.fetch(cifar10.load_data, [ARCHIVE], ADDRESS, hint)
    return parts_of(*((images, labels.ravel()) for images, labels in (train, test)), name="cifar10")


def read(path):
    """Read and check a file.

    Args:
        path: an .npz of that layout. Nothing in it is unpickled.

    Returns:
        (images, labels) of the training and of the test part: (N, 32, 32, 3) uint8 and (N,) int64.

    Raises:
        InputError: the file cannot be read or is damaged; names the file and the array.
    """
    arrays = {}
    try:
        limit_arrays(path, ARRAYS, MOST_BYTES)
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            for name in ARRAYS:
                arrays[name] = file[name]
    except FileNotFoundError:
        raise InputError(f"there is no file {path}; name {LAYOUT} with --file") from None
    except InputError:
        raise
    except KeyError:
        raise InputError(f"{path} holds {', '.join(file.files)}, but no {name}; expected {LAYOUT}") from None
    except (OSError, ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise InputError(f"cannot read {path} ({error}); expected {LAYOUT}; copy it again") from None
    return tuple(_checked(path, part, arrays[f"x_{part}"], arrays[f"y_{part}"]) for part in ("train", "test"))


def _checked(path, part, images, labels):
    if images.shape[1:] != (32, 32, 3) or len(images) < 20:
        raise InputError(
            f"{path}, x_{part}: expected (N, 32, 32, 3), N of 20 or more, got {images.shape}; name {LAYOUT}"
        )
    if images.dtype != np.uint8:
        nan = " with NaN" if images.dtype.kind == "f" and np.isnan(images).any() else ""
        raise InputError(f"{path}, x_{part}: expected uint8 pixels, 0 to 255, got {images.dtype}{nan}")
    if labels.ravel().shape != images.shape[:1] or labels.dtype.kind not in "ui":
        raise InputError(
            f"{path}, y_{part}: expected {len(images)} whole numbers, one an image, "
            f"got {labels.shape} {labels.dtype}"
        )
    labels = labels.ravel().astype("int64")
    if labels.min() < 0 or labels.max() > 9:
        row = np.argmax((labels < 0) | (labels > 9))
        raise InputError(f"{path}, y_{part}[{row}]: expected a label from 0 to 9, got {labels[row]}")
    return images, labels
