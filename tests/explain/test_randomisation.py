import numpy as np
import pytest
from scipy import stats

from keras_cv_course.classify.average_pooling import AveragePoolingClassifier
from keras_cv_course.errors import InputError
from keras_cv_course.explain.randomisation import cascading_randomisation, rank_correlation


def network():
    model = AveragePoolingClassifier(filters=(4, 6), classes=3)
    model.build((None, 8, 8, 3))
    return model


def test_stages_are_shuffled_from_the_top_down_and_come_back():
    model = network()
    before = model.get_weights()
    stages = {"top": [model.classifier], "second": [model.convolutions[1], model.norms[1]]}
    stages["first"] = [model.convolutions[0]]
    changed = []
    with cascading_randomisation(model, stages, np.random.default_rng(0)) as steps:
        for name in steps:
            changed.append(name)
            now = dict(zip((weight.path for weight in model.weights), model.get_weights()))
            for weight, old in zip(model.weights, before):
                new = now[weight.path]
                part = weight.path.split("/")[-2]
                place = {"conv1": "first", "conv2": "second"}.get(part, "top" if "dense" in part else None)
                shuffled = place in changed and old.ndim > 1
                assert np.array_equal(new, old) != shuffled, weight.path
                np.testing.assert_array_equal(np.sort(new.ravel()), np.sort(old.ravel()))
    assert changed == ["top", "second", "first"]
    for new, old in zip(model.get_weights(), before):
        np.testing.assert_array_equal(new, old)


def test_the_network_comes_back_after_an_error():
    model = network()
    before = model.get_weights()
    stages = {"top": [model.classifier], "nothing": [model.norms[0]]}
    with (
        pytest.raises(InputError, match="'nothing' has no kernel"),
        cascading_randomisation(model, stages, np.random.default_rng(0)) as steps,
    ):
        list(steps)
    for new, old in zip(model.get_weights(), before):
        np.testing.assert_array_equal(new, old)


def test_rank_correlation():
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((2, 5, 7))
    expected = np.corrcoef(*(stats.rankdata(np.abs(one).ravel()) for one in (first, second)))[0, 1]
    assert rank_correlation(first, second) == pytest.approx(expected, abs=1e-9)
    assert rank_correlation(first, -(first**3)) == pytest.approx(1)
    assert rank_correlation(first, 1 / first) == pytest.approx(-1)
    assert rank_correlation(first, np.ones_like(first)) == 0
    with pytest.raises(InputError, match="two maps of one shape"):
        rank_correlation(first, second[:3])
