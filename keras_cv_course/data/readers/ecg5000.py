"""ECG5000: real heartbeats of one patient, in the form of TensorFlow's autoencoder tutorial."""

import re
from pathlib import Path

import numpy as np

from keras_cv_course.data.part import Info, Part, split
from keras_cv_course.data.readers import keras_cache
from keras_cv_course.data.readers.file_limits import limit_size
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

MOST_BYTES, LONGEST_LINE = 2**26, 10_000  # nine times ECG5000; three times a line of 140 numbers


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
        InputError: the file cannot be read or is damaged; names the file, and line and column from 1. A table of
            heartbeats in another form, such as the UCR archive's, is described, and a command converts it.
    """
    limit_size(path, MOST_BYTES, "a CSV of heartbeats")
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").rstrip().splitlines()
    except UnicodeDecodeError:
        raise InputError(f"expected a CSV of heartbeats, received {path}, which is not a text file") from None
    except FileNotFoundError:
        raise InputError(f"there is no file {path}; download {ADDRESS} and name it with --file") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; name a CSV of heartbeats") from None
    if not lines:
        raise InputError(f"{path} is empty; download {ADDRESS} again")
    longest = max(map(len, lines))
    if longest > LONGEST_LINE:
        raise InputError(
            f"{path} has a line of {longest:,} characters; expected a heartbeat of 140 numbers a line"
        )
    try:
        return _checked(path, lines)
    except InputError:
        form = _other_form(path, lines)
        if form:
            raise InputError(form) from None
        raise


def _checked(path, lines):
    table = np.stack([_numbers(path, row, line) for row, line in enumerate(lines, start=1)])
    signals, labels = table[:, :-1], table[:, -1]
    wrong = ~(np.abs(signals) <= LARGEST)  # also true for NaN
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise InputError(
            f"{path}, line {row + 1}, column {column + 1}: expected a number in [-{LARGEST:g}, {LARGEST:g}], "
            f"received {signals[row, column]:g}"
        )
    wrong = ~np.isin(labels, (0, 1))
    if wrong.any():
        row = np.argmax(wrong)
        raise InputError(
            f"{path}, line {row + 1}, column {SAMPLES + 1}: the label must be 1 (normal) or 0 (abnormal), "
            f"received {labels[row]:g}"
        )
    counts = [int(np.sum(labels == label)) for label in (1, 0)]
    if min(counts) < 10:
        raise InputError(
            f"{path} must hold at least 10 normal and 10 abnormal beats to train and to test on, "
            f"received {counts[0]} normal and {counts[1]} abnormal"
        )
    return signals.astype("float32"), labels.astype("int64")


def _numbers(path, row, line):
    cells = line.split(",")
    if len(cells) != SAMPLES + 1:
        raise InputError(
            f"{path}, line {row}: expected {SAMPLES} numbers and a label ({SAMPLES + 1} columns), "
            f"received {len(cells)}; the file may be cut short"
        )
    try:
        return np.array(cells, dtype="float64")
    except ValueError:
        for column, cell in enumerate(cells, start=1):
            try:
                float(cell)
            except ValueError:
                raise InputError(
                    f"{path}, line {row}, column {column}: expected a number, received {cell!r}"
                ) from None
        raise


# How the columns of a table may be separated: (in words, separator, whether numbers have a decimal comma).
SEPARATORS = (
    ("", ",", False),
    ("semicolons between columns", ";", False),
    ("semicolons between columns and decimal commas", ";", True),
    ("tabs between columns", "\t", False),
    ("spaces between columns", None, False),
)


def _other_form(path, lines):
    """What a table of heartbeats in another form looks like and how to convert it; "" for other damage."""
    # Names of columns are words, or numbers one after the other.
    numbers = [float(cell) for cell in re.split("[,;\t ]+", lines[0]) if _is_number(cell)]
    header = len(numbers) < 2 or bool((np.diff(numbers) == 1).all())
    looks, table, options = _table(lines[header:])
    if table is None:
        return ""
    if header:
        looks.append("a header line")
    steps = [f"t = np.loadtxt({str(path)!r}, {options}, skiprows={int(header)}, encoding='utf-8-sig')"]
    whole = (table == np.round(table)).all(axis=0)  # columns of whole numbers
    if whole[0] and (whole[1] or whole[-1]) and (np.diff(table[:, 0]) == 1).all():
        looks.append("an index in the first column")
        steps.append("t = t[:, 1:]")
        table, whole = table[:, 1:], whole[1:]
    if whole[0] and not whole[-1]:
        looks.append("the label first")
        steps.append("t = np.roll(t, -1, axis=1)")
        table, whole = np.roll(table, -1, axis=1), np.roll(whole, -1)
    labels, count = np.unique(table[:, -1]), table.shape[1] - 1
    if not whole[-1] or len(labels) > 20:
        return ""
    if len(labels) > 1 and 1 in labels and 0 not in labels:
        looks.append(f"labels {', '.join(f'{label:g}' for label in labels)} (1 is normal in UCR's ECG5000)")
        steps.append("t[:, -1] = t[:, -1] == 1")
    if count != SAMPLES:
        looks.append(f"{count} samples a beat in place of {SAMPLES}")
        steps.append(f"x = np.linspace(0, {count - 1}, {SAMPLES})")
        steps.append(f"t = np.c_[[np.interp(x, range({count}), beat[:-1]) for beat in t], t[:, -1]]")
    steps.append(f"np.savetxt({Path(path).stem + '_converted.csv'!r}, t, delimiter=',', fmt='%.7g')")
    return looks and (
        f"{path} looks like a table of heartbeats with {'; '.join(looks)}; expected {SAMPLES} samples, then 1 "
        "(normal) or 0 (abnormal), with commas. To convert: "
        f'python -c "import numpy as np; {"; ".join(steps)}"'
    )


def _table(lines):
    """What separates the columns in words, in a list; the numbers, None if unreadable; and `loadtxt`'s options."""
    for words, separator, commas in SEPARATORS:
        rows = [line.replace(",", ".") for line in lines] if commas else lines
        try:
            table = np.loadtxt(rows, delimiter=separator, ndmin=2) if lines else np.zeros((0, 0))
        except ValueError:
            continue
        if table.shape[1] > 10:
            options = f"delimiter={separator!r}"
            options += ", converters=lambda cell: float(cell.replace(',', '.'))" if commas else ""
            return [words] if words else [], table, options
    return [], None, ""


def _is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _download(path):
    import keras

    def download():
        return keras.utils.get_file(
            path.name, ADDRESS, cache_dir=str(path.parent.parent), cache_subdir="datasets"
        )

    hint = "Or name a copy with --file, or use the built-in beats: --dataset beats"
    return Path(keras_cache.fetch(download, [path.name], ADDRESS, hint))
