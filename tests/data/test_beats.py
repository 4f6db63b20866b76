import numpy as np
import pytest

from keras_cv_course.data import beats


@pytest.fixture(scope="module")
def parts():
    return beats.load()


def test_sizes_types_and_range(parts):
    assert [len(part) for part in parts] == [3000, 500, 1500]
    for part in parts:
        assert part.signals.shape == (len(part), 140) and part.signals.dtype == np.float32
        assert part.labels.dtype == np.int64 and set(part.labels) == {0, 1}
        assert np.abs(part.signals).max() < 7
        assert part.labels.mean() == pytest.approx(0.6, abs=0.02)


def test_each_beat_has_mean_0_and_standard_deviation_1(parts):
    for part in parts:
        np.testing.assert_allclose(part.signals.mean(axis=1), 0, atol=1e-5)
        np.testing.assert_allclose(part.signals.std(axis=1), 1, atol=1e-5)


def test_the_same_beats_every_time(parts):
    for part, again in zip(parts, beats.load(), strict=True):
        np.testing.assert_array_equal(part.signals, again.signals)
        np.testing.assert_array_equal(part.kinds, again.kinds)


def test_no_beat_is_in_two_parts_or_twice(parts):
    signals = np.concatenate([part.signals for part in parts])
    assert len(np.unique(signals, axis=0)) == 5000


def test_the_label_follows_from_the_kind(parts):
    for part in parts:
        for name, label in [(name, 1) for name in beats.NORMAL] + [(name, 0) for name in beats.ABNORMAL]:
            chosen = part.kinds == name
            assert chosen.sum() > 5 and np.all(part.labels[chosen] == label)
        assert set(part.kinds) == {*beats.NORMAL, *beats.ABNORMAL}


def test_the_first_beats_are_already_mixed(parts):
    for part in parts:
        assert 0.4 < part[:100].labels.mean() < 0.8


@pytest.mark.parametrize("kinds", [beats.NORMAL, beats.ABNORMAL])
def test_the_shares_of_the_kinds_add_up(kinds):
    assert sum(kind["share"] for kind in kinds.values()) == pytest.approx(1)


def test_waves_are_gaussians_that_add_up():
    time = np.array([0.0, 0.1, 0.2])
    one = beats.waves(time, np.array([[2.0]]), np.array([[0.1]]), np.array([[0.1]]))
    np.testing.assert_allclose(one, [[2 * np.exp(-0.5), 2, 2 * np.exp(-0.5)]])
    two = beats.waves(time, np.array([[2.0, -1.0]]), np.array([[0.1, 0.1]]), np.array([[0.1, 0.1]]))
    np.testing.assert_allclose(two, one / 2)


def test_the_kinds_look_as_their_names_say(parts):
    signals, kinds = parts[0].signals, parts[0].kinds
    mean = {name: signals[kinds == name].mean(axis=0) for name in set(kinds)}
    p_wave, t_wave = slice(18, 28), slice(88, 104)
    quiet = slice(118, 130)
    assert mean["sinus"][p_wave].max() > mean["atrial fibrillation"][p_wave].max() + 0.2
    assert mean["sinus"][t_wave].max() > mean["low T"][t_wave].max() + 0.3
    assert mean["inverted T"][t_wave].mean() < mean["low T"][t_wave].mean() - 0.3
    half = {name: np.sum(mean[name] > mean[name].max() / 2) for name in mean}  # width of the QRS complex
    assert half["ventricular"] > 1.5 * half["sinus"] and half["bundle branch block"] > 1.5 * half["sinus"]
    assert mean["ST elevation"][66:76].mean() > mean["sinus"][66:76].mean() + 0.3
    assert np.argmax(mean["long QT"][80:]) > np.argmax(mean["sinus"][80:]) + 5
    assert mean["tilted axis"].min() < mean["sinus"].min() - 0.5
    assert mean["fast sinus"][quiet].max() > mean["sinus"][quiet].max() + 0.1  # the next beat's P wave
    assert signals[kinds == "R on T"][:, 90:110].max() > signals[kinds == "sinus"][:, 90:110].max()
