"""`--image photo.jpg`: what a saved model makes of one's own image; and more endpoints of an export."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from keras_cv_course.lesson import lesson
from keras_cv_course.reconstruct.denoising import DenoisingAutoencoder

SEEN = []


def see(model, image):
    SEEN.append((model, image))
    return Figure(figsize=(2, 1))


@lesson(quick={}, full={}, targets={}, image_figure=see)
def looker(run, dataset: str = "none"):
    """Save an untrained network with a second endpoint.

    Args:
        dataset: none.
    """
    model = DenoisingAutoencoder(filters=(2, 2))
    model.build((None, 8, 8, 1))
    run.metrics(nothing=0)
    run.figure("empty", Figure(), alt="Nothing.")
    darker = (lambda images: keras.ops.multiply(model(images, training=False), 0.5), (None, 8, 8, 1))
    run.save(model, (None, None, None, 1), endpoints={"darker": darker})


@lesson(quick={}, full={}, targets={})
def blind(run, dataset: str = "none"):
    """Draw nothing.

    Args:
        dataset: none.
    """


@pytest.fixture
def photo(tmp_path):
    """A photograph of 7x4 pixels, brighter to the right, that the camera held on its side."""
    grey = np.tile(np.linspace(0, 255, 7, dtype="uint8"), (4, 1))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by a quarter, clockwise
    Image.fromarray(np.stack([grey] * 3, axis=-1)).save(tmp_path / "photo.png", exif=exif)
    return tmp_path / "photo.png"


def refused(lesson, arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        lesson.main(arguments)
    assert stop.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and said.startswith(f"{lesson.name}: ")
    return said


def test_own_image(photo, capsys):
    run = looker()
    before = (run.folder / "metrics.json").read_bytes()
    SEEN.clear()
    looker.main(["--image", str(photo)])
    written = run.folder.with_name(f"{looker.name}.image") / "photo.png"
    assert capsys.readouterr().out.strip().endswith(str(written))
    assert written.read_bytes().startswith(b"\x89PNG")
    assert (run.folder / "metrics.json").read_bytes() == before
    [(model, image)] = SEEN
    assert image.shape == (7, 4, 3) and image.dtype == "float32"
    np.testing.assert_allclose(image[:, 0, 0], np.linspace(0, 255, 7).astype(int) / 255, atol=1e-6)
    for one, other in zip(model.weights, run.saved["model"].weights, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_two_images_of_one_name_keep_a_figure_each(photo, tmp_path):
    run = looker()
    Image.open(photo).save(tmp_path / "photo.tif")
    for image in (photo, tmp_path / "photo.tif"):
        looker.main(["--image", str(image)])
    kept = run.folder.with_name(f"{looker.name}.image").iterdir()
    assert {path.name for path in kept} == {"photo.png", "photo.tif.png"}


def test_what_cannot_be_looked_at(photo, tmp_path, capsys):
    assert "train it first: python -m tests.lesson.test_own_image" in refused(
        looker, ["--image", str(photo)], capsys
    )
    run = looker()
    capsys.readouterr()
    assert "there is no image" in refused(looker, ["--image", "none.jpg"], capsys)
    (tmp_path / "text.jpg").write_text("no image")
    assert "is no image" in refused(looker, ["--image", str(tmp_path / "text.jpg")], capsys)
    (tmp_path / "half.png").write_bytes(photo.read_bytes()[:60])
    assert "corrupt image" in refused(looker, ["--image", str(tmp_path / "half.png")], capsys)
    saved = run.saved_folder / "model.keras"
    whole = saved.read_bytes()
    for broken in (b"nothing", whole[:500], whole[:-2000]):
        saved.write_bytes(broken)
        assert "cannot load the model" in refused(looker, ["--image", str(photo)], capsys)
    run.saved["model"].set_weights([np.full(weight.shape, np.nan) for weight in run.saved["model"].weights])
    run.saved["model"].save(saved)
    assert "no numbers; train it again" in refused(looker, ["--image", str(photo)], capsys)
    assert not list((run.folder.parent).rglob("*.partial"))


KNOBS = []


def see_place(model, image, place="middle"):
    KNOBS.append((model, place))
    return Figure(figsize=(2, 1))


@lesson(quick={}, full={}, targets={}, image_figure=see_place, image_model=lambda: "ready-made")
def ready(run, dataset: str = "none", place: str = "middle"):
    """Has a model before it is run.

    Args:
        dataset: none.
        place: where to look.
    """


def test_a_model_that_needs_no_run_or_one_of_mine_and_the_knobs_that_the_figure_asks_for(photo, capsys):
    KNOBS.clear()
    ready.main(["--image", str(photo)])
    mine = DenoisingAutoencoder(filters=(3, 2))
    mine.build((None, 8, 8, 1))
    mine.save("mine.keras")
    ready.main(["--image", str(photo), "--model", "mine.keras", "--place", "left"])
    [(model, place), (own, other)] = KNOBS
    assert (model, place, other) == ("ready-made", "middle", "left") and own.filters == (3, 2)
    said = refused(ready, ["--image", str(photo), "--model", "none.keras"], capsys)
    assert "no trained model none.keras; name a .keras file" in said
    assert "add --image FILE" in refused(ready, ["--model", "mine.keras"], capsys)
    (photo.parent / "text.keras").write_text("no model")
    said = refused(ready, ["--image", str(photo), "--model", str(photo.parent / "text.keras")], capsys)
    assert "cannot load the model" in said and "save it with Keras 3" in said


def test_a_lesson_without_a_drawing_has_no_such_option(photo, capsys):
    assert "--image" in refused(blind, ["--image", str(photo)], capsys)


SERVE = """
import sys, numpy as np, tensorflow as tf
served = tf.saved_model.load(sys.argv[1])
images = tf.constant(np.load("inputs.npy"))
np.save("answers.npy", np.stack([served.serve(images), served.darker(images)]))
assert "keras_cv_course" not in sys.modules
"""


def test_second_endpoint_needs_tensorflow_only(tmp_path):
    run = looker()
    images = np.random.default_rng(0).random((3, 8, 8, 1), dtype="float32")
    np.save(tmp_path / "inputs.npy", images)
    folder = str((run.saved_folder / "serve").resolve())
    subprocess.run([sys.executable, "-c", SERVE, folder], check=True, cwd=tmp_path)
    answers, expected = np.load(tmp_path / "answers.npy"), run.saved["model"].predict(images, verbose=0)
    np.testing.assert_allclose(answers, [expected, expected / 2], atol=1e-6)
    assert "darker = served.darker(inputs)  # float32 (None, 8, 8, 1)" in (
        run.saved_folder / "README.md"
    ).read_text(encoding="utf-8")
