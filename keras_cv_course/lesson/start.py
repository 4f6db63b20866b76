"""The first seconds of a process: the clock starts, and TensorFlow loads without chatter."""

import contextlib
import functools
import importlib.util
import logging
import os
import sys
import tempfile
import time

from keras_cv_course.errors import InputError

STARTED = time.monotonic()
BACKENDS = ("tensorflow", "jax", "torch")


def write_in_any_encoding():
    """Let standard output and error replace the characters that their encoding lacks.

    Output into a file is cp1252 or cp949 on Windows, ASCII in the C locale: neither has all of the closing
    table's characters, and a training of an hour must not end in a UnicodeEncodeError.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def say_interruptions(name, then):
    """One line for Ctrl-C at moments when nobody catches it, such as an import.

    Args:
        name: who was interrupted.
        then: what to do next, in words.
    """
    sys.excepthook = functools.partial(
        _without_traceback_on_interrupt, f"{name}: interrupted; {then}", sys.excepthook
    )


def _without_traceback_on_interrupt(said, otherwise, kind, error, traceback):
    if issubclass(kind, KeyboardInterrupt):
        print(f"\n{said}", file=sys.stderr)
    else:
        otherwise(kind, error, traceback)


def load_keras_quietly(together=False):
    """Import Keras while standard error is kept aside; what was said is shown only if the import fails.

    TensorFlow prints lines on CUDA and oneDNN there before any of its settings can stop it, and a
    student who sees them first looks for an error that is not one. All models here have their channels last;
    a `keras.json` that asks for another order is overruled in this process.

    Args:
        together: whether the processes that a launcher has started train one model; they find each other before
            anything is computed.

    Raises:
        InputError: the backend that KERAS_BACKEND names does not exist or is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if backend not in BACKENDS:
        raise InputError(f"Keras has the backends {', '.join(BACKENDS)}, got KERAS_BACKEND={backend}")
    if importlib.util.find_spec(backend) is None:
        raise InputError(
            f"Keras shall run on {backend} (KERAS_BACKEND), which is not installed: pip install {backend}, or set "
            f"KERAS_BACKEND to one of {', '.join(BACKENDS)} that is"
        )
    try:
        with standard_error_kept_aside():
            import keras

            if together:
                from keras_cv_course.lesson.devices.processes import join

                join()
            keras.ops.ones(1)
            try:
                # It chatters, too, and Keras imports it as soon as a model is saved, whatever the backend.
                import tensorflow  # noqa: F401
            except ImportError:
                if backend == "tensorflow":
                    raise
    except InputError:
        raise
    except (ImportError, ValueError, AssertionError) as error:
        # What `keras.json` asks for, for the most part; Keras itself names neither the file nor the setting.
        file = os.path.join(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras"), "keras.json")
        raise InputError(
            f"Keras does not start ({type(error).__name__}: {error}); look at {file} and at `pip check`"
        ) from error
    if keras.config.image_data_format() != "channels_last":
        keras.config.set_image_data_format("channels_last")
    # In a notebook, standard error is not that of the process: "Assets written to ..." would show.
    logging.getLogger("tensorflow").setLevel(logging.WARNING)


@contextlib.contextmanager
def standard_error_kept_aside(shown=True):
    """Send what is written to standard error, by C++ too, to a file.

    Args:
        shown: whether it is shown when the block fails.
    """
    sys.stderr.flush()
    screen = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        except Exception:
            if shown:
                said.seek(0)
                os.write(screen, said.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(screen, 2)
            os.close(screen)
