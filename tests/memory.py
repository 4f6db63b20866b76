"""What the tests of one process leave behind is given back, so that all of tier 1 fits in a laptop."""

import contextlib
import ctypes
import gc
import os
from pathlib import Path

# Bytes. A collection takes a quarter of a second, so not after each of thousands of tests.
GROWTH = 100 * 2**20
grown_to = [0]


def resident():
    """Bytes of memory of this process, or 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def forget_custom_gradients():
    """TensorFlow's registry keeps the custom gradients of every graph, and with them the graph: 100 MB after a U-Net.

    Keras' optimizers bring one into each graph of `fit`.
    """
    with contextlib.suppress(ImportError, AttributeError):
        from tensorflow.python.framework import ops

        known = ops.gradient_registry._registry
        for name in [name for name in known if name.startswith("CustomGradient-")]:
            del known[name]


def give_back_memory(growth=GROWTH):
    """Collect what tests have left behind, graphs and models in cycles; return it to the system.

    Args:
        growth: only if the process has grown by so many bytes since the last time.
    """
    if resident() > grown_to[0] + growth:
        import keras

        keras.backend.clear_session()
        forget_custom_gradients()
        gc.collect()
        with contextlib.suppress(OSError, AttributeError):  # glibc keeps what was freed unless it is asked
            ctypes.CDLL("libc.so.6").malloc_trim(0)
        grown_to[0] = resident()
