"""Replace good files by new ones so that a kill at any moment leaves the one or the other, never a half."""

import json
import os
import shutil
from pathlib import Path


def write_text(path, text):
    """Write a text file atomically: to a neighbour first, then renamed over it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    with open(partial, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def write_json(path, content):
    """Write JSON atomically, readable by people."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def publish(staged, final, last=()):
    """Move everything in one folder into another, file by file, over what stands there.

    Files of the user's in `final` stay. A folder inside, such as an export, is swapped as a whole.

    Args:
        staged: the folder that is complete and is emptied.
        final: the folder that readers look at.
        last: names that are moved after all the others: the sign that the rest is there.
    """
    staged, final = Path(staged), Path(final)
    final.mkdir(parents=True, exist_ok=True)
    for path in sorted(staged.iterdir(), key=lambda path: (path.name in last, path.name)):
        if path.is_dir():
            _swap(path, final / path.name)
        else:
            os.replace(path, final / path.name)
    staged.rmdir()


def recover(final):
    """Put back a folder whose swap was killed between its two renames."""
    for old in Path(final).glob("*.old"):
        kept = old.with_suffix("")
        if kept.exists():
            shutil.rmtree(old)
        else:
            old.rename(kept)


def _swap(staged, final):
    old = final.with_name(f"{final.name}.old")
    if old.exists():
        shutil.rmtree(old)
    if final.exists():
        final.rename(old)
    staged.rename(final)
    if old.exists():
        shutil.rmtree(old)
