import numpy as np
from scipy import ndimage

from keras_cv_course.baselines.semi_supervised import label_spreading, svm_on_copies
from keras_cv_course.data.part import Part
from keras_cv_course.metrics.accuracy import accuracy


def bars(count, rng):
    """Noisy images 8x8: a horizontal or a vertical bar, anywhere."""
    labels = rng.integers(0, 2, count)
    images = np.zeros((count, 8, 8))
    for image, label, place in zip(images, labels, rng.integers(0, 8, count)):
        (image if label else image.T)[place] = 0.8
    return Part(images=np.clip(images + rng.uniform(0, 0.1, images.shape), 0, 1)[..., None], labels=labels)


def test_shifted_copies_teach_that_place_means_nothing():
    rng = np.random.default_rng(0)
    train, validation, test = (bars(count, rng) for count in (6, 40, 200))
    train.labels[:2] = 0, 1  # both classes are there
    train.images[:2] = 0
    train.images[0, :, 2], train.images[1, 5] = 0.8, 0.8

    def shifted(batch, rng):
        moves = rng.integers(0, 8, (len(batch["images"]), 2))
        moved = [np.roll(image, move, axis=(0, 1)) for image, move in zip(batch["images"], moves)]
        return {**batch, "images": np.stack(moved)}

    reached = [
        accuracy(test.labels, svm_on_copies(train, validation, change, rng, copies=40)(test.images))
        for change in (lambda batch, rng: batch, shifted)
    ]
    assert reached[1] > 0.95 and reached[1] > reached[0] + 0.1


def test_labels_spread_along_a_chain_of_neighbours():
    """Two blurred lines that move over the image in small steps: one labelled image each labels the whole chain."""

    def chain(row):
        line = np.zeros((40, 12, 12))
        line[np.arange(40), row, 2:6] = 1
        images = [ndimage.shift(image, (0, step / 8), order=1) for step, image in enumerate(line)]
        return ndimage.gaussian_filter(images, (0, 0.7, 0.7))[..., None]

    images, labels = np.concatenate([chain(2), chain(9)]), np.repeat([0, 1], 40)
    known = [0, 40]
    train, rest = Part(images=images[known], labels=labels[known]), np.setdiff1d(np.arange(80), known)
    predict = label_spreading(train, images[rest], Part(images=images[::7], labels=labels[::7]))
    predictions = predict(images)
    assert predictions.shape == (80, 2) and accuracy(labels, predictions) == 1
