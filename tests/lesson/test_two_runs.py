"""Two runs of one lesson never mix, and a run says at once where its folders cannot be used."""

import subprocess
import sys
from pathlib import Path

import pytest

from keras_cv_course.errors import InputError
from sprints.day3.denoise import denoise

HOLDS = """
import sys
from sprints.day3.denoise import denoise
with denoise.start(preset="quick", output="one", saved_models=sys.argv[1]):
    print("running", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """A function (saved models): another process with a run in the folder `one`; it ends with the test."""
    processes = []

    def start(saved_models):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDS, saved_models],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        processes.append(process)
        assert process.stdout.readline() == "running\n"
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("folders, option", [(("one", "b"), "--output"), (("two", "a"), "--saved-models")])
def test_the_second_run_is_refused_and_the_first_goes_on(folders, option, other, capsys):
    process = other("a")
    with pytest.raises(SystemExit) as stop:
        denoise.main(["--preset", "quick", "--output", folders[0], "--saved-models", folders[1]])
    said = capsys.readouterr().err
    assert stop.value.code == 2 and said.count("\n") == 1
    assert f"a run of day3.denoise is going on in {Path(folders[0] if option == '--output' else 'a')}" in said
    assert f"use another {option}" in said
    assert process.poll() is None


def test_the_lock_of_a_killed_run_holds_nobody(other):
    process = other("a")
    process.kill()
    process.communicate()
    assert denoise(preset="quick", output="one", saved_models="a", limit=64, epochs=1).values


def test_a_notebook_cell_that_starts_anew_takes_the_place_of_its_own_run():
    first = denoise.start(preset="quick")
    second = denoise.start(preset="quick")
    assert first.folder == second.folder
    with second:
        pass


def test_results_and_models_need_two_folders():
    with pytest.raises(InputError, match="results and saved models both go to res: name two folders"):
        denoise(preset="quick", output="res", saved_models="res")
