"""A run of a small lesson: what it keeps, when it shows, what it refuses."""

import json

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from keras_cv_course.errors import InputError
from keras_cv_course.lesson import at_least, at_most, lesson


@lesson(
    quick=dict(epochs=1),
    full=dict(epochs=9),
    targets={"line": dict(loss=at_most(0.5), slope=2.5)},
)
def tiny(run, dataset: str = "line", epochs: int = 3, fail: bool = False):
    """Fit a line.

    Args:
        dataset: only "line".
        epochs: passes.
        fail: break off after training.

    Metrics:
        loss: mean squared error after the last epoch.
        slope: of the line.
    """
    # %% A line with a slope of three.
    x = np.linspace(-1, 1, 32, dtype="float32")[:, None]
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.2), loss="mse")

    # %% Learn it.
    model.fit(run.batches(x, 3 * x, batch_size=8), epochs=epochs, callbacks=run.callbacks(), verbose=0)
    assert len(run.history()["loss"]) == epochs
    if fail:
        raise RuntimeError("broken off")
    run.metrics(loss=run.history()["loss"][-1], slope=float(model.layers[-1].kernel[0, 0]))
    run.baseline("slope", "the truth", 3)
    run.figure("empty", Figure(), alt="Nothing at all.")


def test_results_and_closing_table(tmp_path, capsys):
    run = tiny(epochs=20, output=tmp_path / "r", saved_models=tmp_path / "s", seed=3)
    kept = json.loads((tmp_path / "r" / tiny.name / "metrics.json").read_text())
    assert kept["metrics"] == run.values and kept["seed"] == 3 and kept["epochs"] == 20
    assert kept["targets"] == {"loss": "≤ 0.5", "slope": "≥ 2.5"}
    assert kept["reached"] == {"loss": True, "slope": True}
    assert kept["versions"]["keras"] == keras.__version__ and kept["seconds"] > 0
    said = capsys.readouterr().out
    for words in ("slope", "≥ 2.5", "the truth 3", "preset default", "empty.png", "of the line."):
        assert words in said
    log = (tmp_path / "r" / tiny.name / "training.model.csv").read_text().splitlines()
    assert log[0].startswith("epoch,") and len(log) == 21
    assert not (tmp_path / "s" / tiny.name).exists()
    assert {path.name for path in (tmp_path / "r" / tiny.name).iterdir()} == {
        "metrics.json", "empty.png", "training.model.csv",
    }  # fmt: skip


def test_quick_has_no_targets(capsys):
    assert tiny(preset="quick").result["reached"] == {}
    assert "only shows that the lesson runs" in capsys.readouterr().out


def test_same_seed_same_numbers_other_seed_other_numbers():
    runs = [tiny(seed=seed).values["loss"] for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]


def test_a_failed_run_leaves_the_good_results_alone(tmp_path):
    good = tiny(epochs=20).folder / "metrics.json"
    before = good.read_bytes()
    with pytest.raises(RuntimeError):
        tiny(fail=True)
    assert good.read_bytes() == before


def test_resume_wants_the_same_arguments():
    with pytest.raises(RuntimeError):
        tiny(fail=True)
    with pytest.raises(InputError, match="epochs was 3 and is 5"):
        tiny(fail=True, epochs=5, resume=True)


def test_a_finished_training_is_not_repeated(monkeypatch):
    whole = tiny(epochs=6).values
    with pytest.raises(RuntimeError):
        tiny(epochs=6, fail=True)

    def one_more_step(*arguments, **named):
        raise AssertionError("trained again")

    monkeypatch.setattr(keras.Sequential, "compute_loss", one_more_step)
    resumed = tiny.start(epochs=6, fail=True, resume=True)
    with pytest.raises(RuntimeError), resumed:
        tiny.function(resumed, **resumed.own_arguments)
    assert resumed.history()["loss"][-1] == whole["loss"]


def test_the_cause_of_a_metric_that_is_not_finite_is_said():
    run = tiny.start()
    with pytest.raises(InputError, match="loss is nan: all training logs are finite, so it is the data"):
        run.metrics(loss=float("nan"))
    (callback,) = run.callbacks("second")
    callback.log.write_text("epoch,loss\n0,2.5\n1,inf\n2,nan\n")
    with pytest.raises(
        InputError, match="'second' diverged, its loss is inf in epoch 2; try a smaller learning rate"
    ):
        run.metrics(loss=float("nan"))


def test_every_epoch_has_an_order_of_its_own_that_a_resumed_run_repeats():
    run = tiny.start(seed=5)
    batches = run.batches(np.arange(10), batch_size=4)
    orders = []
    for epoch in (0, 1, 1):
        run.clock[0] = epoch
        orders.append(np.concatenate([np.asarray(batch) for (batch,) in batches]).tolist())
    assert len(batches) == 3
    assert orders[0] != orders[1] == orders[2]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(10))


def test_an_epoch_of_so_many_steps():
    run = tiny.start(seed=5)
    for rows, steps in ((10, 6), (30, 2)):
        batches = run.batches(np.arange(rows), batch_size=4, steps=steps)
        seen = []
        for epoch in (0, 1, 1):
            run.clock[0] = epoch
            seen.append([np.asarray(batch).tolist() for (batch,) in batches])
        assert len(batches) == steps and seen[0] != seen[1] == seen[2]
        assert all(len(batch) == 4 for batch in seen[0])
        times = np.bincount(np.ravel(seen[0]), minlength=rows)
        assert times.min() == 4 * steps // rows and times.max() == -(-4 * steps // rows)
    with pytest.raises(InputError, match="an epoch has 1 step or more, got 0"):
        run.batches(np.arange(3), steps=0)


def test_precision_is_set_for_the_run_only():
    before = keras.config.dtype_policy().name
    run = tiny(precision="mixed_bfloat16", preset="quick")
    assert run.result["precision"] == "mixed_bfloat16" and keras.config.dtype_policy().name == before


def test_targets():
    assert at_least(2).reached(2) and not at_least(2).reached(1.9)
    assert at_most(2).reached(2) and not at_most(2).reached(2.1)


def test_presets_name_real_knobs():
    with pytest.raises(
        InputError,
        match="preset quick has no argument epoch; it has dataset, epochs, fail, limit, file, batch_size",
    ):
        lesson(quick=dict(epoch=1), full={}, targets={})(tiny.function)


def test_two_trainings_need_two_names():
    run = tiny.start()
    run.callbacks("a")
    with pytest.raises(InputError, match="already has a training named 'a'"):
        run.callbacks("a")


def test_tensorboard_gets_its_log():
    run = tiny(tensorboard=True)
    assert list((run.folder / "tensorboard" / "model" / "train").glob("events.out.tfevents.*"))


@lesson(quick={}, full={}, targets={})
def moving(run, dataset: str = "none", sizes: tuple[int, ...] = (4, 4, 4)):
    """Play images one after the other.

    Args:
        dataset: none.
        sizes: of the images.

    Metrics:
        nothing: zero.
    """
    run.animation(
        "film",
        [np.full((size, 6), 80 * i, "uint8") for i, size in enumerate(sizes)],
        "A square that grows lighter.",
        3,
    )
    run.metrics(nothing=0)


def test_animation():
    run = moving()
    assert run.figures == {"film.gif": "A square that grows lighter."}
    with Image.open(run.folder / "film.gif") as film:
        assert film.n_frames == 3 and film.info["loop"] == 0
        frames = [(film.seek(i), np.asarray(film.convert("L")), film.info["duration"]) for i in range(3)]
    assert [pause for _, _, pause in frames] == [1000, 1000, 2000]
    for number, (_, image, _) in enumerate(frames):
        assert image.shape == (4, 6) and (image == 80 * number).all()
    for sizes in ((4,), (4, 5), ()):
        with pytest.raises(InputError, match="two or more uint8 images of one size"):
            moving(sizes=sizes)


def test_tensorboard_needs_tensorflow(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(
        InputError, match="--tensorboard needs TensorFlow, which is not installed: leave it out"
    ):
        tiny.start(tensorboard=True)
