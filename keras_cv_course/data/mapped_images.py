"""Images that stay on disk as 8-bit numbers and become float32 where they are looked at."""

import mmap

import numpy as np

from keras_cv_course.data.part import Part

RELEASED_AFTER = 2**28  # bytes read, after which the pages that were read leave this process' memory


class MappedImages(np.lib.mixins.NDArrayOperatorsMixin):
    """An array (N, H, W, C) float32 in [0, 1], of which nothing is in memory.

    It is used like the array that it stands for. Indexing reads those images alone and returns a plain array;
    whatever needs all of them (`mean()`, arithmetic, `np.asarray`) reads all, and takes their memory. `rows` selects
    images without reading any.

    Args:
        file: an .npy of (M, H, W, C) uint8, C-ordered; it may be removed once this object exists.
        numbers: (N,) which images of the file they are, in which order; None for all.

    Raises:
        ValueError: the file is no such array, or shorter than it says.
    """

    def __init__(self, file, numbers=None):
        with open(file, "rb") as stream:
            np.lib.format.read_magic(stream)
            shape, by_column, dtype = np.lib.format.read_array_header_1_0(stream)
            if len(shape) != 4 or by_column or dtype != np.uint8:
                raise ValueError(f"expected (M, H, W, C) uint8, found {shape} {dtype}")
            self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            self._stored = np.frombuffer(self._map, np.uint8, int(np.prod(shape)), stream.tell()).reshape(
                shape
            )
        self._numbers = np.arange(shape[0]) if numbers is None else np.asarray(numbers)
        self._unreleased = 0

    dtype, ndim = np.dtype(np.float32), 4

    @property
    def shape(self):
        return (len(self._numbers), *self._stored.shape[1:])

    @property
    def size(self):
        return int(np.prod(self.shape))

    def __len__(self):
        return len(self._numbers)

    def rows(self, indices):
        """The `MappedImages` of these rows: indices, a slice or a mask."""
        chosen = object.__new__(MappedImages)
        chosen._map, chosen._stored, chosen._unreleased = self._map, self._stored, 0
        chosen._numbers = self._numbers[indices]
        return chosen

    def columns(self, some):
        """The `MappedImages` of these columns of every image, a slice."""
        chosen = self.rows(slice(None))
        chosen._stored = self._stored[:, :, some]
        return chosen

    def __getitem__(self, key):
        first, *rest = key if isinstance(key, tuple) else (key,)
        plain = all(part is Ellipsis or isinstance(part, slice | int | np.integer) for part in rest)
        if first is None or first is Ellipsis or not plain or np.ndim(first) > 1:
            return np.asarray(self)[key]
        images = self._read(self._numbers[first])
        return images[(slice(None),) * (images.ndim - 3) + tuple(rest)] if rest else images

    def __array__(self, dtype=None, copy=None):
        if copy is False:
            raise ValueError("these images are on disk: an array of them is always a copy")
        images = np.empty(self.shape, np.float32)
        for start in range(0, len(self), 256):
            images[start : start + 256] = self[start : start + 256]
        return images if dtype is None else images.astype(dtype, copy=False)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        inputs = [np.asarray(one) if isinstance(one, MappedImages) else one for one in inputs]
        return getattr(ufunc, method)(*inputs, **options)

    def __getattr__(self, name):
        if name.startswith("_") or not hasattr(np.ndarray, name):
            raise AttributeError(f"images on disk have no {name}")
        return getattr(np.asarray(self), name)

    def __repr__(self):
        return f"MappedImages(shape={self.shape})"

    def _read(self, numbers):
        """The images of these numbers, float32 in [0, 1]."""
        images = self._stored[numbers] / np.float32(255)
        self._unreleased += images.size
        if self._unreleased > RELEASED_AFTER and hasattr(self._map, "madvise"):
            # The system keeps what it can; this process would otherwise seem to hold all that it ever read.
            self._map.madvise(mmap.MADV_DONTNEED)
            self._unreleased = 0
        return images


class MappedPart(Part):
    """A `Part` some of whose fields are `MappedImages`: choosing rows reads none of them."""

    def __getitem__(self, rows):
        indices = np.arange(len(self))[rows]
        mapped = {name for name, values in self.fields.items() if isinstance(values, MappedImages)}
        others = {name: values for name, values in self.fields.items() if name not in mapped}
        chosen = Part(**others)[indices].fields if others else {}
        return MappedPart(
            **{
                name: values.rows(indices) if name in mapped else chosen[name]
                for name, values in self.fields.items()
            }
        )


def part_of(**fields):
    """The `Part` of these fields, whether their images are in memory or on disk."""
    mapped = any(isinstance(values, MappedImages) for values in fields.values())
    return MappedPart(**fields) if mapped else Part(**fields)
