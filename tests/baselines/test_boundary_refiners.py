"""Each method gets the setting that suits the validation images."""

import numpy as np

from keras_cv_course.baselines.boundary_refiners import best_setting, tuned_refiners


def test_boundaries_three_pixels_off_move_to_the_images_edges():
    images, masks = np.zeros((3, 24, 24, 3)), np.zeros((3, 24, 24), int)
    for row, (image, mask) in enumerate(zip(images, masks, strict=True)):
        image[6:18, 6 + row : 18 + row] = 0.9
        mask[6:18, 6 + row : 18 + row] = 1
    late = np.roll(masks, 3, axis=2)
    probabilities = np.stack([1 - late, late], axis=-1) * 0.8 + 0.1
    methods = tuned_refiners(probabilities, images, masks)
    assert [name.split(",")[0] for name in methods] == ["watershed", "guided filter"]
    wrong = np.mean(late != masks)
    for method in methods.values():
        assert np.mean(method(probabilities, images) != masks) < wrong / 2


def test_the_best_setting_is_the_one_of_the_highest_boundary_f1():
    masks = np.zeros((2, 16, 16), int)
    masks[:, 4:12, 4:12] = 1
    probabilities, images = np.eye(2)[masks], np.zeros((2, 16, 16, 1))
    shifted = lambda one, image, setting: np.roll(one.argmax(axis=-1), setting, axis=1)  # noqa: E731
    assert best_setting(shifted, (3, -2, 0, 5), probabilities, images, masks) == 0
