import os

from keras_cv_course.classroom.student.file_look import LOOKS_BETWEEN_READS, Look


def looks(look, count):
    return [look.changed() for _ in range(count)]


def test_a_change_of_size_or_time_is_noticed_at_once(tmp_path):
    path = tmp_path / "work.py"
    path.write_text("a")
    look = Look(path)
    assert not any(looks(look, 3 * LOOKS_BETWEEN_READS))
    path.write_text("ab")
    assert looks(look, 3) == [True, False, False]


def test_a_change_of_the_same_size_and_time_is_noticed_soon(tmp_path):
    path = tmp_path / "work.py"
    path.write_text("a")
    look, times = Look(path), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.write_text("b")
    os.utime(path, ns=times)
    assert sum(looks(look, LOOKS_BETWEEN_READS)) == 1
    assert not any(looks(look, 3 * LOOKS_BETWEEN_READS))


def test_a_touch_is_no_change_and_that_a_file_is_gone_is_said_once(tmp_path):
    path = tmp_path / "work.py"
    path.write_text("a")
    look = Look(path)
    os.utime(path, ns=(1, 1))
    assert not any(looks(look, 3 * LOOKS_BETWEEN_READS))
    path.unlink()
    assert looks(look, 3 * LOOKS_BETWEEN_READS).count(True) == 1
    path.write_text("c")
    assert looks(look, 2) == [True, False]
