"""What a run ran on: versions and device, for the record."""

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


def device():
    """The devices that the backend sees, in words: "2 CPU cores" or "1 GPU: NVIDIA ..."."""
    import os

    names = keras.distribution.list_devices("gpu") if keras.backend.backend() != "torch" else _torch_gpus()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{len(names)} GPU ({', '.join(names)})" if names else f"{cores} CPU cores"


def _torch_gpus():
    import torch

    return [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
