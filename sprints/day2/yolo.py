"""YOLO: one look at the picture, and every cell of a grid says what it holds, where, and how surely."""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.augment.affine import random_affine
from keras_cv_course.augment.augmentation import augmented
from keras_cv_course.augment.flip import random_flip
from keras_cv_course.boxes.average_precision import mean_average_precision
from keras_cv_course.boxes.overlap import pairwise_iou
from keras_cv_course.detect.yolo import YOLO, responsible
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.parameter_count import parameter_count
from keras_cv_course.training.schedules import warmup_cosine
from sprints.day2.figures.yolo import (
    detection_sheet,
    found_objects,
    grid_cells,
    precision_recall_curves,
    suppression_steps,
)

# Parameters, then rows, columns and numbers of the cells.
PUBLISHED = (271_703_550, 7, 7, 30)


@lesson(
    quick=dict(limit=64, steps=4),
    full=dict(
        dataset="tfds:voc/2007", size=224, filters=(32, 64, 128, 256, 512), deep=(1024, 1024), steps=20_000
    ),
    batch_size=32,
    targets={"shapes:few": dict(map50=at_least(0.85), wrong_counts=at_most(0))},
    image_figure=found_objects,
)
def yolo(
    run,
    dataset: str = "shapes:few",
    size: int | None = None,
    filters: tuple[int, ...] = (16, 32, 64),
    deep: tuple[int, ...] = (96, 96),
    boxes: int = 2,
    coordinates: float = 5.0,
    nothing: float = 0.5,
    threshold: float = 0.5,
    steps: int = 1000,
    learning_rate: float = 8e-3,
):
    """Train YOLO, and look at its grid, its answers, their suppression, and its mistakes.

    Args:
        dataset: shapes:few is drawn, one to three on bright paper; bccd and
            voc_folder are photographs in a folder.
        size: pictures are size x size pixels; by default 48 for shapes, 128 for photographs.
        filters: feature maps of the convolutions before each pooling; the last map's places are the cells.
        deep: feature maps of the convolutions on the grid.
        boxes: that each cell may say.
        coordinates: the loss's weight of places and sizes.
        nothing: the loss's weight of the boxes that hold no object.
        threshold: IoU above which suppression drops a box for a surer one of its class.
        steps: training steps.
        learning_rate: the highest one; it warms up to it and then falls to zero.
    """
    # %% The published network: 448 x 448 pixels in, 7 x 7 cells of 30 numbers out. Sketched, without weights.
    large = (None, 448, 448, 3)
    counts = parameter_count(YOLO, large), *YOLO().compute_output_shape(large)["cells"][1:]
    run.metrics(wrong_counts=sum(count != known for count, known in zip(counts, PUBLISHED, strict=True)))

    # %% Pictures and their boxes. Shapes are drawn; photographs are mirrored and moved.
    size = size or (48 if dataset.startswith("shapes") else 128)
    train, validation, test = loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    classes = loaded.info.classes
    fields = ("images", "boxes", "box_classes")
    batches = run.batches(*(getattr(train, field) for field in fields))
    if not dataset.startswith("shapes"):
        batches = augmented(batches, moved, run.seed, fields, run.clock)

    # %% The network: convolutions down to one place a cell, which says boxes, confidence and class.
    convolutions = [part for count in filters for part in ((count, 3, 1), "pool")]
    convolutions += [(count, 3, 1) for count in deep]
    model = YOLO.small(
        len(classes), convolutions=convolutions, grid=size // 2 ** len(filters), boxes=boxes,
        coordinates=coordinates, nothing=nothing, names=classes,
    )  # fmt: skip
    model.build((None, size, size, 3))
    epochs = max(1, round(steps / len(batches)))
    rate = warmup_cosine(learning_rate, steps=epochs * len(batches))
    model.compile(keras.optimizers.Adam(rate, beta_2=0.99), **run.compile_options)
    model.fit(
        batches.map(lambda images, boxes, labels: (images, {"boxes": boxes, "labels": labels})),
        epochs=epochs,
        callbacks=run.callbacks(),
    )

    # %% How good is it? Mean average precision of the pictures that it has never seen.
    results = {}
    for name, part in (("validation", validation), ("test", test)):
        cells = model.predict(part.images, verbose=0)["cells"]
        found = {
            key: np.asarray(values) for key, values in model.decode(cells, threshold, least=0.01).items()
        }
        answers = found["boxes"], found["scores"], found["labels"]
        results[name] = mean_average_precision(answers, (part.boxes, part.box_classes), len(classes))
    run.metrics(
        map50=results["test"]["mean"],
        map50_validation=results["validation"]["mean"],
        parameters=model.count_params(),
    )
    if dataset == "bccd":
        # Chen et al., "NBCDC-YOLOv8", IET Computer Vision 2025: theirs has 0.947 and is ahead of it by 0.023.
        run.baseline("map50", "YOLOv8n, full size", 0.924)
    areas = results["test"]["by_class"][:, 0]
    title = f"Mean average precision {results['test']['mean']:.2f}: some classes are harder than others"
    run.figure(
        "precision_recall",
        precision_recall_curves(results["test"]["curves"], areas, classes, title),
        alt=title,
    )

    # %% What a cell says: the one that holds an object's centre answers for it, and is sure.
    shown = slice(0, 5)
    holds, _, _ = responsible(model.grid, test.boxes[shown], test.box_classes[shown], (size, size))
    _, sure, _ = model.split(cells[shown])
    title = "The cell that holds an object's centre answers for it (orange); the others keep silent"
    run.figure(
        "grid",
        grid_cells(test.images[shown], test.boxes[shown], np.asarray(holds), np.max(sure, -1), title),
        alt=title,
    )

    # %% Too many answers: neighbouring cells and both their boxes see the same object. Suppression keeps one.
    places, scores = (np.asarray(some) for some in model.answers(cells))
    clear = scores.max(axis=-1) > 0.1
    one = int(np.argmax(clear[:100].sum(axis=1)))
    chosen = places[one][clear[one]]
    overlap = np.asarray(pairwise_iou(chosen, chosen))
    best, told = scores[one][clear[one]].max(axis=-1), scores[one][clear[one]].argmax(axis=-1)
    title = "Suppression: keep the surest box of a class, drop all that overlap it, repeat"
    run.figure(
        "suppression",
        suppression_steps(test.images[one], chosen, best, told, overlap, threshold, classes, title),
        alt=title,
    )

    # %% Hits and misses: the first pictures as they come, in the colour of the verdict.
    shown = slice(0, 18)
    answers = [some[shown] for some in answers]
    answers[2] = np.where(answers[1] >= 0.25, answers[2], -1)
    truth = test.boxes[shown], test.box_classes[shown]
    overlaps = np.asarray(pairwise_iou(answers[0], truth[0]))
    title = "What it says with a score of 0.25 or more"
    run.figure(
        "hits_and_misses",
        detection_sheet(test.images[shown], truth, answers, overlaps, classes, title),
        alt=title,
    )

    # %% Keep it. Whoever loads the SavedModel can ask for `boxes`, which are decoded and suppressed already.
    shape = (None, size, size, 3)
    note = (
        f"In: images in [0, 1]. Out: what the cells say; `boxes` gives xyxy in pixels of the {size} x {size} "
        f"image, scores, labels (-1: no more) and their count. Classes: {', '.join(classes)}."
    )
    run.save(model, signature=shape, note=note, endpoints={"boxes": (model.find, shape)})


def moved(batch, rng):
    """The batch mirrored, moved and scaled by chance."""
    return random_affine(random_flip(batch, rng), rng, degrees=0, scale=(0.8, 1.25), shear=0, shift=0.15)


if __name__ == "__main__":
    yolo.main()
