"""What README and docs/results.md say was measured is what the records of the proofs hold."""

from benchmarks import results


def test_results_are_made_from_the_records():
    assert results.RESULTS.read_text(encoding="utf-8") == results.page(), "run: python benchmarks/results.py"


def test_the_readme_has_a_line_of_every_lesson_made_from_the_records():
    text = results.README.read_text(encoding="utf-8")
    assert results.MARKS.search(text) and results.lines() in text, "run: python benchmarks/results.py"
