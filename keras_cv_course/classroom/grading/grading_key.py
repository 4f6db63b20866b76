"""What only the grader knows: a key, from which the inputs of each submission and the seals of results come."""

import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from keras_cv_course.errors import InputError

NAME = "grading.key"


def open_key(output, seed=None):
    """The key of a grading, from a file that only its owner may read; made where there is none.

    Args:
        output: the folder of the grades.
        seed: makes the key repeatable, for a test or for several machines; who knows it can predict the inputs.

    Raises:
        InputError: the file is damaged, or was made from another seed.
    """
    path = Path(output) / NAME
    wanted = None if seed is None else hashlib.sha256(f"keras_cv_course {seed}".encode()).digest()
    if path.exists():
        key = path.read_bytes()
        if len(key) != 32:
            raise InputError(f"{path} is damaged; grade into another folder")
        if wanted is not None and key != wanted:
            raise InputError(f"{output} was graded with another seed; grade into another folder")
        return key
    key = wanted or secrets.token_bytes(32)
    path.parent.mkdir(parents=True, exist_ok=True)
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "wb") as file:
        file.write(key)
    return key


def seed_of(key, submission):
    """The seed of one submission's inputs: another for every student, and for every file that is handed in again."""
    said = f"{submission.key}\0{submission.fingerprint()}".encode()
    return int.from_bytes(hmac.digest(key, said, "sha256")[:8], "little")


def seal(key, result):
    """A mark that only the grader can put on a result."""
    plain = json.dumps({name: value for name, value in result.items() if name != "seal"}, sort_keys=True)
    return hmac.digest(key, plain.encode(), "sha256").hex()
