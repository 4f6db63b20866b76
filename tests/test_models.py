"""The harness over the registry: one test a claim and model."""

import importlib
import os
import pickle
import pkgutil

import keras
import numpy as np
import pytest
from filelock import FileLock

import keras_cv_course
from tests import harness
from tests.registry import CASES

TASKS = ("classify", "segment", "detect", "reconstruct", "generate", "sequence")
every_model = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def test_every_model_of_the_library_is_registered():
    found = set()
    for module in pkgutil.walk_packages(keras_cv_course.__path__, "keras_cv_course."):
        if module.name.split(".")[1] in TASKS:
            members = vars(importlib.import_module(module.name)).values()
            found |= {m for m in members if isinstance(m, type) and issubclass(m, keras.Model)}
    found = {model for model in found if model.__module__.startswith("keras_cv_course.")}
    assert found == {type(case.make()) for case in CASES.values()}
    for model in found:
        assert keras.saving.get_registered_name(model) == f"keras_cv_course>{model.__name__}"


@every_model
def test_configuration_round_trip(case):
    harness.configuration_round_trip(case)


@every_model
def test_build_creates_all_weights(case):
    harness.build_creates_all_weights(case)


@every_model
def test_published_parameters(case):
    harness.published_parameters(case)


@every_model
def test_every_weight_learns(case):
    harness.every_weight_learns(case)


@every_model
def test_overfits_one_batch(case):
    harness.overfits_one_batch(case)


@every_model
def test_saved_and_loaded(case, tmp_path):
    harness.saved_and_loaded(case, tmp_path)


@every_model
def test_mixed_precision(case):
    harness.mixed_precision(case)


@every_model
def test_compiled_equals_eager(case):
    harness.compiled_equals_eager(case)


def made_once(factory, name, make):
    """What `make` returns: the first of pytest's processes makes it, which takes minutes, for all of them."""
    folder = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    file = folder / f"{name}.pickle"
    with FileLock(f"{file}.lock"):
        if not file.exists():
            file.write_bytes(pickle.dumps(make()))
    return pickle.loads(file.read_bytes())


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    if keras.backend.backend() == "torch":
        pytest.skip("Keras writes no SavedModel on the PyTorch backend")
    return made_once(tmp_path_factory, "served", lambda: harness.exported(CASES))


@pytest.mark.parametrize("name", CASES)
def test_export_serves_the_same_numbers_without_keras_or_this_package(served, name):
    own, there = served[name]
    assert own.keys() == there.keys()
    for output in own:
        np.testing.assert_allclose(there[output], own[output], rtol=0, atol=1e-5, err_msg=output)


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory):
    return made_once(tmp_path_factory, "elsewhere", lambda: harness.on_other_backend(CASES))


@pytest.mark.parametrize("name", CASES)
def test_other_backend_gives_the_same_numbers(elsewhere, name):
    own, there = elsewhere[name]
    assert own.keys() == there.keys()
    for output in own:
        np.testing.assert_allclose(there[output], own[output], rtol=0, atol=1e-5, err_msg=output)
