"""Whatever a person gives that cannot be used: one clear line, exit code 2, nothing half-written."""

import gzip
import os
import shutil

import keras
import numpy as np
import pytest

from sprints.day1.augment import augment
from sprints.day1.selftrain import selftrain
from sprints.day3.anomaly import anomaly
from sprints.day3.denoise import denoise
from sprints.day4.cyclegan import cyclegan


def refuse(lesson, arguments, capsys):
    """Run a lesson's command line; give back the one line that it says on standard error."""
    with pytest.raises(SystemExit) as stop:
        lesson.main(arguments)
    assert stop.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and said.startswith(f"{lesson.name}: "), said
    assert "Traceback" not in said
    return said


def nothing_written(folder):
    return not [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--dataset", "digit"], "unknown data set 'digit'; choose one of: digits,"),
        (["--limit", "0"], "limit must be at least 1 example, got 0"),
        (["--size", "0"], "size is a number of pixels, 1 or more"),
        (["--size", "10"], "H and W multiples of 4"),
        (["--filters", "0", "8"], "filters must be two numbers of channels of 1 or more, received (0, 8)"),
        (["--noise", "-0.1"], "noise must be a finite number of 0 or more, received -0.1"),
        (["--batch-size", "0"], "batch_size must be at least 1, got 0"),
        (["--epochs", "0"], "epochs must be at least 1"),
        (["--learning-rate", "0"], "learning_rate must be a finite number above 0, received 0.0"),
        (["--learning-rate", "nan"], "learning_rate must be a finite number above 0, received nan"),
        (["--noise", "inf"], "noise must be a finite number of 0 or more, received inf"),
        (["--epochs", "many"], "invalid literal for int() with base 10: 'many'"),
        (["--seed", "-1"], "seed must be between 0 and 2^32 - 1, got -1"),
        (["--precision", "float8"], "invalid choice 'float8' for argument '--precision'"),
        (["--preset", "slow"], "unknown preset 'slow'; choose one of: quick, default, full"),
        (["--nois", "0.1"], "Unrecognized options: --nois"),
        (["--resume"], "there is no interrupted run"),
        (["--dataset", "swiss_roll"], "this needs data with images; what was loaded has points, position"),
    ],
)
def test_arguments(arguments, says, capsys, tmp_path):
    preset = [] if "--preset" in arguments else ["--preset", "quick"]
    assert says in refuse(denoise, [*preset, *arguments], capsys)
    assert nothing_written(tmp_path)


@pytest.mark.parametrize("option", ["--output", "--saved-models"])
def test_folder_that_cannot_be_written(option, capsys, tmp_path):
    (tmp_path / "file").write_text("mine")
    said = refuse(denoise, ["--preset", "quick", option, str(tmp_path / "file" / "below")], capsys)
    assert "Not a directory" in said and str(tmp_path / "file") in said
    assert (tmp_path / "file").read_text() == "mine"


def test_arguments_that_leave_nothing_to_compare(capsys, tmp_path):
    said = refuse(augment, ["--preset", "quick", "--repeats", "1"], capsys)
    assert "a spread needs two trainings of each way or more, got repeats=1" in said
    said = refuse(selftrain, ["--preset", "quick", "--limit", "150"], capsys)
    assert "150 training images leave none without a label where 10 classes keep 20 each" in said
    assert nothing_written(tmp_path)


@pytest.fixture
def empty_cache(keras_home, tfds_folder):
    return keras_home


def test_what_is_missing_or_does_not_fit_is_said_before_any_training(empty_cache, capsys, tmp_path):
    said = refuse(cyclegan, ["--preset", "quick", "--size", "28"], capsys)
    assert "multiples of 8" in said
    assert not list(tmp_path.rglob("training.*.csv"))


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_no_network_and_no_cache(name, empty_cache, capsys):
    said = refuse(denoise, ["--preset", "quick", "--dataset", name], capsys)
    assert "no network and no cached file" in said and str(empty_cache / "datasets") in said


def test_no_network_and_no_cache_for_the_second_door(empty_cache, capsys):
    said = refuse(denoise, ["--preset", "quick", "--dataset", "tfds:mnist"], capsys)
    assert "TFDS_DATA_DIR" in said and "Network is unreachable" in said


def test_no_network_and_no_cache_for_the_ecg(empty_cache, capsys):
    said = refuse(anomaly, ["--preset", "quick", "--dataset", "ecg5000"], capsys)
    assert "ecg.csv" in said and "--file" in said


def test_truncated_mnist_is_named_and_kept(empty_cache, capsys):
    path = empty_cache / "datasets" / "mnist.npz"
    path.parent.mkdir()
    path.write_bytes(b"PK\x03\x04 half a file")
    said = refuse(denoise, ["--preset", "quick", "--dataset", "mnist"], capsys)
    assert f"corrupt file: {path}" in said
    assert path.read_bytes() == b"PK\x03\x04 half a file"
    assert os.listdir(path.parent) == ["mnist.npz"]


def test_truncated_fashion_mnist_is_named_and_kept(empty_cache, capsys):
    folder = empty_cache / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    for name in ("train-labels-idx1", "train-images-idx3", "t10k-labels-idx1", "t10k-images-idx3"):
        (folder / f"{name}-ubyte.gz").write_bytes(gzip.compress(bytes(2000))[:20])
    said = refuse(denoise, ["--preset", "quick", "--dataset", "fashion_mnist"], capsys)
    assert "corrupt file" in said and "train-labels-idx1-ubyte.gz" in said
    assert len(list(folder.iterdir())) == 4


def test_file_for_a_set_that_takes_none(tmp_path):
    from keras_cv_course import data
    from keras_cv_course.errors import InputError

    with pytest.raises(InputError, match="'digits' is not read from one file"):
        data.load("digits", file=tmp_path / "x.csv")


def ecg(rows=40, columns=140, seed=0):
    rng = np.random.default_rng(seed)
    return np.c_[rng.normal(size=(rows, columns)), np.arange(rows) % 2]


def damaged(kind, path):
    """Write an ECG file with one thing wrong; give back what the message must say."""
    table = ecg()
    if kind == "missing":
        return "there is no file"
    if kind == "empty":
        path.write_text("")
        return "empty"
    if kind == "truncated":
        np.savetxt(path, table, delimiter=",")
        path.write_bytes(path.read_bytes()[:-1500])
        return "line 40"
    if kind == "shape":
        np.savetxt(path, ecg(columns=100), delimiter=",")
        return "100 samples a beat in place of 140"
    if kind == "nan":
        table[2, 4] = np.nan
        np.savetxt(path, table, delimiter=",")
        return "line 3, column 5"
    if kind == "range":
        table[2, 4] = 1e6
        np.savetxt(path, table, delimiter=",")
        return "line 3, column 5"
    if kind == "normal only":
        table[:, -1] = 1
        np.savetxt(path, table, delimiter=",")
        return "normal"


@pytest.mark.parametrize("kind", ["missing", "empty", "truncated", "shape", "nan", "range", "normal only"])
def test_ecg_files(kind, capsys, tmp_path):
    path = tmp_path / "mine.csv"
    says = damaged(kind, path)
    before = path.read_bytes() if path.exists() else None
    said = refuse(anomaly, ["--preset", "quick", "--dataset", "ecg5000", "--file", str(path)], capsys)
    assert "mine.csv" in said and says in said
    assert (path.read_bytes() if path.exists() else None) == before
    path.unlink(missing_ok=True)
    assert nothing_written(tmp_path)


def test_keras_home_that_is_not_writable(empty_cache, capsys):
    """Keras would look into /tmp without a word (KERAS.md): the lesson says so instead."""
    shutil.rmtree(empty_cache)
    empty_cache.write_text("a file where a folder should be")
    said = refuse(denoise, ["--preset", "quick", "--dataset", "mnist"], capsys)
    assert f"Keras needs a writable KERAS_HOME, got {empty_cache}" in said
    assert keras.config.dtype_policy().name == "float32"
