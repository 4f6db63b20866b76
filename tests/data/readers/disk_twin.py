"""A data set loaded from memory and from the cache on disk, as one too large for memory would be."""

import numpy as np

from keras_cv_course import data
from keras_cv_course.data import disk_cache
from keras_cv_course.data.mapped_images import MappedImages
from keras_cv_course.data.readers import decoded_images


def twins(monkeypatch, folder, name, **options):
    """The set in memory, and twice from the disk: decoded, and from the cache. The cache is below `folder`.

    Images that the cache does not have are, each time, also decoded from the middle on, as after an interruption.
    """
    in_memory = data.load(name, **options)
    monkeypatch.setenv("KERAS_CV_COURSE_CACHE", str(folder / "decoded"))
    monkeypatch.setattr(decoded_images, "MOST_IN_MEMORY", 0)
    decodings = []

    def make(place, wanted, name, decode):
        middle = wanted["shape"][0] // 2
        whole, rest = (list(decode(start)) for start in (0, middle))
        np.testing.assert_array_equal(np.stack(whole)[middle:], np.stack(rest))
        decodings.append(name)
        made(place, wanted, name, decode)

    made = disk_cache._make
    monkeypatch.setattr(disk_cache, "_make", make)
    decoded = data.load(name, **options)
    count = len(decodings)
    cached = data.load(name, **options)
    assert count and len(decodings) == count, "the second time nothing is decoded"
    return in_memory, decoded, cached


def same_from_disk(monkeypatch, folder, name, tolerance=0, **options):
    """Every part is the same, images within `tolerance`; images are read when asked for."""
    in_memory, *on_disk = twins(monkeypatch, folder, name, **options)
    for ours in on_disk:
        assert ours.info.classes == in_memory.info.classes
        for part, other in zip(ours, in_memory, strict=True):
            assert list(part.fields) == list(other.fields)
            for field, values in other.fields.items():
                found = getattr(part, field)
                if field in ("images", "inputs"):
                    assert type(found) is MappedImages
                    assert np.abs(np.asarray(found) - values).max() <= tolerance
                else:
                    np.testing.assert_array_equal(found, values)
