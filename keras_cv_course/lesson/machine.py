"""What a run ran on: versions and device, for the record."""

import os
import platform
from importlib import metadata

import keras


def versions():
    """{package: version} of what can change a result."""
    found = {"python": platform.python_version()}
    for package in ("keras", "tensorflow", "jax", "torch", "numpy", "scikit-learn", "scikit-image"):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def devices():
    """The names of the backend's devices, such as "cpu:0" or "cuda:0"; Keras 3.15 lists those of PyTorch not."""
    if keras.backend.backend() != "torch":
        return keras.distribution.list_devices()
    import torch

    return [f"cuda:{number}" for number in range(torch.cuda.device_count())] or ["cpu:0"]


def device():
    """The devices that the backend sees, in words: "2 CPU cores" or "1 GPU (cuda:0)"."""
    gpus = [name for name in devices() if not name.lower().startswith("cpu")]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{len(gpus)} GPU ({', '.join(gpus)})" if gpus else f"{cores} CPU cores"
