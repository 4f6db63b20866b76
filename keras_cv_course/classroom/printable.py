"""Text of strangers, made fit for a terminal, a table, a page: cut to a length, nothing in it but what can be seen."""

import csv
import io
import unicodedata

# Control, format (bidirectional marks among them), surrogate, private, unassigned; line and paragraph separators.
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
FORMULA = tuple(
    "=+-@|%\uff1d\uff0b\uff0d\uff20"
)  # what a spreadsheet may take for the beginning of a formula


def printable(text, length=1000):
    """A text in which everything can be seen: other characters are written as \\x1b or \\u202e.

    Args:
        text: anything; what is no text is turned into one.
        length: the most characters of the result.
    """
    text = text if isinstance(text, str) else str(text)
    seen = "".join(letter if _seen(letter) else _code(letter) for letter in text[: length + 1])
    return seen if len(seen) <= length else f"{seen[: max(0, length - 4)]} ..."


def printable_lines(text, lines=1000, length=500):
    """The same for a text of several lines, which stay lines.

    Args:
        text: a text.
        lines: the most lines of the result.
        length: the most characters of a line.
    """
    all_lines = text.split("\n")
    kept = [printable(line.expandtabs(4), length) for line in all_lines[:lines]]
    return "\n".join(kept + [f"... and {len(all_lines) - lines:,} lines more"] * (len(all_lines) > lines))


def table(rows):
    """Rows as CSV: every cell quoted, none that a spreadsheet takes for a formula.

    Args:
        rows: lists of texts and numbers.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return file.getvalue()


def _cell(value):
    if isinstance(value, (int, float)):
        return value
    text = printable(value, 30_000)
    return f"'{text}" if text.strip(" '\\t").startswith(FORMULA) or text.startswith("'") else text


def _seen(letter):
    return unicodedata.category(letter) not in UNSEEN


def _code(letter):
    number = ord(letter)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
