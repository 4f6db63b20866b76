"""One annotation of the PASCAL VOC layout: an XML file with the objects of one image.

VOC's corners are the first and the last pixel of an object, counted from 1. In this package a box is
where its edges are, counted from 0: x_min = xmin - 1, x_max = xmax, so that x_max - x_min is the width.

An object whose corners are the same point or lie on one line (two of BCCD's 4,888) is a click, not an
object: it is left out and listed in `empty`. Corners that are all 1 or less are fractions of the image's
sides, as other layouts have them: they are refused.
"""

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

from keras_cv_course.data.readers.file_limits import limit_size
from keras_cv_course.errors import InputError

CORNERS = ("xmin", "ymin", "xmax", "ymax")

MOST_BYTES, MOST_DEPTH = 2**22, 20  # thousands of objects; their elements are four deep


@dataclass
class Annotation:
    """The objects of one image.

    Args:
        path: the file it was read from.
        boxes: (x_min, y_min, x_max, y_max) of every object, in pixels of the image, edges from 0.
        names: its class.
        difficult: whether it is marked as difficult: VOC's own evaluation leaves it out.
        empty: what was left out, in words.
    """

    path: Path
    boxes: list = field(default_factory=list)
    names: list = field(default_factory=list)
    difficult: list = field(default_factory=list)
    empty: list = field(default_factory=list)


def _parsed(path):
    """The root element of an XML file that is not nested out of all proportion."""
    depth, root = 0, None
    for event, element in ElementTree.iterparse(path, ("start", "end")):
        root = element if root is None else root
        depth += 1 if event == "start" else -1
        if depth > MOST_DEPTH:
            raise InputError(
                f"{path} nests its elements more than {MOST_DEPTH} deep; expected an annotation of VOC"
            )
    return root


def read(path, width, height):
    """Read the annotation of an image.

    Args:
        path: the XML file.
        width, height: of the image, in pixels.

    Returns:
        An `Annotation`; without objects its lists are empty.

    Raises:
        InputError: the file is missing or no such annotation, it was made for an image of another size,
            or an object lacks its class or its corners, or they are fractions, or not in the image; names the
            object.
    """
    limit_size(path, MOST_BYTES, "an annotation of one image")
    try:
        root = _parsed(path)
    except FileNotFoundError:
        raise InputError(f"there is no annotation {path}; put it there or take it off its list") from None
    except (OSError, ValueError, LookupError, ElementTree.ParseError) as error:
        raise InputError(f"{path} is not well-formed XML: {error}; correct it or copy it again") from None
    if root.tag != "annotation":
        raise InputError(f"{path}: expected <annotation> with an <object> for every box, got <{root.tag}>")
    sides = [(root.findtext(f"size/{side}") or "0").strip() for side in ("width", "height")]
    # Some tools write no size, or 0: then there is nothing to compare. Others write 48.0.
    if _numbers(sides) not in ([0, 0], [width, height]):
        raise InputError(
            f"{path}: expected the size of its image, {width}x{height}, got {'x'.join(sides)}; "
            "put the two that belong together there"
        )
    annotation = Annotation(path)
    for number, element in enumerate(root.findall("object"), start=1):
        where = f"{path}, object {number}"
        name = element.findtext("name", "").strip()
        if not name:
            raise InputError(f"{where}: expected its class in <name>, got none; write it there")
        xmin, ymin, xmax, ymax = (_corner(element, corner, where) for corner in CORNERS)
        # Programs that count from 0 write a 0 for the edge; it is the same edge.
        if not (0 <= xmin <= xmax <= width and 0 <= ymin <= ymax <= height):
            raise InputError(
                f"{where}: expected 1 <= xmin <= xmax <= {width} and 1 <= ymin <= ymax <= {height}, got "
                f"xmin {xmin:g}, ymin {ymin:g}, xmax {xmax:g}, ymax {ymax:g}; correct the box or remove it"
            )
        if xmin == xmax or ymin == ymax:
            annotation.empty.append(f"{where} ({name} at {xmin:g}, {ymin:g})")
            continue
        if xmax <= 1 and ymax <= 1:
            raise InputError(
                f"{where}: expected corners in pixels, counted from 1, got xmin {xmin:g}, ymin {ymin:g}, xmax "
                f"{xmax:g}, ymax {ymax:g}, which are fractions of the image; multiply x by its width ({width}) "
                f"and y by its height ({height})"
            )
        annotation.boxes.append((max(0, xmin - 1), max(0, ymin - 1), xmax, ymax))
        annotation.names.append(name)
        annotation.difficult.append(element.findtext("difficult", "0").strip() == "1")
    return annotation


def _numbers(texts):
    """The numbers that are written there, or None."""
    try:
        return [float(text) for text in texts]
    except ValueError:
        return None


def _corner(element, corner, where):
    text = element.findtext(f"bndbox/{corner}")
    try:
        return float(text)
    except (TypeError, ValueError):
        got = "none" if text is None else repr(text)
        raise InputError(
            f"{where}: expected a number of pixels in <bndbox><{corner}>, got {got}; correct it"
        ) from None
