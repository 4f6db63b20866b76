"""`--image photo.jpg` of day5.saliency and day5.cam: any image, any classifier, and a line where it cannot be done."""

import keras
import numpy as np
import pytest
from PIL import Image

from keras_cv_course.classify.average_pooling import AveragePoolingClassifier
from sprints.day5.cam import cam
from sprints.day5.saliency import saliency

rng = np.random.default_rng(0)


@pytest.fixture
def model(tmp_path):
    """A small classifier in a file, for images of 16x16 pixels in colour."""
    network = AveragePoolingClassifier(filters=(4, 5), classes=3)
    network.build((None, 16, 16, 3))
    network.save(tmp_path / "mine.keras")
    return str(tmp_path / "mine.keras")


IMAGES = {
    "one_pixel": Image.new("RGB", (1, 1), (200, 30, 90)),
    "grey": Image.fromarray(rng.integers(0, 255, (30, 20), "uint8")),
    "alpha": Image.fromarray(rng.integers(0, 255, (20, 30, 4), "uint8")),
    "sixteen_bits": Image.fromarray(rng.integers(0, 65535, (40, 40), "uint16")),
    "palette": Image.fromarray(rng.integers(0, 255, (20, 30, 3), "uint8")).convert("P"),
    "one_row": Image.fromarray(rng.integers(0, 255, (1, 300, 3), "uint8")),
}


@pytest.mark.parametrize("lesson", [cam, saliency], ids=lambda lesson: lesson.name)
@pytest.mark.parametrize("name", IMAGES)
def test_any_image(lesson, name, model, capsys):
    IMAGES[name].save("mine.png")
    lesson.main(["--image", "mine.png", "--model", model])
    path = capsys.readouterr().out.strip()
    assert path == f"runs/{lesson.name}.image/mine.png"
    assert np.asarray(Image.open(path).convert("L")).std() > 10


def test_the_network_that_knows_imagenet_is_there_without_a_run(capsys):
    Image.fromarray(rng.integers(0, 255, (60, 80, 3), "uint8")).save("mine.png")
    cam.main(["--image", "mine.png"])
    assert capsys.readouterr().out.strip() == "runs/day5.cam.image/mine.png"


def refused(lesson, words, capsys):
    with pytest.raises(SystemExit) as stop:
        lesson.main(words)
    said = capsys.readouterr().err
    assert stop.value.code == 2 and said.count("\n") == 1, said
    return said


def test_what_cannot_be_done_is_said_in_a_line(model, tmp_path, capsys):
    Image.fromarray(rng.integers(0, 255, (60, 80, 3), "uint8")).save("mine.png")
    words = ["--image", "mine.png", "--model", model]
    said = refused(cam, [*words, "--layer", "nowhere"], capsys)
    assert "no layer 'nowhere'; choose one of: conv1, conv2" in said
    for lesson in (cam, saliency):
        assert "classes 0 to 2, there is no class 3" in refused(lesson, [*words, "--explain", "3"], capsys)
    layers = keras.layers
    dense = keras.Sequential([keras.Input((8, 8, 3)), layers.Flatten(), layers.Dense(3, activation="relu")])
    dense.save("dense.keras")
    said = refused(cam, ["--image", "mine.png", "--model", "dense.keras"], capsys)
    assert "it has no convolution" in said
    table = keras.Sequential([keras.Input((8,)), layers.Dense(3)])
    table.save("table.keras")
    for lesson in (cam, saliency):
        said = refused(lesson, ["--image", "mine.png", "--model", "table.keras"], capsys)
        assert "expected a network for images" in said
    linear = keras.Sequential([keras.Input((8, 8, 3)), layers.Flatten(), layers.Dense(3)])
    linear.save("linear.keras")
    said = refused(saliency, ["--image", "mine.png", "--model", "linear.keras"], capsys)
    assert "has no layer with a ReLU" in said
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.parametrize("lesson", [cam, saliency], ids=lambda lesson: lesson.name)
def test_photographs_that_are_not_there(lesson, capsys):
    said = refused(lesson, ["--preset", "quick", "--photographs", "unicorn"], capsys)
    assert "unicorn" in said and "coffee" in said
