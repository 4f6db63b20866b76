"""What goes between a check and the process that holds a student's code: JSON and .npy, never a pickle.

A message is two lengths (8 bytes each, little endian), a JSON text and the arrays that it names, one .npy
after the other. In the JSON an array is {"$array": number}, a tuple {"$tuple": list}, a random generator
{"$random": state}, an object that stays in its process {"$object": number}, and its attribute {"$name":
[number, "dotted.path"]}.
"""

import io
import json
import struct

import numpy as np

LARGEST = 16 * 2**20  # bytes in one message
LARGEST_TEXT = 2**20  # bytes of its JSON
MOST_NODES = 50_000  # lists and dictionaries in its JSON, each of which takes some hundred bytes once read
KINDS = "biuf"  # bool, signed, unsigned, float


class BadMessage(ValueError):  # noqa: N818
    """The other side sent something that is no message."""


def send(stream, value, hold=None):
    """Write one message.

    Args:
        stream: binary file to write to.
        value: None, numbers, texts, arrays, random generators, and lists, tuples and dictionaries of them.
        hold: function for anything else, which gives back its JSON form.

    Raises:
        BadMessage: something that can be none of these.
    """
    arrays = []
    text = json.dumps(_plain(value, arrays, hold)).encode()
    body = b"".join(arrays)
    if len(text) > LARGEST_TEXT or len(text) + len(body) > LARGEST:
        raise BadMessage(f"{len(text) + len(body):,} bytes at once; {LARGEST:,} are the most")
    stream.write(struct.pack("<QQ", len(text), len(body)) + text + body)
    stream.flush()


def receive(stream, find=None):
    """Read one message; the inverse of `send`.

    Args:
        stream: binary file to read from.
        find: function that turns {"$object": ...} and {"$name": ...} into what they stand for.

    Raises:
        EOFError: the other side is gone.
        BadMessage: what came is no message, is too large, or holds a pickle.
    """
    text_length, body_length = struct.unpack("<QQ", _exactly(stream, 16))
    if text_length > LARGEST_TEXT or text_length + body_length > LARGEST:
        raise BadMessage(f"a message of {text_length + body_length:,} bytes; {LARGEST:,} are the most")
    text, body = _exactly(stream, text_length), _exactly(stream, body_length)
    if text.count(b"{") + text.count(b"[") > MOST_NODES:
        raise BadMessage(f"a message of more than {MOST_NODES:,} lists and dictionaries")
    try:
        arrays = _arrays(io.BytesIO(body), body_length)
        return _rich(json.loads(text), arrays, find)
    except BadMessage:
        raise
    except Exception as error:
        raise BadMessage(f"not JSON and .npy: {type(error).__name__}: {error}") from None


def _plain(value, arrays, hold):
    """Move arrays out of a value and leave what JSON can say."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.array(value, copy=True, subok=False)
        if array.dtype.kind not in KINDS:
            raise BadMessage(f"an array of dtype {array.dtype}; numbers were expected")
        file = io.BytesIO()
        np.lib.format.write_array(file, np.ascontiguousarray(array).reshape(array.shape), allow_pickle=False)
        arrays.append(file.getvalue())
        return {"$array": len(arrays) - 1}
    if isinstance(value, np.random.Generator):
        return {"$random": value.bit_generator.state}
    if isinstance(value, tuple):
        return {"$tuple": [_plain(item, arrays, hold) for item in value]}
    if isinstance(value, list):
        return [_plain(item, arrays, hold) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item, arrays, hold) for key, item in value.items()}
    if hold is None:
        raise BadMessage(f"{type(value).__name__} cannot be sent")
    return hold(value)


def _rich(value, arrays, find):
    if isinstance(value, list):
        return [_rich(item, arrays, find) for item in value]
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()  # half a surrogate pair fits in no file
    if not isinstance(value, dict):
        return value
    if "$tuple" in value:
        return tuple(_rich(item, arrays, find) for item in value["$tuple"])
    if "$array" in value:
        return arrays[value["$array"]]
    if "$random" in value:
        generator = np.random.default_rng()
        generator.bit_generator.state = value["$random"]
        return generator
    if "$object" in value or "$name" in value:
        if find is None:
            raise BadMessage("an object where a value was expected")
        return find(value)
    return {_rich(key, arrays, find): _rich(item, arrays, find) for key, item in value.items()}


def _arrays(file, length):
    """All arrays of a message's body. A header is believed only as far as there are bytes behind it."""
    arrays = []
    while file.tell() < length:
        start = file.tell()
        version = np.lib.format.read_magic(file)
        read_header = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read_header(file)
        if dtype.kind not in KINDS or dtype.hasobject:
            raise BadMessage(f"an array of dtype {dtype}; numbers were expected")
        count = 1
        for side in shape:
            count *= side
        if count < 0 or count * dtype.itemsize > length - file.tell():
            raise BadMessage(f"an array that says it is {shape} and is not")
        file.seek(start)
        arrays.append(np.lib.format.read_array(file, allow_pickle=False))
    return arrays


def _exactly(stream, count):
    pieces = []
    while count:
        piece = stream.read(min(count, 2**20))
        if not piece:
            raise EOFError("the other side is gone")
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
