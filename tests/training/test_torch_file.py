"""The reader of PyTorch's older format: what it reads, and what it must not run."""

import os
import pickle
import struct
from collections import OrderedDict

import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.training.torch_file import MAGIC, read_tensors

NUMBERS = np.arange(24, dtype="float32") / 7
STORAGE = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x00aX\x03\x00\x00\x00cpuK\x18NtQ"


def numbers(*values):
    """A tuple of integers as a pickle's instructions."""
    return b"(" + b"".join(b"J" + struct.pack("<i", value) for value in values) + b"t"


def tensor(offset=0, shape=(2, 3, 4), strides=(12, 4, 1), storage=STORAGE):
    """A view of the storage "a", as torch.save writes it."""
    call = b"ctorch._utils\n_rebuild_tensor_v2\n("
    hooks = b"ccollections\nOrderedDict\n)R"
    return (
        call
        + storage
        + b"J"
        + struct.pack("<i", offset)
        + numbers(*shape)
        + numbers(*strides)
        + b"\x89"
        + hooks
        + b"tR"
    )


def state(value, name=b"w"):
    """A dictionary with one entry."""
    return b"\x80\x02ccollections\nOrderedDict\n)RX" + struct.pack("<i", len(name)) + name + value + b"s."


def file(tensors, keys=("a",), magic=MAGIC, little_endian=True):
    """The bytes of a file with this pickle of tensors and one storage."""
    system = {"protocol_version": 1001, "little_endian": little_endian}
    front = b"".join(pickle.dumps(value, protocol=2) for value in (magic, 1001, system))
    return front + tensors + pickle.dumps(list(keys), protocol=2) + struct.pack("<q", 24) + NUMBERS.tobytes()


def test_a_tensor_is_a_view_of_its_storage():
    whole = read_tensors(file(state(tensor())), "x.pth")
    np.testing.assert_array_equal(whole["w"], NUMBERS.reshape(2, 3, 4))
    part = read_tensors(file(state(tensor(5, (3,), (1,)))), "x.pth")["w"]
    np.testing.assert_array_equal(part, NUMBERS[5:8])
    # PyTorch keeps a transposed tensor as the same numbers with other steps.
    turned = read_tensors(file(state(tensor(0, (4, 3, 2), (1, 4, 12)))), "x.pth")["w"]
    np.testing.assert_array_equal(turned, NUMBERS.reshape(2, 3, 4).T)
    assert not turned.flags.writeable
    scalar = read_tensors(file(state(tensor(7, (), ()))), "x.pth")["w"]
    assert scalar.shape == () and scalar == NUMBERS[7]


class Hostile:
    """Leaves a folder behind when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("harmed",)


class Stateful(OrderedDict):
    def __reduce__(self):
        return OrderedDict, (), {"w": 1}, None, iter({"k": Hostile()}.items())


@pytest.mark.parametrize("place", ["first", "tensors", "keys", "in a list", "as an item"])
def test_a_hostile_pickle_is_refused_and_does_nothing(place, tmp_path):
    harm = pickle.dumps(Hostile(), protocol=2)
    content = {
        "first": harm + file(state(tensor())),
        "tensors": file(harm),
        "keys": file(state(tensor())).replace(pickle.dumps(["a"], protocol=2), harm),
        "in a list": file(pickle.dumps({"w": [Hostile()]}, protocol=2)),
        "as an item": file(pickle.dumps(Stateful(), protocol=2)),
    }[place]
    with pytest.raises(InputError, match="x.pth is refused: it asks for a call of posix.mkdir|nt.mkdir"):
        read_tensors(content, "x.pth")
    assert not list(tmp_path.iterdir())  # every test runs in a folder of its own
    pickle.loads(harm)  # and the pickle is one that does harm
    assert [path.name for path in tmp_path.iterdir()] == ["harmed"]


@pytest.mark.parametrize("protocol", range(6))
def test_every_protocol_of_the_hostile_pickle_is_refused(protocol, tmp_path):
    with pytest.raises(InputError, match="x.pth is (refused|damaged)"):
        read_tensors(file(pickle.dumps(Hostile(), protocol=protocol)), "x.pth")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "value, message",
    [
        (tensor(offset=1), "does not fit into its storage"),
        (tensor(shape=(2, 3, 5)), "does not fit into its storage"),
        (tensor(strides=(13, 4, 1)), "does not fit into its storage"),
        (tensor(shape=(2**30,), strides=(0,)), "does not fit into its storage"),
        (tensor(offset=-1), "the negative size -1"),
        (tensor(strides=(12, 4, -1)), "the negative size -1"),
        (tensor(storage=b"K\x05"), "it uses a int as a Storage"),
        (tensor(storage=STORAGE.replace(b"Float", b"Evil")), "a storage of kind 'torch EvilStorage'"),
        (b"K\x05", "holds something that is no tensor"),
        (b"cbuiltins\neval\n(X\x01\x00\x00\x001tR", "a call of builtins.eval"),
        (b"(ibuiltins\neval\n", "the instruction INST"),
        (b"cbuiltins\neval\n)\x81", "the instruction NEWOBJ"),
        (b"X\x08\x00\x00\x00builtinsX\x04\x00\x00\x00eval\x93", "the instruction STACK_GLOBAL"),
        (b"ccollections\nOrderedDict\n(K\x01tR", "a call of collections.OrderedDict"),
        (b"K\x05}b", "it uses a int as a dict"),
    ],
)
def test_what_no_file_of_tensors_says_is_refused(value, message):
    with pytest.raises(InputError, match=f"x.pth is refused: .*{message}"):
        read_tensors(file(state(value)), "x.pth")


def test_a_damaged_file_is_one_line_of_error():
    good = file(state(tensor()))
    rng = np.random.default_rng(0)
    cut = [good[:length] for length in range(len(good))]
    for content in [b"", b"PK\x03\x04", rng.bytes(1000), file(state(tensor()), magic=7), *cut]:
        with pytest.raises(InputError, match="^x.pth is (damaged|refused)") as caught:
            read_tensors(content, "x.pth")
        assert "\n" not in str(caught.value)
    for content in (file(state(tensor()), keys=("b",)), file(state(tensor()), keys=())):
        with pytest.raises(InputError, match="x.pth is damaged"):
            read_tensors(content, "x.pth")
    for tensors in (7, [1], "w", None):
        with pytest.raises(InputError, match="x.pth is refused: it uses a .* as a dict"):
            read_tensors(file(pickle.dumps(tensors, protocol=2)), "x.pth")
    with pytest.raises(InputError, match="big-endian"):
        read_tensors(file(state(tensor()), little_endian=False), "x.pth")


def test_any_changed_byte_gives_tensors_or_one_error():
    good = file(state(tensor()))
    for place in range(len(good)):
        for byte in (0, good[place] ^ 1, 255):
            changed = good[:place] + bytes([byte]) + good[place + 1 :]
            try:
                tensors = read_tensors(changed, "x.pth")
            except InputError:
                continue
            assert all(isinstance(value, np.ndarray) for value in tensors.values())
