"""Records of proofs: what was proved, of which sources, when, in how many seconds. They are committed."""

import json
import os
import time
from pathlib import Path

FOLDER = Path(__file__).parent / "records"


def place(kind, name):
    """The file of one record."""
    return FOLDER / kind / f"{name}.json"


def read(kind, name):
    """A record, or None where there is none."""
    try:
        return json.loads(place(kind, name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write(kind, name, digest, seconds, **found):
    """Keep what a proof found, atomically.

    Args:
        kind: of the proof, a folder.
        name: what was proved.
        digest: of the sources.
        seconds: that the proof took.
        **found: anything that JSON can say.
    """
    path = place(kind, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    record = {
        "digest": digest,
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "seconds": round(seconds, 1),
        **found,
    }
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(partial, path)
