import keras
import numpy as np
import pytest

from keras_cv_course.metrics.mixed_labels import label_share_error, one_class_images


def test_the_label_is_compared_with_the_mean_pixel_by_hand():
    batch = one_class_images(count=3, side=4)
    assert batch["images"].shape == (3, 4, 4, 3) and label_share_error(batch) == 0
    mixed = {"images": batch["images"].copy(), "labels": batch["labels"].copy()}
    mixed["images"][0, :2, :2] = 0, 1, 0  # 4 of 16 pixels are of the second image
    assert label_share_error(mixed) == pytest.approx(0.25)
    mixed["labels"][0] = 0.75, 0.25, 0
    assert label_share_error(mixed) == pytest.approx(0)


def test_keras_mixup_passes_and_a_share_that_ignores_the_edge_does_not():
    batch = one_class_images(count=16, side=9)
    mixed = keras.layers.MixUp(1.0, seed=3)(batch, training=True)
    assert label_share_error({name: np.asarray(values) for name, values in mixed.items()}) < 1e-6
    assert label_share_error(keras.layers.CutMix(seed=3)(batch, training=True)) > 1e-3
