"""Tensors out of a file of PyTorch's older format, without PyTorch and without running what the file says.

The format is that of `torch.save(..., _use_new_zipfile_serialization=False)`, torch/serialization.py: four pickles (a
magic number, a version, the sizes of types, a dictionary of tensors), a pickle with the storages' keys, and each
storage as its length and its raw numbers.

A pickle is a program that may call any function. The `Unpickler` of the standard library would run it, and a
`find_class` that admits a few names must still prove that none of them, called with any arguments, or given any state,
does harm. Here nothing is called: `pickletools.genops`, which only splits bytes into instructions, is read by an
interpreter that knows the two dozen harmless ones, and a name in the file stays a name.
"""

import io
import math
import pickletools
from dataclasses import dataclass

import numpy as np

from keras_cv_course.errors import InputError

MAGIC = 0x1950A86A20F9469CFC6C
VERSION = 1001
DTYPES = {"torch FloatStorage": "<f4", "torch LongStorage": "<i8"}
DICTIONARY = "collections OrderedDict"
TENSOR = "torch._utils _rebuild_tensor_v2"

CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
VALUES = ("BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE")
REMEMBER = ("BINPUT", "LONG_BINPUT")
RECALL = ("BINGET", "LONG_BINGET")


@dataclass(frozen=True)
class Name:
    """What a pickle wants to import: "module name"."""

    path: str


@dataclass(frozen=True)
class Storage:
    """A run of `count` numbers in the file, by its key."""

    dtype: str
    key: str
    count: int


@dataclass(frozen=True)
class Tensor:
    """A view of a storage; `strides` say how many numbers lie between neighbours along each axis."""

    storage: Storage
    offset: int
    shape: tuple
    strides: tuple


class RefusedError(Exception):
    """The file says something that a file of tensors has no need to say."""


def read_tensors(content, file):
    """The tensors of a file.

    Args:
        content: the file's bytes.
        file: its name, for errors.

    Returns:
        {name: array}, float32 or int64; the arrays are read-only views of `content`.

    Raises:
        InputError: this is no file of that format, it is damaged, or it holds anything else than tensors.
    """
    try:
        return _tensors(content)
    except RefusedError as error:
        raise InputError(f"{file} is refused: {error}; expected a file of tensors and nothing else") from None
    # genops and the interpreter meet any bytes at all here; whatever they stumble over, the file is no good one.
    except (ValueError, TypeError, LookupError, OverflowError, MemoryError) as error:
        raise InputError(
            f"{file} is damaged or no file of PyTorch's older format ({type(error).__name__}); "
            "put an undamaged copy in its place"
        ) from None


def _tensors(content):
    stream = io.BytesIO(content)
    if unpickled(stream) != MAGIC or unpickled(stream) != VERSION:
        raise ValueError("another format")
    if unpickled(stream)["little_endian"] is not True:
        raise RefusedError("its numbers are big-endian")
    tensors, keys = _of(dict, unpickled(stream)), _of(list, unpickled(stream))
    if not all(isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in tensors.items()):
        raise RefusedError("its dictionary holds something that is no tensor")
    storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    numbers = {}
    for key in keys:
        storage = storages[key]
        length = np.frombuffer(content, "<i8", 1, stream.tell())[0]
        if length != storage.count:
            raise ValueError("a storage of another length")
        numbers[key] = np.frombuffer(content, storage.dtype, storage.count, stream.tell() + 8)
        stream.seek(8 + numbers[key].nbytes, io.SEEK_CUR)
    return {name: _view(numbers[tensor.storage.key], tensor) for name, tensor in tensors.items()}


def _view(numbers, tensor):
    strides = [numbers.itemsize * stride for stride in tensor.strides]
    return np.lib.stride_tricks.as_strided(numbers[tensor.offset :], tensor.shape, strides, writeable=False)


def unpickled(stream):
    """The object of the next pickle of a stream: numbers, texts, lists, tuples, dictionaries and `Tensor`s.

    Raises:
        RefusedError: it holds an instruction that is not needed for these.
    """
    stack, marks, memo = [], [], {}

    def since_mark():
        start = marks.pop()
        items = stack[start:]
        del stack[start:]
        return items

    for opcode, argument, _ in pickletools.genops(stream):
        name = opcode.name
        if name in VALUES:
            stack.append(argument)
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name == "EMPTY_DICT":
            stack.append({})
        elif name == "EMPTY_LIST":
            stack.append([])
        elif name == "MARK":
            marks.append(len(stack))
        elif name in REMEMBER:
            memo[argument] = stack[-1]
        elif name in RECALL:
            stack.append(memo[argument])
        elif name == "TUPLE":
            stack.append(tuple(since_mark()))
        elif name in ("TUPLE1", "TUPLE2"):
            count = int(name[-1])
            stack[-count:] = [tuple(stack[-count:])]
        elif name == "SETITEM":
            value, key = stack.pop(), stack.pop()
            _of(dict, stack[-1])[key] = value
        elif name == "SETITEMS":
            items = since_mark()
            _of(dict, stack[-1]).update(zip(items[::2], items[1::2], strict=True))
        elif name == "APPEND":
            value = stack.pop()
            _of(list, stack[-1]).append(value)
        elif name == "APPENDS":
            items = since_mark()
            _of(list, stack[-1]).extend(items)
        elif name == "GLOBAL":
            stack.append(Name(argument))
        elif name == "BINPERSID":
            stack.append(_storage(stack.pop()))
        elif name == "REDUCE":
            arguments, wanted = stack.pop(), stack.pop()
            stack.append(_made(_of(Name, wanted).path, _of(tuple, arguments)))
        elif name == "BUILD":
            # The attributes of a state dictionary: versions of layers, of which nothing here makes use.
            state, target = stack.pop(), stack[-1]
            _of(dict, target), _of(dict, state)
        elif name not in ("PROTO", "STOP"):
            raise RefusedError(f"it has the instruction {name}")
    (result,) = stack
    return result


def _of(kind, value):
    if type(value) is not kind:
        raise RefusedError(f"it uses a {type(value).__name__} as a {kind.__name__}")
    return value


def _storage(description):
    what, kind, key, _, count, view = _of(tuple, description)
    dtype = DTYPES.get(_of(Name, kind).path)
    if what != "storage" or dtype is None or view is not None:
        raise RefusedError(f"it has a storage of kind {kind.path!r}")
    return Storage(dtype, _of(str, key), _natural(count))


def _made(path, arguments):
    """What the two calls of a file of tensors stand for."""
    if path == DICTIONARY and not arguments:
        return {}
    if path != TENSOR:
        raise RefusedError(f"it asks for a call of {path.replace(' ', '.')}")
    storage, offset, shape, strides, *_ = arguments
    shape, strides = ([_natural(number) for number in _of(tuple, numbers)] for numbers in (shape, strides))
    # A view beyond its storage would show this process' memory, one with strides of 0 could be of any size.
    steps = [(side - 1) * stride for side, stride in zip(shape, strides, strict=True)]
    last = _natural(offset) + sum(steps)
    if 0 in shape or last >= _of(Storage, storage).count or math.prod(shape) > storage.count:
        raise RefusedError("it has a tensor that does not fit into its storage")
    return Tensor(storage, offset, tuple(shape), tuple(strides))


def _natural(number):
    if _of(int, number) < 0:
        raise RefusedError(f"it has the negative size {number}")
    return number
