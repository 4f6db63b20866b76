import json
import os
from importlib import resources
from pathlib import Path

import pytest

from keras_cv_course.training.imagenet_classes import imagenet_classes, imagenet_synsets


def test_a_thousand_different_names():
    names = imagenet_classes()
    assert len(names) == len(set(names)) == 1000 and all(names)
    assert [names[place] for place in (0, 282, 657, 872, 967, 999)] == [
        "tench",
        "tiger cat",
        "missile",
        "tripod",
        "espresso",
        "toilet tissue",
    ]


def test_the_order_is_that_of_tensorflow_datasets():
    listed = resources.files("tensorflow_datasets").joinpath("datasets/imagenet2012/labels.txt")
    assert list(imagenet_synsets()) == listed.read_text("utf-8").split()


def test_the_names_are_those_of_keras():
    file = Path(os.environ.get("KERAS_HOME", "nowhere"), "models", "imagenet_class_index.json")
    if not file.exists():
        pytest.skip("KERAS_HOME does not hold Keras' list")
    theirs = json.loads(file.read_text("utf-8"))
    ours = zip(imagenet_synsets(), imagenet_classes())
    other = {
        place: (name, theirs[str(place)][1].replace("_", " "))
        for place, (synset, name) in enumerate(ours)
        if [synset, name.replace(" ", "_")] != theirs[str(place)]
    }
    assert other == {134: ("crane bird", "crane"), 639: ("maillot tank suit", "maillot")}
