"""Files that claim more than they hold are refused before memory is asked for; honest ones are loaded."""

import io
import json
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import model_file
from tests.detect.test_yolo import CASES as YOLO
from tests.generate.test_cyclegan import CASES as CYCLEGAN
from tests.generate.test_pix2pix import CASES as PIX2PIX
from tests.segment.test_unet import CASES as UNET

MOST_MEMORY = 400  # MB, where each of these files would take gigabytes


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    """The members of a good file, by name."""
    path = tmp_path_factory.mktemp("good") / "model.keras"
    next(iter(UNET.values())).model().save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(members, packed=zipfile.ZIP_STORED, **changed):
    """Write ./model.keras from members, some of which are replaced."""
    names = {"config": model_file.CONFIG, "weights": model_file.WEIGHTS}
    with zipfile.ZipFile("model.keras", "w", packed, compresslevel=1) as archive:
        for name, content in {**members, **{names[key]: value for key, value in changed.items()}}.items():
            if content is not None:
                archive.writestr(name, content)
    return Path("model.keras")


def configured(members, **named):
    """The configuration with other arguments of the model."""
    config = json.loads(members[model_file.CONFIG])
    config["config"].update(named)
    return json.dumps(config)


def sequential(layers, input_shape=(None, 4)):
    """The configuration of a `keras.Sequential` that was never built."""
    parts = [
        {
            "module": "keras.layers",
            "class_name": "InputLayer",
            "config": {"batch_shape": input_shape, "dtype": "float32"},
            "registered_name": None,
        }
    ]
    parts += [
        {"module": "keras.layers", "class_name": name, "config": config, "registered_name": None}
        for name, config in layers
    ]
    config = {"name": "net", "layers": parts}
    made = {"module": "keras", "class_name": "Sequential", "config": config, "registered_name": None}
    return json.dumps({**made, "build_config": {"input_shape": input_shape}, "compile_config": {"no": 1}})


def endless_layers():
    """The configuration of a model that makes as many layers as it is told to."""
    config = keras.saving.serialize_keras_object(ConvolutionalClassifier(classes=2, depth=1))
    config["config"]["depth"] = 10**9
    return json.dumps(config)


def claims(shape, **options):
    """A weights file with one data set that was never written."""
    file = io.BytesIO()
    with h5py.File(file, "w") as weights:
        weights.create_dataset("layers/dense/vars/0", shape, "float32", **options)
    return file.getvalue()


def peak():
    """MB that this process has held at most since the peak was forgotten (proc(5), clear_refs), and holds now."""
    said = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return tuple(int(said[name].split()[0]) / 1024 for name in ("VmHWM", "VmRSS"))


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux alone tells peaks of memory")
@pytest.mark.parametrize(
    "make, says",
    [
        (
            lambda m: write(m, config=sequential([("Dense", {"units": 10**9})])),
            "asks for 5,000,000,000 weights",
        ),
        (
            lambda m: write(
                m, config=sequential([("Conv2D", {"filters": 9**9, "kernel_size": 3})], (None, 9, 9, 3))
            ),
            "weights and the whole file has",
        ),
        (
            lambda m: write(m, config=sequential([("Embedding", {"input_dim": 10**9, "output_dim": 9})])),
            "asks for 9,000,000,000 weights",
        ),
        (lambda m: write(m, config=configured(m, filters=[50_000] * 5)), "weights and the whole file has"),
        (lambda m: write(m, config=endless_layers()), "too much memory"),
        (lambda m: write(m, config="[" * 10**6), "nested too deep"),
        (lambda m: write(m, config=" " * 5 * 10**8, packed=zipfile.ZIP_DEFLATED), "unpacks to 10 times"),
        (lambda m: write(m, weights=bytes(5 * 10**8), packed=zipfile.ZIP_DEFLATED), "unpacks to 10 times"),
        (lambda m: write(m, weights=claims((30_000, 30_000))), "declares 900,000,000 weights"),
        (
            lambda m: write(m, weights=claims((30_000, 30_000), chunks=(100, 100), compression="gzip")),
            "declares 900,000,000 weights",
        ),
        (lambda m: write(m, weights=claims((4,), external=[("/etc/passwd", 0, 16)])), "lie in another file"),
    ],
)
def test_what_asks_for_gigabytes_is_refused_before_it_gets_them(make, says, members):
    path = make(members)
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()[1]
    with pytest.raises(InputError) as refused:
        model_file.load(path)
    assert says in str(refused.value) and "\n" not in str(refused.value)
    with keras.StatelessScope():  # at whose end Keras gives values to weights that have none
        pass
    assert peak()[0] - before < MOST_MEMORY


@pytest.mark.parametrize(
    "make, says",
    [
        (lambda m: write(m, config=None), "there is no config.json in it"),
        (lambda m: write(m, weights=None), "there is no model.weights.h5 in it"),
        (lambda m: write(m, config="[]"), "its config.json is not that of a model"),
        (lambda m: write(m, config="{"), "Expecting property name"),
        (lambda m: write(m, weights=b"x"), "file signature not found"),
        (lambda m: Path("model.keras").write_bytes(b"x") and Path("model.keras"), "not a zip file"),
    ],
)
def test_what_is_no_model_is_told_in_a_line(make, says, members):
    with pytest.raises(InputError, match=says):
        model_file.load(make(members))


@pytest.mark.parametrize(
    "cases", [UNET, YOLO, PIX2PIX, CYCLEGAN], ids=["unet", "yolo", "pix2pix", "cyclegan"]
)
def test_models_of_the_lessons_that_take_an_image_come_back(cases):
    model = next(iter(cases.values())).model()
    model.save("model.keras")
    loaded = model_file.load("model.keras")
    assert len(loaded.weights) == len(model.weights) > 0
    for one, other in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
