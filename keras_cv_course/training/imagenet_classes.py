"""The names of ImageNet's 1,000 classes, in the order of every network that was trained on them.

Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015. The names are WordNet's (Princeton
University 2006), whose licence stands in imagenet_classes.txt beside this file.
"""

from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("imagenet_classes.txt")


@cache
def imagenet_classes():
    """A tuple of 1,000 different names: class i is `imagenet_classes()[i]`, such as "tiger cat" for 282."""
    return tuple(name for _, name in _rows())


@cache
def imagenet_synsets():
    """A tuple of the 1,000 WordNet identifiers of the same classes, such as "n02123159"; they are in sorted order."""
    return tuple(synset for synset, _ in _rows())


def _rows():
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [line.split(" ", 1) for line in lines if line and not line.startswith("#")]


def class_name(number, count):
    """The name of a class of a network with `count` classes: ImageNet's where there are 1,000, else "class 3"."""
    return imagenet_classes()[number] if count == len(imagenet_classes()) else f"class {number}"
