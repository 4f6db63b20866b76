"""A lesson as a notebook: its text, its knobs, its helper functions."""

import inspect

import nbformat
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.lesson import lesson
from keras_cv_course.lesson.notebook import notebook, steps, write_notebook
from sprints.day3.denoise import denoise

ABOVE = 3
MACHINERY = "from keras_cv_course.lesson import lesson"


@lesson(quick={}, full={}, targets={}, batch_size=None)
def talkative(run, dataset: str = "none"):
    """Count.

    Args:
        dataset: none.

    Metrics:
        count: what was counted.
    """
    before = 1
    # %% Why count?
    # Because $1 + 1 = 2$: all lines right below a heading are text,
    #
    # paragraphs and all.
    count = before + ABOVE
    # This one is a comment of the code.
    count = below(count)

    # %% A heading alone.
    run.metrics(count=count)


def below(count):
    """A helper that stands below the lesson's function."""
    return 2 * count


def test_all_comment_lines_below_a_heading_are_text():
    assert steps(inspect.getsource(talkative.function)) == [
        ("", "", "before = 1"),
        (
            "Why count?",
            "Because $1 + 1 = 2$: all lines right below a heading are text,\n\nparagraphs and all.",
            "count = before + ABOVE\n# This one is a comment of the code.\ncount = below(count)",
        ),
        ("A heading alone.", "", "run.metrics(count=count)"),
    ]


def test_constants_and_helpers_above_and_below_are_carried():
    code = "\n".join(cell.source for cell in notebook(talkative).cells if cell.cell_type == "code")
    assert "ABOVE = 3" in code and 'def below(count):\n    """A helper' in code
    assert not {'def talkative(run, dataset: str = "none"):', MACHINERY} & set(code.splitlines())


def test_a_student_reads_text_and_finds_the_knobs():
    made = notebook(denoise)
    texts = [cell.source for cell in made.cells if cell.cell_type == "markdown"]
    assert texts[0].startswith(f"# {denoise.one_liner}") and denoise.documentation.text in texts[0]
    assert all(f"- `{name}`: {words}" in texts[1] for name, words in denoise.documentation.knobs.items())
    (knobs,) = (cell for cell in made.cells if "parameters" in cell.metadata.get("tags", []))
    values = {}
    exec(knobs.source, values)
    assert {name: values[name] for name in denoise.knobs} == denoise.defaults("default")
    headings = [heading for heading, _, _ in steps(inspect.getsource(denoise.function)) if heading]
    assert [text.splitlines()[0] for text in texts[2:-1]] == [f"## {heading}" for heading in headings]
    nbformat.validate(made)


def test_never_over_a_file(tmp_path):
    made = notebook(denoise)
    write_notebook(tmp_path / "n.ipynb", made)
    with pytest.raises(InputError, match="is there already"):
        write_notebook(tmp_path / "n.ipynb", made)
    with pytest.raises(InputError, match="ends in .ipynb"):
        write_notebook(tmp_path / "n.txt", made)
