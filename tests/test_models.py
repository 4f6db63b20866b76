"""The harness over all models: one test a claim and model.

A model's case stands beside its tests: `CASES` in tests/<task>/test_<name>.py for
keras_cv_course/<task>/<name>.py.
"""

import importlib
import os
import pickle
import pkgutil
from pathlib import Path

import keras
import numpy as np
import pytest
from filelock import FileLock

import keras_cv_course
from tests import harness

TESTS = Path(__file__).parent
TASKS = ("classify", "segment", "detect", "reconstruct", "generate", "sequence")


def collected():
    """The test modules that have cases: {"segment.unet": {name: Case}}."""
    files = [file for task in TASKS for file in sorted((TESTS / task).glob("test_*.py"))]
    names = [f"{file.parent.name}.{file.stem}" for file in files if "\nCASES = " in file.read_text("utf-8")]
    return {name.replace(".test_", "."): importlib.import_module(f"tests.{name}").CASES for name in names}


MODULES = collected()
CASES = {name: case for cases in MODULES.values() for name, case in cases.items()}
LARGE = [name for name, case in CASES.items() if case.large]
SMALL = [name for name, case in CASES.items() if not case.large]


def for_each(cases):
    """One test for each of these cases."""
    return pytest.mark.parametrize("case", cases.values(), ids=cases.keys())


def test_every_model_of_the_library_is_registered():
    """Each has a case, in the test file at its mirrored path, and a name under which Keras saves it."""
    found = set()
    for module in pkgutil.walk_packages(keras_cv_course.__path__, "keras_cv_course."):
        if module.name.split(".")[1] in TASKS:
            members = vars(importlib.import_module(module.name)).values()
            found |= {m for m in members if isinstance(m, type) and issubclass(m, keras.Model)}
    found = {model for model in found if model.__module__.startswith("keras_cv_course.")}
    covered = {type(case.make()): module for module, cases in MODULES.items() for case in cases.values()}
    assert found == set(covered)
    for model, module in covered.items():
        assert model.__module__ == f"keras_cv_course.{module}"
        assert keras.saving.get_registered_name(model) == f"keras_cv_course>{model.__name__}"


def test_no_two_cases_have_the_same_name():
    assert sum(map(len, MODULES.values())) == len(CASES)


@for_each(CASES)
def test_configuration_round_trip(case):
    harness.configuration_round_trip(case)


@for_each(CASES)
def test_build_creates_all_weights(case):
    harness.build_creates_all_weights(case)


@for_each(CASES)
def test_published_parameters(case):
    harness.published_parameters(case)


@for_each(CASES)
def test_every_weight_learns(case):
    harness.every_weight_learns(case)


@for_each(CASES)
def test_saved_and_loaded(case, tmp_path):
    harness.saved_and_loaded(case, tmp_path)


@for_each(CASES)
def test_mixed_precision(case):
    harness.mixed_precision(case)


def learns(case):
    """It overfits one batch, or each adversary learns; the compiled training has the eager one's losses."""
    (harness.each_adversary_learns if case.adversaries else harness.overfits_one_batch)(case)
    harness.compiled_equals_eager(case)


@pytest.mark.parametrize("name", SMALL)
def test_learns_and_compiled_equals_eager(name):
    learns(CASES[name])


def sources(name):
    (module,) = (module for module, cases in MODULES.items() if name in cases)
    return {
        "kind": f"{harness.BACKEND}_equals_{harness.OTHER_BACKEND}",
        "name": name,
        "modules": [f"keras_cv_course.{module}", "tests." + module.replace(".", ".test_"), "tests.harness"],
    }


def learning_sources(name):
    return {**sources(name), "kind": "large_models_learn"}


@pytest.mark.proof(sources=learning_sources)
@pytest.mark.parametrize("name", LARGE)
def test_large_model_learns_and_compiled_equals_eager(name, keep):
    learns(CASES[name])
    keep()


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


def needed(request):
    """The cases whose tests use the fixture that asks, among the tests that this session runs."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    names = [item.callspec.params["name"] for item in items if request.fixturename in item.fixturenames]
    return {name: CASES[name] for name in names}


def largest_difference(ours, theirs):
    """The largest difference of two models' outputs, which must agree to 5 decimals."""
    assert ours.keys() == theirs.keys()
    for output in ours:
        np.testing.assert_allclose(theirs[output], ours[output], rtol=0, atol=1e-5, err_msg=output)
    return max(float(np.abs(np.subtract(theirs[name], ours[name], dtype="float32")).max()) for name in ours)


@pytest.fixture(scope="session")
def served(request, tmp_path_factory):
    if keras.backend.backend() == "torch":
        pytest.skip("Keras writes no SavedModel on the PyTorch backend")
    return made_once(tmp_path_factory, "served", lambda: harness.exported(needed(request)))


@pytest.mark.parametrize("name", CASES)
def test_export_serves_the_same_numbers_without_keras_or_this_package(served, name):
    largest_difference(*served[name])


@pytest.fixture(scope="session")
def elsewhere(request, tmp_path_factory):
    return made_once(tmp_path_factory, "elsewhere", lambda: harness.on_other_backend(needed(request)))


@pytest.mark.parametrize("name", SMALL)
def test_other_backend_gives_the_same_numbers(elsewhere, name):
    largest_difference(*elsewhere[name])


@pytest.fixture(scope="session")
def large_elsewhere(request, tmp_path_factory):
    return made_once(tmp_path_factory, "large", lambda: harness.on_other_backend(needed(request)))


@pytest.mark.proof(sources=sources)
@pytest.mark.parametrize("name", LARGE)
def test_other_backend_gives_the_same_numbers_for_large_models(large_elsewhere, name, keep):
    keep(largest_difference=largest_difference(*large_elsewhere[name]))
