import numpy as np

from keras_cv_course.baselines.best_scores import best_scores


def test_rules_by_hand():
    scores = np.array([[0.6, 0.9, 0.8, 0.0, 0.3], [0.2, 0.0, 0.0, 0.0, 0.95]])
    labels = np.array([[0, 0, 0, 1, 1], [1, 1, 0, 0, 1]])
    kept = best_scores(scores, labels, 2, (1, 2), (0.5,))
    assert {name: rows.tolist() for name, rows in kept.items()} == {
        "the best 1 of each class": [[-1, 0, -1, -1, 1], [-1, -1, -1, -1, 1]],
        "the best 2 of each class": [[-1, 0, 0, -1, 1], [1, -1, -1, -1, 1]],
        "scores above 0.5": [[0, 0, 0, -1, -1], [-1, -1, -1, -1, 1]],
    }
