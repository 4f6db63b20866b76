import errno
import os
import shutil
import signal
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from keras_cv_course.data import disk_cache
from keras_cv_course.data.checked_file import CHUNK
from keras_cv_course.errors import InputError

COUNT = 3 * CHUNK - 100
SHAPE = (COUNT, 4, 3, 3)
IMAGES = np.random.default_rng(0).integers(0, 256, SHAPE, dtype=np.uint8)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_CV_COURSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Decoder:
    """Gives `IMAGES` and keeps from where on it was asked for them; before one of them it may raise an error."""

    def __init__(self, error=None, before=COUNT):
        self.error, self.before, self.starts = error, before, []

    def __call__(self, start):
        self.starts.append(start)
        for number in range(start, COUNT):
            if number == self.before and self.error:
                raise self.error
            yield IMAGES[number]


def fetch(decoder, name="a set", changed=()):
    sources = [f"{number} changed" if number in changed else f"{number}" for number in range(COUNT)]
    images = disk_cache.fetch(name, sources, SHAPE, decoder)
    np.testing.assert_array_equal(images, IMAGES / np.float32(255))
    return decoder.starts


def entry(cache):
    (place,) = (path for path in cache.iterdir() if path.is_dir())
    return place


def test_images_are_decoded_once(cache, capsys):
    assert fetch(Decoder()) == [0]
    assert fetch(Decoder()) == []
    assert fetch(Decoder(), name="another set") == [0]
    assert capsys.readouterr().err.count("decoded once") == 2
    stored = np.load(next(cache.glob("a-set-*")) / "images.npy")  # NumPy's own format
    np.testing.assert_array_equal(stored, IMAGES)
    assert all(path.is_dir() for path in cache.iterdir())  # neither locks nor partial entries are left


def test_nothing_is_seen_before_all_is_there(cache):
    class Looks(Decoder):
        def __call__(self, start):
            yield from super().__call__(start)
            assert not [path for path in cache.iterdir() if path.is_dir() and path.suffix != ".partial"]

    fetch(Looks())
    assert entry(cache).suffix == ""


def test_an_interrupted_decoding_is_taken_up_again(cache, capsys):
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            fetch(Decoder(KeyboardInterrupt(), before=CHUNK + 3))
    assert fetch(Decoder()) == [CHUNK]
    assert f"from number {CHUNK} on" in capsys.readouterr().err


def test_a_killed_process_leaves_whole_chunks(cache):
    program = (
        "import os, signal\n"
        "from tests.data.test_disk_cache import CHUNK, Decoder, fetch\n"
        "class Kills(Decoder):\n"
        "    def __call__(self, start):\n"
        "        for number, image in enumerate(super().__call__(start)):\n"
        "            if number == 2 * CHUNK + 5: os.kill(os.getpid(), signal.SIGKILL)\n"
        "            yield image\n"
        "fetch(Kills())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], stderr=subprocess.PIPE
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert fetch(Decoder()) == [2 * CHUNK]


@pytest.mark.parametrize("chunk", [0, 1])
def test_damage_in_what_an_interruption_left_is_noticed(cache, chunk):
    with pytest.raises(KeyboardInterrupt):
        fetch(Decoder(KeyboardInterrupt(), before=COUNT - 1))
    flip(entry(cache) / "images.npy", 200 + chunk * CHUNK * 36)
    assert fetch(Decoder()) == [chunk * CHUNK]


def test_files_changed_after_an_interruption_are_decoded_again():
    with pytest.raises(InputError, match="corrupt"):
        fetch(Decoder(InputError("corrupt image"), before=2 * CHUNK + 1))
    assert fetch(Decoder(), changed=[2 * CHUNK + 1]) == [2 * CHUNK]
    with pytest.raises(KeyboardInterrupt):
        fetch(Decoder(KeyboardInterrupt(), before=2 * CHUNK + 1), name="other")
    assert fetch(Decoder(), name="other", changed=[CHUNK + 1]) == [CHUNK]


def test_other_sources_make_the_entry_anew(cache):
    fetch(Decoder())
    assert fetch(Decoder(), changed=[COUNT - 1]) == [0]
    assert fetch(Decoder(), changed=[COUNT - 1]) == []
    entry(cache)  # the old one is gone


def flip(path, place):
    with open(path, "r+b") as file:
        file.seek(place)
        byte = file.read(1)
        file.seek(place)
        file.write(bytes([byte[0] ^ 1]))


def damage(kind, place):
    images = place / "images.npy"
    if kind == "truncated":
        os.truncate(images, images.stat().st_size - 10)
    elif kind == "a changed pixel":
        flip(images, 5000)
    elif kind == "a changed header":
        flip(images, 20)
    elif kind == "longer":
        images.write_bytes(images.read_bytes() + b"x")
    elif kind == "no images":
        images.unlink()
    else:
        (place / "entry.json").write_text({"no JSON": "{", "no object": "[]", "empty object": "{}"}[kind])


@pytest.mark.parametrize(
    "kind",
    [
        "truncated",
        "a changed pixel",
        "a changed header",
        "longer",
        "no images",
        "no JSON",
        "no object",
        "empty object",
    ],
)
def test_a_damaged_entry_is_made_anew(cache, kind):
    fetch(Decoder())
    damage(kind, entry(cache))
    assert fetch(Decoder()) == [0]
    assert fetch(Decoder()) == []


def test_a_copied_cache_is_read_once_to_be_checked(cache, tmp_path, monkeypatch):
    fetch(Decoder())
    shutil.copytree(cache, tmp_path / "copy", copy_function=shutil.copyfile)
    monkeypatch.setenv("KERAS_CV_COURSE_CACHE", str(tmp_path / "copy"))
    os.utime(entry(tmp_path / "copy") / "images.npy", (0, 0))
    assert fetch(Decoder()) == []
    monkeypatch.setattr(disk_cache.checked_file, "checksums", None)
    assert fetch(Decoder()) == []


def test_a_full_disk_is_one_line_before_anything_is_decoded(cache, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**6, 10**6, IMAGES.nbytes - 1))
    decoder = Decoder()
    with pytest.raises(InputError, match=f"full.*{COUNT} images of 3x4.*--cache") as caught:
        fetch(decoder)
    assert str(cache) in str(caught.value) and "\n" not in str(caught.value) and decoder.starts == []


def test_a_disk_that_fills_up_is_one_line_and_what_was_decoded_stays():
    full = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(InputError, match="full"):
        fetch(Decoder(full, before=CHUNK + 1))
    assert fetch(Decoder()) == [CHUNK]


def test_a_cache_that_cannot_be_written_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("KERAS_CV_COURSE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(InputError, match="cannot be used.*Not a directory.*--cache"):
        fetch(Decoder())


def test_of_two_processes_one_decodes_and_the_other_waits():
    program = (
        "import sys\n"
        "from tests.data.test_disk_cache import Decoder, fetch\n"
        "class Waits(Decoder):\n"
        "    def __call__(self, start):\n"
        "        print('decoding', flush=True)\n"
        "        sys.stdin.readline()\n"
        "        yield from super().__call__(start)\n"
        "print(fetch(Waits()))\n"
    )

    def process():
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen(
            [sys.executable, "-c", program], cwd=Path(__file__).parents[2], text=True, **pipes
        )

    with process() as first:
        assert first.stdout.readline() == "decoding\n"
        with process() as second:
            assert "waiting" in second.stderr.readline()
            said, _ = first.communicate("\n")
            assert said == "[0]\n"
            assert second.communicate("\n")[0] == "[]\n"


def test_the_cache_is_in_the_folder_of_keras(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_CV_COURSE_CACHE")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    assert disk_cache.folder() == tmp_path / "keras" / "decoded"
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert disk_cache.folder() == tmp_path / ".keras" / "decoded"
