"""ECG5000: real heartbeats of one patient, in the form of TensorFlow's autoencoder tutorial."""

from pathlib import Path

import numpy as np

from keras_cv_course.data.part import Info, Part, split
from keras_cv_course.data.readers import keras_cache
from keras_cv_course.errors import InputError

ADDRESS = "http://storage.googleapis.com/download.tensorflow.org/data/ecg.csv"
SAMPLES = 140
LARGEST = 10.0

INFO = Info(
    name="ecg5000",
    title="4,998 heartbeats of 140 samples of one patient with heart failure",
    fields={
        "signals": "(N, 140) float32 in [-10, 10]; each beat has mean 0 and standard deviation 1",
        "labels": "(N,) int64, 1 = normal, 0 = abnormal",
    },
    classes=("abnormal", "normal"),
    source="Goldberger et al., PhysioBank, 2000 (BIDMC congestive heart failure database, record chf07); "
    "beats cut out by Chen et al., A general framework for never-ending learning from time series streams, "
    "2015; "
    f"labels made binary by TensorFlow: {ADDRESS}",
    licence="none stated; PhysioNet's source database: Open Data Commons Attribution 1.0",
    file=keras_cache.folder() / "ecg.csv",
)


def load(file=None):
    """About 3,600 training, 400 validation and 1,000 test beats (72, 8, 20 %), in one fixed stratified split.

    Args:
        file: a CSV of that form: 140 numbers a line, then the label, no header. By default Keras' cache is
            read, `$KERAS_HOME/datasets/ecg.csv`, into which the file is downloaded once.

    Raises:
        InputError: no file and no network, or the file is damaged; the line and the column are named.
    """
    path = Path(file).expanduser() if file is not None else keras_cache.folder() / "ecg.csv"
    if file is None and not path.is_file():
        path = _download(path)
    signals, labels = read(path)
    count = len(labels)
    test = max(1, round(0.2 * count))
    validation = max(1, round(0.1 * (count - test)))
    order = np.random.default_rng(0)
    shuffled = [order.permutation(rows) for rows in split(count, (validation, test), seed=21, groups=labels)]
    return [Part(signals=signals[rows], labels=labels[rows]) for rows in shuffled]


def read(path):
    """Read and check a file.

    Args:
        path: the CSV: 140 numbers in [-10, 10] a line, then 1 for a normal or 0 for an abnormal beat.

    Returns:
        signals (N, 140) float32 and labels (N,) int64.

    Raises:
        InputError: the file cannot be read or is damaged; names the file, and line and column from 1.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").rstrip().splitlines()
    except UnicodeDecodeError:
        raise InputError(f"expected a CSV of heartbeats, got {path}, which is not a text file") from None
    except FileNotFoundError:
        raise InputError(f"there is no file {path}; download {ADDRESS} and name it with --file") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; name a CSV of heartbeats") from None
    if not lines:
        raise InputError(f"{path} is empty; download {ADDRESS} again")

    table = np.stack([_numbers(path, row, line) for row, line in enumerate(lines, start=1)])
    signals, labels = table[:, :-1], table[:, -1]
    wrong = ~(np.abs(signals) <= LARGEST)  # also true for NaN
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise InputError(
            f"{path}, line {row + 1}, column {column + 1}: expected a number in [-{LARGEST:g}, {LARGEST:g}], "
            f"got {signals[row, column]:g}"
        )
    wrong = ~np.isin(labels, (0, 1))
    if wrong.any():
        row = np.argmax(wrong)
        raise InputError(
            f"{path}, line {row + 1}, column {SAMPLES + 1}: the label must be 1 (normal) or 0 (abnormal), "
            f"got {labels[row]:g}"
        )
    counts = [int(np.sum(labels == label)) for label in (1, 0)]
    if min(counts) < 10:
        raise InputError(
            f"{path} must hold at least 10 normal and 10 abnormal beats to train and to test on, "
            f"got {counts[0]} normal and {counts[1]} abnormal"
        )
    return signals.astype("float32"), labels.astype("int64")


def _numbers(path, row, line):
    cells = line.split(",")
    if len(cells) != SAMPLES + 1:
        raise InputError(
            f"{path}, line {row}: expected {SAMPLES} numbers and a label ({SAMPLES + 1} columns), "
            f"got {len(cells)}; the file may be cut short"
        )
    try:
        return np.array(cells, dtype="float64")
    except ValueError:
        for column, cell in enumerate(cells, start=1):
            try:
                float(cell)
            except ValueError:
                raise InputError(
                    f"{path}, line {row}, column {column}: expected a number, got {cell!r}"
                ) from None
        raise


def _download(path):
    import keras

    def download():
        return keras.utils.get_file(
            path.name, ADDRESS, cache_dir=str(path.parent.parent), cache_subdir="datasets"
        )

    hint = "Or name a copy with --file, or use the built-in beats: --dataset beats"
    return Path(keras_cache.fetch(download, [path.name], ADDRESS, hint))
