"""A folder of images that is trained on from the disk: images a second, and the memory of the whole process.

    python benchmarks/large_set_speed.py                     # 100,000 images of 64x64, the record
    python benchmarks/large_set_speed.py --count 8000        # minutes less; says so, keeps nothing
    python benchmarks/large_set_speed.py --pixels 32 --ways disk --record large_set_memory      # memory alone

The images are made up, JPEGs of ten classes. Three ways to train the same small network on them take turns, each in a
process of its own: `data.load` and `run.batches` with the images in memory, the same with them on disk as 8-bit
numbers, and `keras.utils.image_dataset_from_directory`, which decodes every image in every epoch. Images a second are
those of the best epoch after the first; decoding once is stated beside them. Files as large as what is trained on,
and a network as small as this one, are the hardest case for the disk: there is least to decode anew, and least to
compute. The images in memory are a set of 20,000 at most: all of them would not fit, and their speed does not depend
on their number.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

CLASSES, BATCH = 10, 64
MOST_IN_MEMORY = 20_000
RESULTS = Path(__file__).parent / "results"
WAYS = ("disk", "memory", "image_dataset_from_directory")


def make_images(folder, count, pixels):
    """`count` JPEGs in `folder/<class>/`: smooth noise on the class's colour. Those that are there stay."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(0)
    for number in range(count):
        path = folder / f"class_{number % CLASSES}" / f"{number:06}.jpg"
        small = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8) // 2
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(small + np.uint8(12 * (number % CLASSES))).resize((pixels, pixels))
        image.save(path, quality=90)


def network(pixels):
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((pixels, pixels, 3)),
            *(layers.Conv2D(filters, 3, 2, "same", activation="relu") for filters in (16, 32, 64)),
            layers.GlobalAveragePooling2D(),
            layers.Dense(CLASSES),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"], steps_per_execution=10)
    return model


def batches_of(way, folder, pixels):
    """Training and validation batches, how many images an epoch trains on, and the seconds before."""
    began = time.perf_counter()
    if way == "image_dataset_from_directory":
        import keras

        options = dict(
            image_size=(pixels, pixels), batch_size=BATCH, seed=0, validation_split=0.2, verbose=False
        )
        train, validation = keras.utils.image_dataset_from_directory(folder, subset="both", **options)
        count = len(train.file_paths)
        train, validation = (part.map(lambda x, y: (x / 255, y)).prefetch(2) for part in (train, validation))
        return train, validation, count, time.perf_counter() - began
    from keras_cv_course import data
    from keras_cv_course.data.readers import decoded_images
    from keras_cv_course.lesson.batches import batches
    from keras_cv_course.lesson.mapped_batches import mapped_batches

    decoded_images.MOST_IN_MEMORY = 0 if way == "disk" else 2**40
    train, validation, _ = data.load("folder", file=folder, size=pixels)
    make = mapped_batches if way == "disk" else batches
    made = (make((part.images, part.labels), BATCH, 0, [0]) for part in (train, validation))
    return *made, len(train), time.perf_counter() - began


def train(way, folder, pixels, epochs):
    """Train, and print what was measured as JSON."""
    training, validation, count, before = batches_of(way, folder, pixels)
    model, seconds = network(pixels), []
    for _ in range(epochs):
        began = time.perf_counter()
        model.fit(training, verbose=0)
        seconds.append(time.perf_counter() - began)
    began = time.perf_counter()
    accuracy = model.evaluate(validation, verbose=0)[1]
    print(
        json.dumps(
            {
                "images": count,
                "seconds before": round(before, 1),
                "images/s": round(count / min(seconds[1:])),
                "seconds of an epoch": [round(second, 1) for second in seconds],
                "seconds to validate": round(time.perf_counter() - began, 1),
                "validation accuracy": round(accuracy, 3),
                "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


def measured(way, folder, pixels, epochs, cache):
    """What `train` prints in a process of its own."""
    command = [sys.executable, __file__, "--way", way, "--folder", str(folder), "--epochs", str(epochs)]
    command += ["--pixels", str(pixels)]
    environment = {**os.environ, "KERAS_CV_COURSE_CACHE": str(cache), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("runs/made_up_images"))
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--pixels", type=int, default=64)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--record", help="keep a record of other settings, too, under this name")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        return train(options.way, options.folder, options.pixels, options.epochs)
    whole, few, cache = (options.folder / name for name in ("all", "some", "cache"))
    began = time.perf_counter()
    make_images(whole, options.count, options.pixels)
    if "memory" in options.ways:
        make_images(few, min(options.count, MOST_IN_MEMORY), options.pixels)
    print(
        f"{options.count:,} images of {options.pixels}x{options.pixels} made in {time.perf_counter() - began:.0f} s",
        flush=True,
    )
    shutil.rmtree(cache, ignore_errors=True)
    found = {way: [] for way in options.ways}
    for _ in range(options.turns):
        for way in options.ways:
            folder = few if way == "memory" else whole
            found[way].append(measured(way, folder, options.pixels, options.epochs, cache))
            print(f"{way}: {found[way][-1]}", flush=True)
    speed = {way: max(turn["images/s"] for turn in turns) for way, turns in found.items()}
    ratios = {
        f"disk over {way}": round(speed["disk"] / speed[way], 2) for way in options.ways if way != "disk"
    }
    print(ratios)
    usual = all(getattr(options, name) == parser.get_default(name) for name in ("count", "pixels", "ways"))
    if usual or options.record:
        from keras_cv_course.lesson.publish import write_json

        about = {
            "date": time.strftime("%Y-%m-%d"),
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
            "count": options.count,
            "pixels": options.pixels,
        }
        write_json(
            RESULTS / f"{options.record or Path(__file__).stem}.json",
            {**about, "images/s": speed, **ratios, "turns": found},
        )


if __name__ == "__main__":
    main()
