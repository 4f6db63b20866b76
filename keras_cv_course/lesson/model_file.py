"""Read a `.keras` file without trusting it: what it would take of memory is known before anything is allocated.

A `.keras` file is a zip archive of a configuration, by which Keras builds a model, and of weights. Nothing ties the
one to the other: a configuration of 1 kB may ask for gigabytes of weights that are not there.
"""

import concurrent.futures
import io
import json
import math
import zipfile
from pathlib import Path

import h5py
import keras

from keras_cv_course.errors import InputError
from keras_cv_course.lesson.memory_limit import limited_memory

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
LARGEST_CONFIG = 16 * 2**20  # bytes; our largest model's has less than one million
MOST = 10  # times its own bytes that an archive may unpack to; Keras packs nothing
ROOM = 2**28  # bytes for building a model without its weights; our largest take a tenth of it


def load(path):
    """The model in a `.keras` file, not compiled.

    Args:
        path: the file.

    Raises:
        InputError: Keras cannot read it, or it asks for more weights than it has bytes. The text is a reason in a
            line, without the file's name.
    """
    path = Path(path)
    try:
        config = _checked_config(path)
        # Keras keeps a list of weights without values for each thread: here it ends with the thread.
        with concurrent.futures.ThreadPoolExecutor(1) as thread, limited_memory(ROOM):
            asked = thread.submit(_number_of_weights, config).result()
        _at_most(path, asked, "its configuration asks for {} weights")
        return keras.saving.load_model(path, compile=False)
    except MemoryError:
        raise InputError("its configuration asks for too much memory") from None
    except RecursionError:
        raise InputError("its configuration is nested too deep") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        reason = str(error).strip().splitlines()
        raise InputError(reason[0][:300] if reason else type(error).__name__) from None


def _at_most(path, count, said):
    """A weight takes at least a byte, so a file holds no more weights than it has bytes."""
    size = path.stat().st_size
    if count > size:
        raise InputError(f"{said.format(f'{count:,}')} and the whole file has {size:,} bytes")


def _checked_config(path):
    """The configuration, parsed, of a file whose archive and weights unpack to no more than they should."""
    with zipfile.ZipFile(path) as archive:
        members = {member.filename: member.file_size for member in archive.infolist()}
        for name in (CONFIG, WEIGHTS):
            if name not in members:
                raise InputError(f"there is no {name} in it")
        _at_most(path, sum(members.values()) // MOST, "it unpacks to 10 times {} bytes")
        if members[CONFIG] > LARGEST_CONFIG:
            raise InputError(f"its {CONFIG} has {members[CONFIG]:,} bytes; {LARGEST_CONFIG:,} are the most")
        declared = []
        with h5py.File(io.BytesIO(archive.read(WEIGHTS)), "r") as weights:
            weights.visititems(lambda name, item: declared.append(_values_in(name, item)))
        _at_most(path, sum(declared), f"its {WEIGHTS} declares {{}} weights")
        config = json.loads(archive.read(CONFIG))
    if not isinstance(config, dict):
        raise InputError(f"its {CONFIG} is not that of a model")
    config["compile_config"] = None
    return config


def _values_in(name, item):
    if not isinstance(item, h5py.Dataset):
        return 0
    if item.external or item.is_virtual:
        raise InputError(f"its weights {name} lie in another file")
    return item.size or 0


def _number_of_weights(config):
    """How many weights a configuration asks for: its model is built, and none of them gets a value."""
    with keras.StatelessScope(initialize_variables=False):
        model = keras.saving.deserialize_keras_object(config)
        return sum(math.prod(weight.shape) for weight in model.weights)
