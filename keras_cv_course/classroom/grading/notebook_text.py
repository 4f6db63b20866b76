"""The code of a student's notebook as one Python file."""

import json
import re

from keras_cv_course.errors import InputError

OURS = "keras_cv_course.classroom.notebooks."  # cells that check or run what the student has written
COMMAND = re.compile(r"\s*([%!?]|[\w.]+\?{1,2}\s*$)")  # of the notebook, not of Python: %pip, !ls, print?


def notebook_text(content):
    """The code cells of a notebook, in order, without its check cells and without notebook commands.

    Args:
        content: the bytes of an .ipynb file.

    Raises:
        InputError: it is no notebook.
    """
    try:
        cells = json.loads(content.decode("utf-8-sig"))["cells"]
        sources = [
            cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
            for cell in cells
            if cell.get("cell_type") == "code"
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError("it is no Jupyter notebook that can be read") from None
    text = code_of(sources)
    if "\0" in text:
        raise InputError("NUL bytes in the source")
    return text


def code_of(sources):
    """The sources of code cells as one file; see `notebook_text`."""
    kept = []
    for source in sources:
        if OURS in source or "load_keras_quietly()" in source and source.count("\n") < 3:
            continue
        lines = [line for line in source.splitlines() if not COMMAND.match(line)]
        kept.append("\n".join(lines))
    return "\n\n\n".join(kept) + "\n"
