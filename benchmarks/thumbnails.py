"""Small copies of a few lessons' figures, with their alt texts, for the README: made from the lessons' own runs.

python benchmarks/thumbnails.py runs        # the folder that the lessons named below have written to
"""

import argparse
import json
import re
from html import escape
from pathlib import Path

from PIL import Image

from keras_cv_course.lesson.publish import write_text

ROOT = Path(__file__).parents[1]
README, FOLDER = ROOT / "README.md", ROOT / "docs" / "thumbnails"
MARKS = re.compile(r"(<!-- thumbnails -->\n).*(<!-- end of thumbnails -->)", re.S)
FIGURES = {
    "day2.yolo": "detections.png",
    "day2.unet": "predictions.png",
    "day3.denoise": "restored.png",
    "day4.cyclegan": "translations.png",
}
WIDTH = 420  # pixels


def thumbnail(runs, lesson, figure):
    """Write one small figure; its line of HTML."""
    folder = Path(runs) / lesson
    alt = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["figures"][figure]
    image = Image.open(folder / figure).convert("RGB")
    image = image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)
    FOLDER.mkdir(exist_ok=True)
    image.quantize(128).save(FOLDER / f"{lesson}.png", optimize=True)
    return f'<img src="docs/thumbnails/{lesson}.png" width="{WIDTH}" alt="{escape(f"{lesson}: {alt}")}">\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", help="the folder with the lessons' results")
    runs = parser.parse_args().runs
    lines = "".join(thumbnail(runs, lesson, figure) for lesson, figure in FIGURES.items())
    text = README.read_text(encoding="utf-8")
    write_text(README, MARKS.sub(lambda found: found[1] + lines + found[2], text))


if __name__ == "__main__":
    main()
