import io
import pickle
import struct

import numpy as np
import pytest

from keras_cv_course.classroom.worker.messages import LARGEST, BadMessage, receive, send


def through(value, hold=None, find=None):
    stream = io.BytesIO()
    send(stream, value, hold)
    stream.seek(0)
    return receive(stream, find)


def framed(text, body=b""):
    return io.BytesIO(struct.pack("<QQ", len(text), len(body)) + text + body)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        -2.5,
        "déjà vu",
        [1, [2, "three"]],
        (1, (2,)),
        {"a": {"b": [None]}},
        [],
        (),
        {},
        float("inf"),
    ],
)
def test_plain_values_come_back_as_they_were(value):
    again = through(value)
    assert again == value and type(again) is type(value)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "int64", "float16", "float32", ">f8"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3, 4)])
def test_arrays_come_back_as_they_were(dtype, shape):
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    again = through({"x": [array, array.T]})["x"]
    for received, sent in zip(again, (array, array.T), strict=True):
        assert received.dtype == sent.dtype and received.shape == sent.shape
        np.testing.assert_array_equal(received, sent)


def test_half_a_surrogate_pair_becomes_text_that_fits_in_a_file():
    assert through(["\ud800", {"caf\udce9": 1}]) == ["\\ud800", {"caf\\udce9": 1}]


def test_a_generator_draws_the_same_there():
    rng = np.random.default_rng(3)
    rng.random(5)
    assert through(rng).random(4).tolist() == rng.random(4).tolist()


@pytest.mark.parametrize(
    "value", [object(), 1j, {1, 2}, np.array([object()]), np.array(["text"]), np.array([1j])]
)
def test_what_is_no_plain_value_is_not_sent(value):
    with pytest.raises(BadMessage):
        through(value)


def test_a_pickle_is_never_opened():
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("it was unpickled",))

    file = io.BytesIO()
    np.lib.format.write_array(file, np.array([Bomb()], dtype=object), allow_pickle=True)
    for body in (file.getvalue(), pickle.dumps(Bomb())):
        with pytest.raises(BadMessage):
            receive(framed(b'{"$array": 0}', body))


def test_a_header_that_lies_is_not_believed():
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    with pytest.raises(BadMessage, match="says it is"):
        receive(framed(b'{"$array": 0}', file.getvalue() + bytes(80)))


@pytest.mark.parametrize(
    "text", [b"not json", b'{"$array": 5}', b"[" * 100_000, b"\xff", b'{"$random": {"state": 1}}']
)
def test_what_is_no_message_is_refused(text):
    with pytest.raises(BadMessage):
        receive(framed(text))


def test_too_much_and_too_little():
    with pytest.raises(BadMessage, match="are the most"):
        receive(io.BytesIO(struct.pack("<QQ", LARGEST, 1)))
    with pytest.raises(EOFError):
        receive(io.BytesIO(struct.pack("<QQ", 10, 0) + b"123"))


def test_objects_stay_where_they_are():
    kept = []

    def hold(thing):
        kept.append(thing)
        return {"$object": len(kept) - 1}

    thing = object()
    assert through([thing], hold, lambda form: kept[form["$object"]]) == [thing]
