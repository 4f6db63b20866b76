"""A share of a class, for job arrays: every job grades its own submissions with the same command."""

import re
from dataclasses import dataclass

from keras_cv_course.errors import InputError


@dataclass(frozen=True)
class Shard:
    """One of several equal shares.

    Args:
        number: which one, counted from 1.
        of: how many there are.
    """

    number: int
    of: int

    @classmethod
    def parse(cls, text):
        """From words such as "3/8".

        Raises:
            InputError: they are no such share.
        """
        match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
        if not match or not 1 <= int(match[1]) <= int(match[2]):
            raise InputError(
                f"--shard is a number, counted from 1, and how many there are, such as 3/8; got {text!r}"
            )
        return cls(int(match[1]), int(match[2]))

    def part(self, submissions):
        """Its share of a list: every `of`-th, so that shards that follow one another end at about the same time."""
        return submissions[self.number - 1 :: self.of]

    def __str__(self):
        return f"{self.number}/{self.of}"

    @property
    def file_name(self):
        """Its name in the names of files."""
        return f"{self.number}-of-{self.of}"
