"""The console of all commands: as wide as the terminal; where there is none, nothing is wrapped."""

import os
import sys

from rich.console import Console

ENDLESS = 10_000  # columns


def console():
    """A `rich.console.Console` on standard output.

    COLUMNS is respected where it is a number above 0; a file or a pipe gets lines as long as they are.
    """
    return Console(highlight=False, width=columns())


def columns():
    """How wide lines may be; None where the terminal says so itself."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    return None if sys.stdout.isatty() else ENDLESS
