"""Sets of images that are too large for memory: decoded once into a file that is mapped from then on.

An entry is a folder of the cache with `images.npy` and `entry.json`. It is written beside its place and renamed when
it is complete, so that a reader never finds half of one. What an interrupted decoding has written is taken up again.
"""

import contextlib
import errno
import hashlib
import itertools
import json
import os
import re
import shutil
import sys
import zlib
from pathlib import Path

import numpy as np

from keras_cv_course.data import checked_file
from keras_cv_course.data.checked_file import CHUNK
from keras_cv_course.data.mapped_images import MappedImages
from keras_cv_course.errors import InputError
from keras_cv_course.file_lock import locked

VARIABLE = "KERAS_CV_COURSE_CACHE"
FULL = (errno.ENOSPC, errno.EDQUOT)


def folder():
    """The folder of the cache: `$KERAS_CV_COURSE_CACHE`, by default `$KERAS_HOME/decoded` (`~/.keras/decoded`).

    Raises:
        InputError: neither variable is set, and the user has no home.
    """
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE]).expanduser()
    try:
        return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "decoded"
    except RuntimeError:
        raise InputError(f"this user has no home folder; set {VARIABLE} to one that may be written") from None


def fetch(name, sources, shape, decode):
    """The images of a set, from the cache, into which they are decoded where it does not have them.

    Args:
        name: what the entry holds, such as "folder /home/me/cats, 128 pixels"; there is one entry of a name.
        sources: (N,) texts that say where each image comes from, its file's size and date included. Where they are
            others than the entry's, it is made anew.
        shape: (N, H, W, C).
        decode: function of a row number; gives the images from that row on, one by one, (H, W, C) uint8.

    Returns:
        `MappedImages` of that shape.

    Raises:
        InputError: the cache cannot be written, the disk is full, or what `decode` raises; what was decoded so far
            is kept, and the next call goes on from there.
    """
    words = "-".join(re.findall("[A-Za-z0-9]+", name)[-4:])
    place = folder() / f"{words}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:12]}"
    wanted = {"shape": list(shape), "sources": checked_file.digests(sources)}
    try:
        images = _opened(place, wanted)
        if images is None:
            waiting = f"another process decodes the images of {name}; waiting for it"
            with locked(place.with_name(f".{place.name}.lock"), waiting, wait=True):
                images = _opened(place, wanted)
                if images is None:
                    shutil.rmtree(place, ignore_errors=True)
                    _make(place, wanted, name, decode)
                    images = MappedImages(place / "images.npy")
        return images
    except OSError as error:
        room = (
            f"{np.prod(shape) / 2**20:,.0f} MiB are needed for {shape[0]:,} images of {shape[2]}x{shape[1]}"
        )
        cure = f"make room, or name another folder with --cache or {VARIABLE}"
        if error.errno in FULL:
            raise InputError(f"the disk of the cache {folder()} is full: {room}; {cure}") from None
        raise InputError(
            f"the cache {folder()} cannot be used ({error.strerror or error}): name a folder that may be written with "
            f"--cache or {VARIABLE}"
        ) from None


def _opened(place, wanted):
    """The images of a complete entry; None where it is not there, of other sources, or damaged."""
    try:
        entry = json.loads((place / "entry.json").read_text(encoding="utf-8"))
        if {key: entry.get(key) for key in wanted} != wanted:
            return None
        # Checksums take as long as reading all images: they are for a file that was written or copied since.
        if entry["stamp"] != checked_file.stamp(place / "images.npy"):
            if checked_file.checksums(place / "images.npy", wanted["shape"]) != entry["checksums"]:
                print(f"the cached images in {place} are damaged; they are decoded anew", file=sys.stderr)
                return None
            with contextlib.suppress(OSError):  # the cache may be another user's, for reading only
                _write_json(
                    place / "entry.json", {**entry, "stamp": checked_file.stamp(place / "images.npy")}
                )
        return MappedImages(place / "images.npy")
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, AttributeError):
        return None


def _make(place, wanted, name, decode):
    """Decode what is missing beside an entry's place, and move the complete entry there."""
    work, shape = place.with_name(f"{place.name}.partial"), wanted["shape"]
    work.mkdir(parents=True, exist_ok=True)
    sums = _kept(work, wanted)
    header, size = checked_file.header(shape), checked_file.chunk_bytes(shape)
    done = min(len(sums) * CHUNK, shape[0])
    _check_room(work, (shape[0] - done) * size // CHUNK)
    said = f", from number {done:,} on" if done else ""
    print(
        f"{name}: {shape[0]:,} images are decoded once{said}, into {place} ({np.prod(shape) / 2**20:,.0f} MiB)",
        file=sys.stderr,
    )
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(open(work / "images.npy", "r+b"))
        journal = stack.enter_context(open(work / "checksums", "ab"))
        file.write(header)
        file.seek(len(header) + len(sums) * size)
        file.truncate()
        rows = stack.enter_context(contextlib.closing(decode(done)))
        for start in range(done, shape[0], CHUNK):
            count = min(CHUNK, shape[0] - start)
            images = np.stack(list(itertools.islice(rows, count)))
            if images.shape != (count, *shape[1:]) or images.dtype != np.uint8:
                raise ValueError(f"expected {count} images {shape[1:]}, got {images.shape} {images.dtype}")
            chunk = images.tobytes()
            file.write(chunk)
            file.flush()
            sums.append(zlib.crc32(chunk))
            journal.write(np.uint32(sums[-1]).tobytes())
            journal.flush()
        os.fsync(file.fileno())
    os.unlink(work / "checksums")
    os.unlink(work / "sources.json")
    _write_json(
        work / "entry.json", {**wanted, "checksums": sums, "stamp": checked_file.stamp(work / "images.npy")}
    )
    os.rename(work, place)


def _kept(work, wanted):
    """The checksums of the chunks that an interrupted decoding of the same images has left undamaged."""
    noted, journal, images = work / "sources.json", work / "checksums", work / "images.npy"
    try:
        before = json.loads(noted.read_text(encoding="utf-8"))
        same = before["shape"] == wanted["shape"]
        whole = journal.stat().st_size // 4 * 4
        journalled = np.frombuffer(journal.read_bytes()[:whole], np.uint32).tolist()
        found = checked_file.checksums(images, wanted["shape"])
        checks = zip(wanted["sources"], before["sources"], journalled, found, strict=False)
        good = [ours == theirs and a == b for ours, theirs, a, b in checks] if same else []
        sums = journalled[: [*good, False].index(False)]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        sums = []
    _write_json(noted, wanted)
    journal.write_bytes(np.array(sums, np.uint32).tobytes())
    images.touch()
    return sums


def _check_room(work, needed):
    if shutil.disk_usage(work).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _write_json(path, content):
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(json.dumps(content), encoding="utf-8")
    os.replace(partial, path)
