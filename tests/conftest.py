"""Tests see one Keras, quietly loaded, and folders of their own; proofs run when asked for, the stalest first."""

import gc
import os
import signal
import threading
import time

import pytest

from tests.memory import give_back_memory
from tests.proofs import records
from tests.proofs.sources import digest


def pytest_configure(config):
    """Ctrl-C means what it does at a terminal: a shell starts its background jobs with the signal ignored."""
    if (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        and threading.current_thread() is threading.main_thread()
    ):
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # The process that hands tests out to others runs none: it does without the 800 MB of Keras and TensorFlow.
    if not config.getoption("numprocesses", None):
        import_keras()


def import_keras():
    """Import Keras in such a way that TensorFlow gives memory back.

    TensorFlow's allocator for oneDNN keeps what it ever had: 2 GB after one VGG-16. The system's own returns it, at a
    price in page faults, so processes that tests start, and that end soon, keep to the usual one.
    """
    name = "TF_ONEDNN_USE_SYSTEM_ALLOCATOR"
    before = os.environ.get(name)
    os.environ[name] = "1"
    import keras

    import keras_cv_course.gradient_order  # noqa: F401

    keras.ops.zeros(1)  # the allocator is chosen now
    if before is None:
        del os.environ[name]


def pytest_collection_finish():
    """What Keras and the test modules have brought stays: Python need not look through it after each test."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser):
    parser.addoption(
        "--proofs",
        nargs="?",
        const="stale",
        choices=("stale", "all"),
        help="run tier 2 in place of tier 1: the proofs whose sources have changed since their record (or all)",
    )
    parser.addoption(
        "--proofs-minutes", type=float, default=40, help="begin no further proof after so many minutes"
    )
    parser.addoption(
        "--proofs-seeds",
        type=int,
        help="seeds of each training, those on record left out; by default 1, and 3 with --proofs=all",
    )


class Proof:
    """A test of tier 2: marked `@pytest.mark.proof(sources=sources)`, which gives its kind, name and sources.

    With `long=True` it takes many minutes, and only `--proofs=all` runs it.

    `sources` is a function of the test's parameters that returns a dictionary with `kind`, `name`, `modules`, and if
    wanted `files` and `everything`, as in `sources.digest`.
    """

    def __init__(self, item):
        marker = item.get_closest_marker("proof")
        about = dict(marker.kwargs["sources"](**item.callspec.params))
        self.kind, self.name = about.pop("kind"), about.pop("name")
        self.digest = digest(**about)
        self.record = records.read(self.kind, self.name)

    @property
    def fresh(self):
        return self.record is not None and self.record["digest"] == self.digest

    @property
    def runs(self):
        """{seed: result} that the present sources have given already; empty for a proof without seeds."""
        return self.record.get("runs", {}) if self.fresh else {}

    def lacks(self, seeds):
        """Whether a proof over seeds has not been run with all of them."""
        return bool(self.runs) and not {str(seed) for seed in seeds} <= set(self.runs)

    @property
    def age(self):
        """Sorts the never proved first, then by date."""
        return (self.record or {}).get("date", "")


def pytest_collection_modifyitems(config, items):
    asked = config.getoption("--proofs")
    marks = {item: item.get_closest_marker("proof") for item in items}
    proofs = [item for item, mark in marks.items() if mark]
    others = [item for item, mark in marks.items() if not mark]
    if asked is None:
        items[:] = others
        config.hook.pytest_deselected(items=proofs)
        return
    if asked != "all":
        others += [item for item in proofs if marks[item].kwargs.get("long")]
        proofs = [item for item in proofs if not marks[item].kwargs.get("long")]
    for item in proofs:
        item.proof = Proof(item)
    seeds = seeds_of(config)
    stale = [item for item in proofs if asked == "all" or not item.proof.fresh or item.proof.lacks(seeds)]
    fresh = [item for item in proofs if item not in stale]
    items[:] = sorted(stale, key=lambda item: item.proof.age)
    config.hook.pytest_deselected(items=[*others, *fresh])
    config.proofs = {
        "until": time.monotonic() + 60 * config.getoption("--proofs-minutes"),
        "fresh": len(fresh),
    }
    config.proofs["missed"] = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    proofs = getattr(item.config, "proofs", None)
    if proofs and item.config.getoption("--proofs") != "all" and time.monotonic() > proofs["until"]:
        proofs["missed"].append(f"{item.proof.kind} {item.proof.name}")
        pytest.skip("the minutes for proofs are over")


def pytest_terminal_summary(terminalreporter, config):
    proofs = getattr(config, "proofs", None)
    if proofs:
        terminalreporter.section("proofs")
        terminalreporter.write_line(
            f"{proofs['fresh']} have a record of the present sources and were not run"
        )
        for name in proofs["missed"]:
            terminalreporter.write_line(f"not reached: {name}")


@pytest.fixture
def keep(request):
    """A function (**found): keep the record of this proof. Called last, when all of it holds."""
    began = time.monotonic()

    def kept(**found):
        proof = request.node.proof
        records.write(proof.kind, proof.name, proof.digest, time.monotonic() - began, **found)

    return kept


def seeds_of(config):
    return range(config.getoption("--proofs-seeds") or (3 if config.getoption("--proofs") == "all" else 1))


@pytest.fixture
def seeds(request):
    """The seeds of a proof, from 0 on: they are not picked."""
    return seeds_of(request.config)


@pytest.fixture
def known(request):
    """{seed: result} that need not be measured again: none with --proofs=all."""
    return {} if request.config.getoption("--proofs") == "all" else request.node.proof.runs


@pytest.fixture(autouse=True)
def _fresh(tmp_path, monkeypatch):
    """Every test starts in an empty folder and leaves the precision policy as it was."""
    import keras

    monkeypatch.chdir(tmp_path)
    policy = keras.config.dtype_policy()
    yield
    assert keras.config.dtype_policy() == policy
    keras.backend.clear_session(free_memory=False)
    give_back_memory()


@pytest.fixture
def roomy():
    """For tests that leave much behind: what they held is given back before the next one starts."""
    yield
    give_back_memory(growth=0)


@pytest.fixture
def no_network(monkeypatch):
    """Every connection is refused."""

    def refused(*arguments, **named):
        raise OSError("Network is unreachable")

    monkeypatch.setattr("socket.create_connection", refused)
    monkeypatch.setattr("socket.getaddrinfo", refused)


@pytest.fixture
def tfds_folder(no_network, tmp_path, monkeypatch):
    """A TFDS_DATA_DIR with nothing in it, and no network."""
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
    return tmp_path / "tfds"


@pytest.fixture
def keras_home(no_network, tmp_path, monkeypatch):
    """A KERAS_HOME with nothing in it, and no network."""
    folder = tmp_path / "keras"
    folder.mkdir()
    monkeypatch.setenv("KERAS_HOME", str(folder))
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(folder))
    return folder
