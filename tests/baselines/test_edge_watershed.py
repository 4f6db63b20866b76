"""The watershed on an image whose edges are known."""

import numpy as np

from keras_cv_course.baselines.edge_watershed import edge_watershed


def test_a_border_two_pixels_off_moves_to_the_edge():
    image, truth = np.zeros((16, 20, 3)), np.zeros((16, 20), int)
    image[:, 10:], truth[:, 10:] = 0.8, 3
    predicted = np.roll(truth, 2, axis=1)
    predicted[:, :2] = 0
    found = edge_watershed(predicted, image, band=3)
    # The edge's own two columns are equally steep: either side of the line is right.
    assert np.array_equal(np.delete(found, [9, 10], axis=1), np.delete(truth, [9, 10], axis=1))


def test_what_is_thin_stays_and_one_class_stays_one():
    predicted = np.zeros((9, 9), int)
    predicted[4, 2:7] = 1
    flat = np.zeros((9, 9, 1))
    assert np.all(edge_watershed(predicted, flat)[4, 2:7] == 1)
    assert np.array_equal(edge_watershed(0 * predicted, flat), 0 * predicted)
