import pytest

from keras_cv_course.lesson.publish import publish, recover, write_json


@pytest.fixture
def folders(tmp_path):
    staged, final = tmp_path / "staged", tmp_path / "final"
    for folder, text in ((staged, "new"), (final, "old")):
        (folder / "serve").mkdir(parents=True)
        (folder / "serve" / "graph").write_text(text)
        (folder / "metrics.json").write_text(text)
    return staged, final


def texts(folder):
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_new_files_replace_old_ones_and_others_stay(folders):
    staged, final = folders
    (final / "my_notes.md").write_text("mine")
    publish(staged, final, last=("metrics.json",))
    assert texts(final) == {"serve/graph": "new", "metrics.json": "new", "my_notes.md": "mine"}
    assert not staged.exists()


@pytest.mark.parametrize("calls_before_the_kill", range(4))
def test_killed_at_any_rename(folders, monkeypatch, calls_before_the_kill):
    """Whatever rename is the last one, each file and folder is wholly old or wholly new, the sign last."""
    from pathlib import Path

    staged, final = folders
    done = []
    rename = Path.rename

    def kill_or(move):
        def moved(*arguments):
            if len(done) == calls_before_the_kill:
                raise SystemExit("killed")
            done.append(arguments)
            return move(*arguments)

        return moved

    import os

    monkeypatch.setattr(Path, "rename", kill_or(rename))
    monkeypatch.setattr(os, "replace", kill_or(os.replace))
    if calls_before_the_kill < 3:
        with pytest.raises(SystemExit):
            publish(staged, final, last=("metrics.json",))
    else:
        publish(staged, final, last=("metrics.json",))
    monkeypatch.undo()
    recover(final)
    found = texts(final)
    assert set(found) == {"serve/graph", "metrics.json"}
    assert found["metrics.json"] == ("new" if calls_before_the_kill == 3 else "old")
    if found["metrics.json"] == "new":
        assert found["serve/graph"] == "new"


def test_failed_write_leaves_the_good_file(tmp_path, monkeypatch):
    path = tmp_path / "metrics.json"
    write_json(path, {"good": 1})
    before = path.read_text()

    def full(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_json(path, {"bad": 2})
    assert path.read_text() == before
