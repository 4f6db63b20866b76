import keras
import numpy as np
import pytest

from keras_cv_course.data.mapped_images import MappedImages
from keras_cv_course.lesson.batches import batches
from keras_cv_course.lesson.mapped_batches import mapped_batches


@pytest.fixture
def arrays(tmp_path):
    """Images on disk, the same in memory, and labels."""
    images = np.random.default_rng(0).integers(0, 256, (50, 6, 5, 3), dtype=np.uint8)
    np.save(tmp_path / "images.npy", images)
    return MappedImages(tmp_path / "images.npy"), images / np.float32(255), np.arange(50)


@pytest.mark.parametrize("steps", [None, 7])
def test_the_batches_are_those_of_the_arrays_in_memory(arrays, steps):
    mapped, images, labels = arrays
    clock = [0]
    ours = mapped_batches((mapped, labels), 16, 3, clock, steps)
    theirs = batches((images, labels), 16, 3, clock, steps)
    assert len(ours) == len(theirs)
    seen = []
    for epoch in range(2):
        clock[0] = epoch
        for (x, y), (x_too, y_too) in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(x, x_too)
            np.testing.assert_array_equal(y, y_too)
            seen.append(np.asarray(y))
    assert not np.array_equal(seen[0], seen[len(seen) // 2])


def test_a_training_is_the_same_to_the_last_bit(arrays):
    mapped, images, labels = arrays

    def losses(made, values):
        keras.utils.set_random_seed(0)
        model = keras.Sequential(
            [
                keras.Input((6, 5, 3)),
                keras.layers.Conv2D(4, 3),
                keras.layers.Flatten(),
                keras.layers.Dense(50),
            ]
        )
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        data = made((values, labels), 16, 3, [0])
        return model.fit(data, epochs=2, verbose=0).history["loss"]

    assert losses(mapped_batches, mapped) == losses(batches, images)


def test_a_run_takes_the_path_that_the_arrays_need(arrays, tmp_path, monkeypatch):
    from keras_cv_course.lesson import run as module

    mapped, images, labels = arrays
    stand_in = type("Run", (), {"batch_size": 8, "seed": 0, "replicas": None})()
    monkeypatch.setattr(module, "batches", lambda *given: "in memory")
    monkeypatch.setattr(module, "mapped_batches", lambda *given: "on disk")
    assert module.Run.batches(stand_in, images, labels) == "in memory"
    assert module.Run.batches(stand_in, labels, mapped) == "on disk"
