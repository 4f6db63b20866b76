"""When a proof is stale: the digest of its sources sees what they compute, and nothing else."""

import pytest

from tests.proofs import records, sources

LESSON = '''
"""What it teaches."""

from keras_cv_course.metrics.psnr import psnr
from keras_cv_course.plot.curves import curves
from sprints.toy.part import part


def lesson(noise=0.2):
    """Say it in words."""
    # %% A step
    # with its text.
    title = "Several words that name a figure"
    return psnr, curves, part, noise, title, "mode"
'''
PART = "def part():\n    return 1\n"


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A root with two modules of ours in it, beside the real ones."""
    (tmp_path / "sprints" / "toy").mkdir(parents=True)
    for name in ("keras_cv_course", "tests"):
        (tmp_path / name).symlink_to(sources.ROOT / name)
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    forget()
    yield tmp_path / "sprints" / "toy"
    forget()


def forget():
    for cached in vars(sources).values():
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()


def digest_of(folder, lesson=LESSON, part=PART):
    (folder / "lesson.py").write_text(lesson)
    (folder / "part.py").write_text(part)
    forget()
    return sources.digest(["sprints.toy.lesson"])


def test_what_a_module_depends_on(house):
    digest_of(house)
    found = sources.closure(("sprints.toy.lesson",))
    assert {"sprints.toy.lesson", "sprints.toy.part", "keras_cv_course.metrics.psnr"} <= found
    assert "keras_cv_course.plot.curves" not in found
    assert "keras_cv_course.plot.curves" in sources.closure(("sprints.toy.lesson",), everything=True)


@pytest.mark.parametrize(
    "old, new",
    [
        ("with its text", "with another text"),
        ("What it teaches", "What else it teaches"),
        ("Say it in words", "Say it otherwise"),
        ("Several words that name a figure", "Other words that name it"),
    ],
)
def test_words_leave_a_proof_fresh(house, old, new):
    assert digest_of(house) == digest_of(house, LESSON.replace(old, new))


@pytest.mark.parametrize(
    "old, new", [("noise=0.2", "noise=0.3"), ('"mode"', '"other"'), ("psnr, curves", "curves, psnr")]
)
def test_code_makes_it_stale(house, old, new):
    assert digest_of(house) != digest_of(house, LESSON.replace(old, new))


def test_what_it_imports_makes_it_stale_and_versions_do(house, monkeypatch):
    before = digest_of(house)
    assert before != digest_of(house, part=PART.replace("1", "2"))
    monkeypatch.setattr(sources, "version", lambda package: "another")
    assert before != digest_of(house)


def test_a_record_is_read_as_it_was_written(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    assert records.read("kind", "name") is None
    records.write("kind", "name", "0123", 1.25, runs={"0": {"psnr": 27.5}})
    found = records.read("kind", "name")
    assert found["digest"] == "0123" and found["runs"] == {"0": {"psnr": 27.5}} and found["seconds"] == 1.2
    records.place("kind", "name").write_text('{"half')
    assert records.read("kind", "name") is None


def test_lists_of_models_lessons_and_data_sets_may_grow(house):
    """A package that defines nothing, and the table of data sets, leave the proofs of other lessons fresh."""
    (house / "__init__.py").write_text('LESSONS = ("lesson",)\n')
    before = digest_of(house)
    (house / "__init__.py").write_text('LESSONS = ("lesson", "another")\n')
    forget()
    assert before == digest_of(house)
    (house / "__init__.py").write_text("def seed():\n    return 1\n")
    assert before != digest_of(house)
    assert "keras_cv_course.data.catalogue" not in sources.closure(("sprints.day1.cnn",))


def test_data_sets_of_a_lesson_are_those_it_loads_by_default(house):
    text = LESSON.replace("def lesson", '@preset(full=dict(dataset="mnist"))\ndef lesson').replace(
        '"mode"', '"beats"'
    )
    digest_of(house, text)
    assert sources.data_sets("sprints.toy.lesson") == ["keras_cv_course.data.beats"]
