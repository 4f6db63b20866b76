import contextlib
import http.server
import os
import threading

import numpy as np
import pytest

from keras_cv_course import data
from keras_cv_course.data.readers import ecg5000
from keras_cv_course.errors import InputError


def table(count=50, seed=0):
    """Beats and labels; six of ten are normal."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(count) % 10 < 6).astype(float)
    return np.column_stack([rng.normal(size=(count, 140)).round(4), labels])


def lines_of(rows):
    return [",".join(f"{value:.7e}" for value in row) for row in rows]


def write(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def good(tmp_path):
    return write(tmp_path / "ecg.csv", lines_of(table()))


@contextlib.contextmanager
def served(content):
    """An address on this machine that hands out the content; yields it and the list of requests."""
    requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            requests.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/ecg.csv", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_numbers_and_labels_are_those_of_the_file(good):
    signals, labels = ecg5000.read(good)
    np.testing.assert_allclose(signals, table()[:, :-1], rtol=1e-6)
    np.testing.assert_array_equal(labels, table()[:, -1])
    assert signals.dtype == np.float32 and labels.dtype == np.int64


def test_every_beat_is_in_exactly_one_part(good):
    parts = ecg5000.load(good)
    assert [len(part) for part in parts] == [36, 4, 10]
    together = np.concatenate([part.signals for part in parts])
    expected = table()[:, :-1].astype("float32")
    np.testing.assert_array_equal(np.unique(together, axis=0), np.unique(expected, axis=0))


def test_labels_stay_with_their_beats(good):
    label_of = {tuple(row[:-1].astype("float32")): row[-1] for row in table()}
    for part in ecg5000.load(good):
        assert [label_of[tuple(signal)] for signal in part.signals] == part.labels.tolist()


def test_the_split_is_stratified_and_always_the_same(tmp_path):
    path = write(tmp_path / "ecg.csv", lines_of(table(500)))
    parts, again = ecg5000.load(path), ecg5000.load(path)
    for part, same in zip(parts, again, strict=True):
        assert part.labels.mean() == pytest.approx(0.6, abs=0.02)
        np.testing.assert_array_equal(part.signals, same.signals)


def test_a_file_ordered_by_class_still_gives_mixed_first_beats(tmp_path):
    rows = table(500)
    path = write(tmp_path / "ecg.csv", lines_of(rows[np.argsort(rows[:, -1])]))
    for part in ecg5000.load(path):
        assert 0 < part[:20].labels.mean() < 1


def put(lines, row, column, cell):
    cells = lines[row].split(",")
    cells[column] = cell
    return [*lines[:row], ",".join(cells), *lines[row + 1 :]]


@pytest.mark.parametrize(
    "change, message",
    [  # `lines` is the list of the file's lines; `put` changes one cell, counted from 0
        (lambda lines: lines[:6] + [lines[6][:200]] + lines[7:], r"line 7: expected 140 numbers and a label"),
        (lambda lines: lines[:-1] + [lines[-1].rpartition(",")[0]], r"line 50: .*received 140"),
        (lambda lines: lines[:3] + [""] + lines[3:], r"line 4: .*received 1;"),
        (lambda lines: put(lines, 0, 2, "abc"), r"line 1, column 3: expected a number, received 'abc'"),
        (lambda lines: put(lines, 0, 2, ""), r"line 1, column 3: expected a number, received ''"),
        (lambda lines: put(lines, 1, 139, "nan"), r"line 2, column 140: .*received nan"),
        (lambda lines: put(lines, 1, 0, "-inf"), r"line 2, column 1: .*received -inf"),
        (lambda lines: put(lines, 0, 5, "10.5"), r"column 6: .*\[-10, 10\], received 10.5"),
        (lambda lines: put(lines, 0, 140, "2"), r"line 1, column 141: the label .*received 2"),
        (lambda lines: put(lines, 0, 140, "nan"), r"line 1, column 141: the label .*received nan"),
        (
            lambda lines: [line[: line.rindex(",")] + ",1" for line in lines],
            r"received 50 normal and 0 abnormal",
        ),
        (lambda lines: lines[:12], r"received 8 normal and 4 abnormal"),
        (lambda lines: [], r"is empty"),
    ],
)
def test_damage_is_named(tmp_path, change, message):
    path = write(tmp_path / "broken.csv", change(lines_of(table())))
    with pytest.raises(InputError, match=message) as caught:
        ecg5000.load(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def text_of(rows, separator=","):
    return "\n".join(separator.join(f"{value:.7g}" for value in row) for row in rows)


def ucr(rows, seed=0):
    """The label first, 1 for a normal beat and 2 to 5 for an abnormal one."""
    abnormal = np.random.default_rng(seed).integers(2, 6, len(rows))
    return np.column_stack([np.where(rows[:, -1] == 1, 1, abnormal), rows[:, :-1]])


OTHER_FORMS = {
    "semicolons between columns": lambda rows: text_of(rows, ";"),
    "semicolons between columns and decimal commas": lambda rows: text_of(rows, ";").replace(".", ","),
    "tabs between columns": lambda rows: text_of(rows, "\t"),
    "spaces between columns": lambda rows: text_of(rows, "  "),
    "a header line": lambda rows: ",".join([*(f"t{i}" for i in range(140)), "label"]) + "\n" + text_of(rows),
    "an index in the first column": lambda rows: text_of(np.column_stack([np.arange(len(rows)), rows])),
    "the label first": lambda rows: text_of(np.roll(rows, 1, axis=1)),
    "labels 1, 2, 3, 4, 5 (1 is normal in UCR's ECG5000)": lambda rows: text_of(
        np.roll(ucr(rows), -1, axis=1)
    ),
    "tabs between columns; the label first; labels 1, 2, 3, 4, 5 (1": lambda rows: text_of(ucr(rows), "\t"),
    "a header line; an index in the first column": lambda rows: (  # as pandas writes it
        ",".join(["", *map(str, range(141))]) + "\n" + text_of(np.column_stack([np.arange(len(rows)), rows]))
    ),
}


@pytest.mark.parametrize("words", OTHER_FORMS)
def test_a_table_of_another_form_is_described_and_its_command_converts_it(tmp_path, words, monkeypatch):
    rows = table()
    path = write(tmp_path / "other.csv", [OTHER_FORMS[words](rows)])
    with pytest.raises(InputError) as caught:
        ecg5000.load(path)
    message = str(caught.value)
    assert f"{path} looks like a table of heartbeats with {words}" in message and "\n" not in message
    signals, labels = ecg5000.read(converted(message, tmp_path, monkeypatch))
    np.testing.assert_allclose(signals, rows[:, :-1], rtol=1e-5)
    np.testing.assert_array_equal(labels, rows[:, -1])


def converted(message, folder, monkeypatch):
    """Do what the command in the message does, and return its file."""
    monkeypatch.chdir(folder)
    exec(message.partition('python -c "')[2].removesuffix('"'), {})
    return folder / "other_converted.csv"


def test_beats_of_96_samples_are_resampled_by_the_command(tmp_path, monkeypatch):
    """As UCR's ECG200: the label first, -1 or 1, then 96 samples."""
    line = np.linspace(-2, 2, 96) * np.random.default_rng(0).uniform(0.5, 1, (50, 1))
    labels = table()[:, -1]
    path = write(tmp_path / "other.csv", [text_of(np.column_stack([2 * labels - 1, line]), "  ")])
    with pytest.raises(InputError, match="labels -1, 1 .*; 96 samples a beat in place of 140") as caught:
        ecg5000.load(path)
    signals, found = ecg5000.read(converted(str(caught.value), tmp_path, monkeypatch))
    np.testing.assert_array_equal(found, labels)
    np.testing.assert_allclose(signals[:, [0, -1]], line[:, [0, -1]], rtol=1e-5)
    assert np.allclose(np.diff(signals, 2, axis=1), 0, atol=1e-4)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="there is no file .*absent.csv"):
        ecg5000.load(tmp_path / "absent.csv")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match=f"cannot read {tmp_path}"):
        ecg5000.load(tmp_path)


def test_a_packed_file_is_no_text(tmp_path):
    path = tmp_path / "ecg.csv.gz"
    path.write_bytes(bytes([0x1F, 0x8B, 0x08, 0xFF, 0xFE]))
    with pytest.raises(InputError, match="not a text file"):
        ecg5000.load(path)


def test_a_cached_file_is_used_without_network(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(ecg5000, "ADDRESS", "http://127.0.0.1:9/ecg.csv")
    (tmp_path / "datasets").mkdir()
    write(tmp_path / "datasets" / "ecg.csv", lines_of(table()))
    assert sum(map(len, data.load("ecg5000"))) == 50


def test_no_cache_and_no_network_says_where_to_put_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(ecg5000, "ADDRESS", "http://127.0.0.1:9/ecg.csv")
    with pytest.raises(InputError, match="no network") as caught:
        ecg5000.load()
    assert str(tmp_path / "datasets" / "ecg.csv") in str(caught.value) and "--file" in str(caught.value)


def test_it_is_downloaded_once(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with served("\n".join(lines_of(table())).encode()) as (address, requests):
        monkeypatch.setattr(ecg5000, "ADDRESS", address)
        first, second = ecg5000.load(), ecg5000.load()
    assert requests == ["/ecg.csv"] and (tmp_path / "datasets" / "ecg.csv").is_file()
    np.testing.assert_array_equal(first[2].signals, second[2].signals)


def test_a_page_in_place_of_the_file_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with served(b"<html>please log in</html>\n") as (address, _):
        monkeypatch.setattr(ecg5000, "ADDRESS", address)
        with pytest.raises(InputError, match="ecg.csv, line 1: expected 140 numbers"):
            ecg5000.load()


@pytest.mark.skipif(not os.environ.get("ECG_CSV"), reason="ECG_CSV does not name TensorFlow's ecg.csv")
def test_the_real_file():
    parts = data.load("ecg5000", file=os.environ["ECG_CSV"])
    assert [len(part) for part in parts] == [3598, 400, 1000]
    labels = np.concatenate([part.labels for part in parts])
    assert len(labels) == 4998 and labels.sum() in (2918, 2919)
    for part in parts:
        np.testing.assert_allclose(part.signals.mean(axis=1), 0, atol=1e-4)
