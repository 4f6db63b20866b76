"""The first seconds of a lesson's process: the clock starts, and TensorFlow loads without chatter."""

import contextlib
import logging
import os
import sys
import tempfile
import time

STARTED = time.monotonic()


def load_keras_quietly():
    """Import Keras while standard error is kept aside; what was said is shown only if the import fails.

    TensorFlow prints lines on CUDA and oneDNN there before any of its settings can stop it, and a
    student who sees them first looks for an error that is not one.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with standard_error_kept_aside():
        import keras

        keras.ops.ones(1)
    # In a notebook, standard error is not that of the process: "Assets written to ..." would show.
    logging.getLogger("tensorflow").setLevel(logging.WARNING)


@contextlib.contextmanager
def standard_error_kept_aside():
    """Send what is written to standard error, by C++ too, to a file; show it when the block fails."""
    sys.stderr.flush()
    screen = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        except BaseException:
            said.seek(0)
            os.write(screen, said.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(screen, 2)
            os.close(screen)
