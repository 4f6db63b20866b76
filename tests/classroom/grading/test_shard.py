import pytest

from keras_cv_course.classroom.grading.shard import Shard
from keras_cv_course.errors import InputError


@pytest.mark.parametrize("of", [1, 3, 8, 20])
def test_every_submission_is_in_one_shard_and_shards_are_equal(of):
    class_ = list(range(10))
    parts = [Shard.parse(f"{number}/{of}").part(class_) for number in range(1, of + 1)]
    assert sorted(sum(parts, [])) == class_
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("text", ["0/3", "4/3", "1/0", "3", "a/b", "-1/3", "1/3/5", "", "1 / 3"])
def test_other_words_are_refused(text):
    with pytest.raises(InputError, match="such as 3/8"):
        Shard.parse(text)
