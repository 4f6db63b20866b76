"""YOLO: one network, one look at the image, and all boxes with their classes come out at once.

You will be able to:

- turn boxes into targets for a grid of cells, and the numbers of the cells back into boxes;
- train a detector with YOLO's loss, and say what each of its terms asks for;
- measure a detector by accuracy and by time, beside a pipeline that needs no network.

Before: `day1.convolution`, `day2.boxes`.

J. Redmon, S. Divvala, R. Girshick, A. Farhadi, "You Only Look Once: Unified, Real-Time Object Detection", CVPR
2016: section 2 and eq. 1 to 3, figure 3 for the network, table 1 for its speed.
"""

import time

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.augment.affine import random_affine
from keras_cv_course.augment.augmentation import augmented
from keras_cv_course.augment.flip import random_flip
from keras_cv_course.baselines.region_forest import RegionForest
from keras_cv_course.boxes.average_precision import mean_average_precision
from keras_cv_course.data.objects import difficult, object_classes
from keras_cv_course.detect.yolo import YOLO, grid_targets
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.parameter_count import parameter_count
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day2.figures import yolo as figures

PUBLISHED = (271_703_550, 7, 7, 30)  # parameters; rows, columns and numbers of the cells
REGION_IMAGES = 1500  # that the pipeline without a network learns from


def moved(batch, rng):
    """The batch mirrored, moved and scaled at random."""
    return random_affine(random_flip(batch, rng), rng, degrees=0, scale=(0.8, 1.25), shear=0, shift=0.15)


def timed(detect, images):
    """What a detector finds, and the milliseconds of processor time (all cores) that an image takes."""
    began = time.process_time()
    return detect(images), 1000 * (time.process_time() - began) / len(images)


@lesson(
    quick=dict(limit=64, steps=4),
    full=dict(
        dataset="tfds:voc/2007", size=224, filters=(32, 64, 128, 256, 512), head_filters=(1024, 1024), steps=20_000
    ),
    batch_size=32,
    targets={
        "shapes:few": dict(map50=at_least(0.85), count_mismatches=at_most(0)),
        "bccd": dict(gain_over_regions=at_least(0.3)),
    },
    image_figure=figures.detected_objects,
)  # fmt: skip
def yolo(
    run,
    dataset: str = "shapes:few",
    size: int | None = None,
    filters: tuple[int, ...] = (16, 32, 64),
    head_filters: tuple[int, ...] = (96, 96),
    boxes: int = 2,
    lambda_coord: float = 5.0,
    lambda_noobj: float = 0.5,
    iou_threshold: float = 0.5,
    steps: int = 1000,
    learning_rate: float = 8e-3,
):
    """Train YOLO, look at its grid, its detections and its errors, and compare accuracy and time.

    Args:
        dataset: shapes:few is drawn, one to three objects on bright paper; bccd and voc_folder are photographs in
            a folder, tfds:voc/2007 is downloaded once.
        size: images are size x size pixels; by default 48 for drawn ones, 128 for photographs.
        filters: channels of the convolutions, each followed by a pooling; the places of the last map are the cells.
        head_filters: channels of the convolutions on the grid.
        boxes: boxes that each cell predicts.
        lambda_coord: weight of centres and sizes in the loss.
        lambda_noobj: weight of the boxes without object in the loss.
        iou_threshold: IoU above which suppression drops a box for a more confident one of its class; in [0, 1].
        steps: training steps.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.

    Metrics:
        map50: mean average precision on the test images by VOC's rule, IoU of 0.5 or more.
        map50_validation: the same on the validation images.
        gain_over_regions: map50 minus that of the pipeline without a network.
        milliseconds: processor time an image, suppression included.
        speedup: how many times longer the pipeline without a network takes.
        lost_objects: share of the test objects whose centre lies in a cell that holds another object's, too.
        parameters: weights of the network.
        count_mismatches: how many of four counts of the paper's network differ from the published ones.
    """
    # %% Detection as one regression
    # A classifier gives one label to one image. Earlier detectors turn that into boxes by asking it often: R-CNN
    # proposes about 2,000 regions and classifies each of them. YOLO asks once. It lays a grid of $S \times S$
    # cells over the image, and each cell predicts $B$ boxes and $C$ class scores, so the network is a function
    # from an image to $S \times S \times (5B + C)$ numbers. In the paper that is 448×448×3 → 7×7×30: $S = 7$,
    # $B = 2$, the $C = 20$ classes of PASCAL VOC. Its 24 convolutions and two dense layers have 271,703,550
    # weights, which are counted here without being allocated.
    large = (None, 448, 448, 3)
    counts = parameter_count(YOLO, large), *YOLO().compute_output_shape(large)["cells"][1:]
    run.metrics(count_mismatches=sum(ours != known for ours, known in zip(counts, PUBLISHED, strict=True)))

    # %% Images, boxes, and the cell that is responsible
    # Scenes with one to three shapes of ten classes, $x_\min, y_\min, x_\max, y_\max$ in pixels. An object belongs to
    # the cell that holds its centre. That cell is trained to predict the centre's place within the cell and the
    # square roots of width and height, as fractions of the image: four numbers in $[0, 1]$. A cell has one set
    # of class scores, so of two centres in one cell one object is lost; the metric `lost_objects` is their
    # share. Difficult objects of VOC's data are left out of training, as the authors' program does.
    size = size or (48 if dataset.startswith("shapes") else 128)
    train, validation, test = loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    classes, grid = object_classes(loaded), size // 2 ** len(filters)
    labels = np.where(difficult(train), -1, train.box_classes)
    batches = run.batches(train.images, train.boxes, labels)
    if not dataset.startswith("shapes"):
        batches = augmented(batches, moved, run.seed, ("images", "boxes", "box_classes"), run.clock)
    object_mask = np.asarray(grid_targets(grid, test.boxes, test.box_classes, (size, size))[0])
    run.metrics(lost_objects=1 - object_mask.sum() / np.sum(test.box_classes >= 0))

    # %% The network
    # 48×48×3 → 24×24×16 → 12×12×32 → 6×6×64 by convolution and pooling, 6×6×96 twice, then a 1×1 convolution to
    # 6×6×20: $S = 6$, $B = 2$, $5 \cdot 2 + 10$ numbers a cell. Each cell sees its surroundings only, where the
    # paper's dense layers see the whole image. Two more things are not the paper's: batch normalization, and a
    # last layer that is bounded (a sigmoid on boxes and confidences, a softmax on the class scores). They make
    # the network trainable from nothing within a minute; the paper's convolutions are first trained on ImageNet.
    convolutions = [part for count in filters for part in ((count, 3, 1), "pool")]
    convolutions += [(count, 3, 1) for count in head_filters]
    kind = dict(grid=grid, boxes=boxes, lambda_coord=lambda_coord, lambda_noobj=lambda_noobj)
    model = YOLO.small(len(classes), convolutions=convolutions, class_names=classes, **kind)
    model.build((None, size, size, 3))
    run.show(model)

    # %% The loss
    # Of the $B$ boxes of a cell with an object, the one of the largest IoU with it is *responsible*. Eq. 3 adds up
    # squared errors, a hat marking the target:
    #
    # - responsible boxes, times $\lambda_{coord}$: $(x - \hat x)^2 + (y - \hat y)^2$ for the centre, and
    #   $(\sqrt w - \sqrt{\hat w})^2 + (\sqrt h - \sqrt{\hat h})^2$ for the size;
    # - responsible boxes: $(C - \hat C)^2$ for the confidence $C$, whose target is that IoU;
    # - all other boxes, times $\lambda_{noobj}$: $C^2$, since they should have no confidence;
    # - cells with an object: $(p_c - \hat p_c)^2$ for the score $p_c$ of each class $c$.
    #
    # Most boxes are not responsible. With $\lambda_{noobj} = 0.5$ their sum does not drown the others, and
    # $\lambda_{coord} = 5$ gives weight to the few places. Through the square roots, a pixel counts for more in a
    # small box than in a large one.
    epochs = max(1, round(steps / len(batches)))
    optimizer = adam_with_warmup(learning_rate, epochs * len(batches), beta_2=0.99)
    model.compile(optimizer, **run.compile_options)
    pairs = batches.map(lambda images, boxes, labels: (images, {"boxes": boxes, "labels": labels}))
    model.fit(pairs, epochs=epochs, callbacks=run.callbacks())
    run.metrics(parameters=model.count_params())

    # %% From cells to detections
    # The score of a box for class $c$ is its confidence times the cell's class score, $C \cdot p_c$ (eq. 1). With
    # $6 \cdot 6 \cdot 2$ boxes and ten classes an image has 720 scores; suppression keeps the most confident box of a
    # class and drops those that overlap it. In the first figure, look at which cells have a high confidence
    # (below) and which hold a centre (orange). In the second, neighbouring cells have found the same object.
    cells = model.predict(test.images[:100], verbose=0)["cells"]
    confidences = keras.ops.convert_to_numpy(model.split(cells)[1]).max(axis=-1)
    figure = figures.grid_cells(*(some[:5] for some in (test.images, test.boxes, object_mask, confidences)))
    alt = "Five test images under a grid with their objects, and a map of the cells' confidences below each."
    run.figure("grid", figure, alt=alt)
    figure = figures.busiest_image(test.images, *model.candidates(cells), iou_threshold, classes)
    alt = "Four panels: all boxes of an image, then fewer after each step of suppression."
    run.figure("suppression", figure, alt=alt)

    # %% How good, and how fast?
    # The rival needs no network: it cuts each image into regions of one colour in four ways, and a random forest
    # of 100 trees classifies their outlines, as R-CNN does with proposals and a network. It learns from the first
    # 1,500 training images. On plain shapes it is about as good as the network (see the last step); compare the time.
    # Both are measured by VOC's rule with all points, difficult objects neither hits nor misses, and both run on the
    # same processor.
    def network(images):
        found = model.decode(model.predict(images, verbose=0)["cells"], iou_threshold, 20, 0.01)
        return [np.asarray(found[name]) for name in ("boxes", "scores", "labels")]

    def measured(detections, part):
        truth = part.boxes, part.box_classes
        options = dict(points="all", rule="voc", ignored=difficult(part))
        return mean_average_precision(detections, truth, len(classes), **options)

    some = slice(0, REGION_IMAGES)
    forest = RegionForest(segmentations=4, seed=run.seed)
    forest.fit(train.images[some], train.boxes[some], labels[some])
    on_validation = measured(network(validation.images), validation)
    (found, ours), (regions, theirs) = (timed(method, test.images) for method in (network, forest.detect))
    result, rival = measured(found, test), measured(regions, test)["mean"]
    run.metrics(
        map50=result["mean"], map50_validation=on_validation["mean"], gain_over_regions=result["mean"] - rival,
        milliseconds=ours, speedup=theirs / ours,
    )  # fmt: skip
    run.baseline("map50", f"regions and a forest, {len(train[some])} images", rival)
    run.baseline("milliseconds", "regions and a forest", theirs)
    if dataset == "bccd":
        # Chen et al., "NBCDC-YOLOv8", IET Computer Vision 2025: theirs has 0.947 and is ahead of it by 0.023.
        run.paper("map50", "YOLOv8n, full size", 0.924)
    if dataset == "tfds:voc/2007":
        run.paper("map50", "YOLO, 448 pixels, trained on VOC 2007 and 2012 (table 1)", 0.634)
    figure = figures.precision_recall_curves(result["curves"], result["by_class"][:, 0], classes)
    alt = "One falling curve of precision against recall for each class."
    run.figure("precision_recall", figure, alt=alt)

    # %% Where does it err?
    # The first test images as they come, with all detections of a score of 0.25 or more. Look for objects that
    # cover each other: what is lost there, the place or the class?
    first = [values[:18] for values in (test.images, test.boxes, test.box_classes, *found)]
    figure = figures.detection_sheet(first[0], first[1:3], first[3:], classes)
    alt = "Eighteen test images with detected boxes, coloured by whether place and class are correct."
    run.figure("detections", figure, alt=alt)

    # %% Try it
    # 1. `--filters 16 32 64 96`: a fourth pooling leaves 3×3 cells. Now 6.5 % of the objects share their cell with
    #    another one, in place of 1.8 %, and `map50` falls from 0.93 to 0.82, below the pipeline's 0.92. Section 2.4 of
    #    the paper names this limit: small objects in groups.
    # 2. The pipeline gains from data, too: 6,000 images in place of 1,500 lift it from 0.917 to 0.929, level with the
    #    network's 0.928, and an image takes it a third longer. Plain shapes of one colour are easy for it. What is left
    #    to the network is its speed, 3.5 times here, and that it needs no rule for what a region is.
    # 3. `--preset full` trains on VOC 2007 at 224 pixels and needs a GPU. The paper's network is larger, sees 448
    #    pixels, and starts from weights learned on ImageNet: no result of ours is promised.
    shape = (None, size, size, 3)
    note = (
        f"In: images in [0, 1]. Out: the numbers of the cells; `boxes` gives xyxy in pixels of the {size} x {size} "
        f"image, scores, labels (-1: no more) and their count. Classes: {', '.join(classes)}."
    )
    run.save(model, signature=shape, note=note, endpoints={"boxes": (model.detect, shape)})


if __name__ == "__main__":
    yolo.main()
