"""The form in which every data set comes: three parts of named, equally long arrays, and what they mean."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from keras_cv_course.errors import InputError


class NoSuchFieldError(InputError, AttributeError):
    """The data is of another kind than the lesson's: told in a line, and `hasattr` still works."""


class Part:
    """Named arrays (or lists) with one entry an example: `part.images`, `part.labels`, `part.masks` ...

    A new kind of data needs a new name, not a new form: masks are one more array, boxes a list with
    one (boxes, 4) array an image. Unpaired domains are two data sets.

    Args:
        **fields: equally long arrays or lists.

    Raises:
        InputError: the lengths differ, or there is no field or no example.
    """

    def __init__(self, **fields):
        lengths = {name: len(values) for name, values in fields.items()}
        if len(set(lengths.values())) != 1:
            raise InputError(f"the fields of a data part must be equally long, got {lengths}")
        if 0 in lengths.values():
            raise InputError(f"a data part must hold at least one example, got none (fields {list(fields)})")
        self.fields = fields

    def __getattr__(self, name):
        fields = self.__dict__.get("fields", {})
        if name in fields:
            return fields[name]
        raise NoSuchFieldError(f"this needs data with {name}; what was loaded has {', '.join(fields)}")

    def __len__(self):
        return len(next(iter(self.fields.values())))

    def __getitem__(self, rows):
        """The same fields with the given rows only: a slice, a boolean mask or an array of indices."""
        indices = np.arange(len(self))[rows]
        return Part(
            **{
                name: values[indices] if isinstance(values, np.ndarray) else [values[i] for i in indices]
                for name, values in self.fields.items()
            }
        )

    def __repr__(self):
        shapes = (f"{name}={getattr(values, 'shape', len(values))}" for name, values in self.fields.items())
        return f"Part({', '.join(shapes)})"


@dataclass(frozen=True)
class Info:
    """What a data set is.

    Args:
        name: the name that `data.load` knows.
        title: one line that says what it shows.
        fields: name of each field -> its shape, dtype, unit and range, in words.
        classes: class names; label i means classes[i]. Empty where there are no classes.
        source: where it comes from: paper, address or the library that ships it.
        licence: the terms under which it may be used.
        file: the cached file or folder that it is read from; None for one that has no cache.
        from_user: what the user has to name with `file`, such as "a folder of images by class"; empty for a
            set that is built in or downloaded.
        extra: anything else worth knowing, by name.
    """

    name: str
    title: str
    fields: dict
    source: str
    licence: str
    classes: tuple = ()
    file: Path | None = None
    from_user: str = ""
    extra: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Dataset:
    """Training, validation and test parts; `train, validation, test = data.load(...)` unpacks them.

    The validation part is split off the training part, never off the test part.
    """

    train: Part
    validation: Part
    test: Part
    info: Info

    def __iter__(self):
        return iter((self.train, self.validation, self.test))

    @property
    def classes(self):
        """The names of the classes, for whoever learns to tell them apart: label i means name i.

        Raises:
            InputError: the images have no labels, or all training images are of one class.
        """
        if len(self.info.classes) < 2:
            raise InputError(
                f"this needs images of two classes or more; data set {self.info.name!r} has no classes"
            )
        present = np.unique(self.train.labels)
        if len(present) < 2:
            raise InputError(
                f"all {len(self.train)} training examples of {self.info.name!r} are of the class "
                f"{self.info.classes[present[0]]!r}: there is nothing to tell apart; take a larger limit or other data"
            )
        return self.info.classes


def split(count, sizes, seed, groups=None):
    """Cut 0 .. count-1 into disjoint index arrays, the same ones for the same seed.

    Args:
        count: number of examples.
        sizes: number of examples of every part but the first, which takes the rest.
        seed: seed of the shuffle.
        groups: (count,) labels whose shares every part keeps (a stratified split); None for a plain one. Where
            a part is too small to hold every label, the split is plain.

    Returns:
        One sorted index array a part, the rest first.
    """
    from sklearn.model_selection import train_test_split

    rest, parts = np.arange(count), []
    for size in reversed(sizes):
        strata = None if groups is None else groups[rest]
        if strata is not None:
            counts = np.unique(strata, return_counts=True)[1]
            if counts.min() < 2 or min(size, len(rest) - size) < len(counts):
                strata = None
        rest, part = train_test_split(rest, test_size=size, random_state=seed, stratify=strata)
        parts.append(np.sort(part))
    return [np.sort(rest), *reversed(parts)]
