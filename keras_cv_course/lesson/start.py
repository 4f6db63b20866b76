"""The first seconds of a lesson's process: the clock starts, and TensorFlow loads without chatter."""

import contextlib
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
    with kept_aside(sys.stderr):
        import keras

        keras.ops.ones(1)


@contextlib.contextmanager
def kept_aside(stream):
    """Send what is written to a stream, by C++ too, to a file; show it when the block fails."""
    stream.flush()
    number = stream.fileno()
    saved = os.dup(number)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), number)
        try:
            yield
        except BaseException:
            said.seek(0)
            os.write(saved, said.read())
            raise
        finally:
            stream.flush()
            os.dup2(saved, number)
            os.close(saved)
