"""What the lesson claims: a moved image has moved feature maps and the same logits."""

import numpy as np
import pytest

from keras_cv_course.classify.global_pooling import GlobalPoolingClassifier
from keras_cv_course.errors import InputError
from tests.harness import Case, classification, free_size, noise_images

CASES = {
    "global_pooling_classifier": Case(
        make=lambda: GlobalPoolingClassifier(filters=(8, 12), classes=3),
        published={"by hand: 160 + 4640 + 9248 + 330": (GlobalPoolingClassifier, (None, 28, 28, 1), 14_378)},
        **free_size(2, 12, 7),
        **classification(noise_images(6, 9, 10, 2), learning_rate=0.01),
    )
}


def test_a_moved_image_has_moved_maps_and_the_same_logits():
    model = GlobalPoolingClassifier(filters=(6, 5))
    images = np.zeros((2, 18, 20, 1), "float32")
    patch = np.random.default_rng(0).random((5, 6, 1), dtype="float32")
    images[0, 4:9, 4:10] = patch
    images[1, 7:12, 6:12] = patch
    maps = model.endpoints(images)
    for name in ("conv1", "conv2"):
        first, moved = np.asarray(maps[name])
        inner = slice(5, -5)
        np.testing.assert_allclose(
            np.roll(first, (3, 2), (0, 1))[inner, inner], moved[inner, inner], atol=1e-6
        )
    np.testing.assert_allclose(*np.asarray(model(images)), atol=1e-6)


@pytest.mark.parametrize("arguments", [{"filters": ()}, {"filters": (4, 0)}, {"classes": 0}])
def test_bad_arguments(arguments):
    with pytest.raises(InputError, match="1 or more"):
        GlobalPoolingClassifier(**arguments)
