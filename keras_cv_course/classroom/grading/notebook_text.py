"""The code of a student's notebook as one Python file."""

import json

from keras_cv_course.errors import InputError

CHECKS = "keras_cv_course.classroom.notebooks.notebook_check"
COMMANDS = ("%", "!", "?")  # of the notebook, not of Python


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
    kept = []
    for source in sources:
        if CHECKS in source or "load_keras_quietly()" in source and source.count("\n") < 3:
            continue
        lines = [line for line in source.splitlines() if not line.lstrip().startswith(COMMANDS)]
        kept.append("\n".join(lines))
    text = "\n\n\n".join(kept) + "\n"
    if "\0" in text:
        raise InputError("NUL bytes in the source")
    return text
