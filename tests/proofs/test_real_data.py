"""Tier 2: lessons on real sets of others, read from the caches and folders that the environment names."""

import os
from pathlib import Path

import pytest

from keras_cv_course.data.catalogue import MODULES
from tests.proofs.lesson_process import missed, over_seeds

# {what the record is called: (lesson, its words, the environment variable without which it cannot be had)}
RUNS = {
    "day1.cnn mnist": (
        "day1.cnn",
        "--dataset mnist --filters 32 64 --units 128 --epochs 4",
        "KERAS_HOME",
    ),
    "day1.transfer folder": (
        "day1.transfer",
        "--dataset folder --file $IMAGE_FOLDER --backbone mobilenetv2 --width 0.35 --size 224 --counts 5 50 "
        "--tuning-rate 1e-4",
        "IMAGE_FOLDER",
    ),
    "day2.unet camvid": (
        "day2.unet",
        "--dataset camvid --file $CAMVID_FOLDER --size 96 --batch-size 8 --steps 800 --filters 16 32 64 96",
        "CAMVID_FOLDER",
    ),
    "day2.yolo bccd": ("day2.yolo", "--dataset bccd --file $BCCD_FOLDER --batch-size 16", "BCCD_FOLDER"),
    "day3.denoise mnist": ("day3.denoise", "--dataset mnist --epochs 2", "KERAS_HOME"),
    "day3.denoise fashion_mnist": ("day3.denoise", "--dataset fashion_mnist --epochs 5", "KERAS_HOME"),
    "day3.anomaly ecg5000": ("day3.anomaly", "--dataset ecg5000 --file $ECG_CSV", "ECG_CSV"),
    "day4.pix2pix camvid": (
        "day4.pix2pix",
        "--dataset camvid --file $CAMVID_FOLDER --size 64 --epochs 12 --filters 32 64 96 128 128",
        "CAMVID_FOLDER",
    ),
}


def words_of(name):
    return [os.environ.get(word[1:], word) if word[0] == "$" else word for word in RUNS[name][1].split()]


def sources(name):
    lesson, words, _ = RUNS[name]
    dataset = words.split()[1]
    modules = [
        f"sprints.{lesson}",
        f"keras_cv_course.data.{MODULES[dataset]}",
        "keras_cv_course.lesson.batches",
    ]
    return {
        "kind": "real_data",
        "name": name.replace(" ", "."),
        "modules": [*modules, "tests.proofs.test_real_data"],
    }


@pytest.mark.proof(sources=sources)
@pytest.mark.parametrize("name", RUNS)
def test_real_data(name, seeds, known, keep, tmp_path, request):
    lesson, words, variable = RUNS[name]
    if request.config.getoption("--proofs") != "all":
        pytest.skip("minutes each, and the baselines learn from all images: for --proofs=all")
    if not Path(os.environ.get(variable, "/nowhere")).exists():
        pytest.skip(f"{variable} does not name the real data")
    results = over_seeds(lesson, seeds, tmp_path, *words_of(name), known=known)
    assert not missed(results), {seed: results[seed]["metrics"] for seed in missed(results)}
    keep(words=words, runs=results)
