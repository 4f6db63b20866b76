"""What only the grader knows: a key, from which the inputs of each submission and the seals of results come."""

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from keras_cv_course.errors import InputError

NAME = "grading.key"


def open_key(output, seed=None, key=None):
    """The key of a grading, from a file that only its owner may read; made where there is none. Of several processes
    that begin at once, all get the same.

    Args:
        output: the folder of the grades.
        seed: makes the key repeatable, for a test or for several machines; who knows it can predict the inputs.
        key: the key that it is to be; None for a new one, or the seed's.

    Raises:
        InputError: the file is damaged, or was made from another seed.
    """
    path = Path(output) / NAME
    wanted = key if seed is None else hashlib.sha256(f"keras_cv_course {seed}".encode()).digest()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        own = path.with_name(f".{NAME}.{secrets.token_hex(8)}")
        number = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(wanted or secrets.token_bytes(32))
        with contextlib.suppress(FileExistsError):  # another process was first
            os.link(own, path)
        os.unlink(own)
    found = read_key(output)
    if wanted is not None and found != wanted:
        raise InputError(f"{output} was graded with another seed; grade into another folder")
    return found


def read_key(output):
    """The key of a folder of grades, or None.

    Raises:
        InputError: the file is damaged.
    """
    path = Path(output) / NAME
    if not path.exists():
        return None
    key = path.read_bytes()
    if len(key) != 32:
        raise InputError(f"{path} is damaged; grade into another folder")
    return key


def seed_of(key, submission):
    """The seed of one submission's inputs: another for every student, and for every file that is handed in again."""
    said = f"{submission.key}\0{submission.fingerprint()}".encode()
    return int.from_bytes(hmac.digest(key, said, "sha256")[:8], "little")


def seal(key, result):
    """A mark that only the grader can put on a result."""
    plain = json.dumps({name: value for name, value in result.items() if name != "seal"}, sort_keys=True)
    return hmac.digest(key, plain.encode(), "sha256").hex()
