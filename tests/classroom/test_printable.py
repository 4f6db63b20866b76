"""Text of strangers on a terminal, in a table, on a page."""

import csv
import io

import pytest

from keras_cv_course.classroom.printable import printable, printable_lines, table

STRANGE = [
    "\x1b[31m",
    "\x9b31m",
    "\r",
    "\x08",
    "\u202e",
    "\u2066",
    "\u2028",
    "\ud800",
    "\x00",
    "\ufeff",
    "\U000e0001",
]


@pytest.mark.parametrize("letter", STRANGE)
def test_what_cannot_be_seen_is_written_out(letter):
    said = printable(f"a{letter}b")
    assert said.isprintable() and said.startswith("a\\") and said.endswith("b")
    said.encode()


def test_what_can_be_seen_stays():
    for text in (
        "naïve café",
        "안녕",
        "🙂 ok",
        "a\u00a0b" if "\u00a0".isprintable() else "ab",
        "<b>&amp;</b>",
        "[/]",
    ):
        assert printable(text) == text


def test_it_is_cut():
    assert printable("x" * 50, 10) == "xxxxxx ..." and printable("x" * 10, 10) == "x" * 10
    assert printable(12) == "12" and len(printable("\x1b" * 10**6, 100)) == 100
    assert printable_lines("a\n\tb\n" * 3, lines=3) == "a\n    b\na\n... and 4 lines more"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1+1|x",
        "@SUM(1)",
        "\t=1",
        " =1",
        "\r=cmd|' calc'!A0",
        "\n=1",
        "\uff1d1+1",
        "|=1",
        "'=1+1",
        "%0",
    ],
)
def test_no_cell_is_a_formula(text):
    cell = next(csv.reader(io.StringIO(table([[text]]))))[0]
    assert not cell.lstrip(" \t\r\n").startswith(("=", "+", "-", "@", "|", "%", "\uff1d")), cell
    assert "\r" not in cell and "\n" not in cell


def test_every_cell_is_quoted_and_numbers_stay_numbers():
    assert table([["a", 1, 2.5, 'q"q'], ["x,y", -3, 0, ""]]) == '"a","1","2.5","q""q"\n"x,y","-3","0",""\n'
