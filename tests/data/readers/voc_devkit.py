"""A small folder in the PASCAL VOC layout, for the tests that read one."""

from xml.sax.saxutils import escape

import numpy as np
from PIL import Image

CORNERS = ("xmin", "ymin", "xmax", "ymax")


def scene(root, stem, objects, shape=(60, 80), ending=".png", size=True):
    """A dark image of (height, width), every object (name, xmin, ymin, xmax, ymax) bright, and its XML.

    The corners are VOC's: the first and the last pixel, counted from 1. An object's name with a "!" is
    marked as difficult.
    """
    image = np.zeros((*shape, 3), np.uint8)
    elements = []
    for name, *corners in objects:
        xmin, ymin, xmax, ymax = corners
        image[ymin - 1 : ymax, xmin - 1 : xmax] = 255
        box = "".join(f"<{corner}>{value}</{corner}>" for corner, value in zip(CORNERS, corners))
        elements.append(
            f"<object><name>{escape(name.rstrip('!'))}</name><pose>Unspecified</pose><truncated>0</truncated>"
            f"<difficult>{int(name.endswith('!'))}</difficult><bndbox>{box}</bndbox></object>"
        )
    said = (
        f"<size><width>{shape[1]}</width><height>{shape[0]}</height><depth>3</depth></size>" if size else ""
    )
    for folder in ("JPEGImages", "Annotations"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(root / "JPEGImages" / f"{stem}{ending}")
    path = root / "Annotations" / f"{stem}.xml"
    path.write_text(f"<annotation>{said}{''.join(elements)}</annotation>", encoding="utf-8")
    return path


def lists(root, **parts):
    """ImageSets/Main/<part>.txt with these names."""
    folder = root / "ImageSets" / "Main"
    folder.mkdir(parents=True, exist_ok=True)
    for part, stems in parts.items():
        (folder / f"{part}.txt").write_text("".join(f"{stem}\n" for stem in stems), encoding="utf-8")
    return root
