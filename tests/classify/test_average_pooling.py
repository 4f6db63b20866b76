"""What class activation maps ask of it: the logit is the mean of the maps' weighted sum, plus the bias."""

import keras
import numpy as np
import pytest

from keras_cv_course.classify.average_pooling import AveragePoolingClassifier
from keras_cv_course.errors import InputError
from tests.harness import Case, classification, free_size, noise_images

CASES = {
    "average_pooling_classifier": Case(
        make=lambda: AveragePoolingClassifier(filters=(8, 12, 6), classes=3, pools=1, bias=-0.5),
        published={
            "by hand: 648 + 10,368 + 41,472 + 336 + 970": (
                AveragePoolingClassifier,
                (None, 40, 40, 3),
                53_794,
            )
        },
        **free_size(2, 12, 7),
        **classification(noise_images(6, 9, 10, 2), learning_rate=0.01),
    )
}


def test_logits_are_means_of_weighted_maps():
    model = AveragePoolingClassifier(filters=(6, 5), classes=4, bias=1.5)
    images = np.random.default_rng(0).random((2, 10, 14, 3), dtype="float32")
    logits = keras.ops.convert_to_numpy(model(images))
    maps = {name: keras.ops.convert_to_numpy(found) for name, found in model.endpoints(images).items()}
    assert {name: found.shape for name, found in maps.items()} == {
        "relu1": (2, 10, 14, 6), "relu2": (2, 5, 7, 5), "features": (2, 5, 7, 5)
    }  # fmt: skip
    kernel, bias = model.classifier.get_weights()
    np.testing.assert_allclose(bias, 1.5)
    np.testing.assert_allclose((maps["features"] @ kernel).mean(axis=(1, 2)) + bias, logits, atol=1e-5)


def test_fewer_poolings_leave_finer_maps():
    images = np.zeros((1, 16, 16, 3), "float32")
    for pools, sides in {None: (16, 8, 4), 2: (16, 8, 4), 1: (16, 8, 8), 0: (16, 16, 16)}.items():
        maps = AveragePoolingClassifier((2, 3, 4), pools=pools).endpoints(images)
        assert tuple(maps[f"relu{stage}"].shape[1] for stage in (1, 2, 3)) == sides
    with pytest.raises(InputError, match="0 or more, received -1"):
        AveragePoolingClassifier(pools=-1)


@pytest.mark.parametrize("arguments", [{"filters": ()}, {"filters": (4, 0)}, {"classes": 0}])
def test_bad_arguments(arguments):
    with pytest.raises(InputError, match="1 or more"):
        AveragePoolingClassifier(**arguments)
