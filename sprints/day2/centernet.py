"""CenterNet: an object is the point at its centre; the network draws a map of points, and every peak is a detection.

You will be able to:

- turn boxes into a heat map with a peak at each centre, and the peaks back into boxes;
- say why cross-entropy must forgive the neighbours of a peak, and write the loss that does;
- say which of two detectors needs non-maximum suppression, and measure what it changes.

Before: `day2.boxes`, `day2.yolo`.

X. Zhou, D. Wang, P. Krähenbühl, "Objects as Points", arXiv:1904.07850, 2019: sections 3 and 4, eq. 1 to 4. H. Law,
J. Deng, "CornerNet: Detecting Objects as Paired Keypoints", ECCV 2018, section 3.2 (targets and loss of a heat map).
B. Xiao, H. Wu, Y. Wei, "Simple Baselines for Human Pose Estimation and Tracking", ECCV 2018 (the network).
"""

import time

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.boxes.average_precision import COCO_THRESHOLDS, mean_average_precision
from keras_cv_course.boxes.suppression import multiclass_non_max_suppression
from keras_cv_course.data.objects import difficult, object_classes
from keras_cv_course.detect.center_targets import center_targets
from keras_cv_course.detect.centernet import CenterNet
from keras_cv_course.detect.yolo import YOLO
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.peak_distance import peak_distances
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day2.figures import centernet as figures
from sprints.day2.figures.yolo import detected_objects, detection_sheet

MOST = 20  # detections an image


def measured(found, part, classes):
    """mAP of detections at an IoU of 0.5, and its mean over 0.5 to 0.95, by COCO's rule."""
    truth = part.boxes, part.box_classes
    options = dict(thresholds=COCO_THRESHOLDS, ignored=difficult(part))
    result = mean_average_precision(
        [found[name] for name in ("boxes", "scores", "labels")], truth, classes, **options
    )
    by_threshold = np.nanmean(result["by_class"], axis=0)
    return by_threshold[0], by_threshold.mean()


def arrays(found):
    return {name: keras.ops.convert_to_numpy(values) for name, values in found.items()}


def suppressed(boxes, scores, iou_threshold):
    """Detections of one class score each (N, A, C), after suppression in each class."""
    found = multiclass_non_max_suppression(boxes, scores, iou_threshold, MOST, 0.01)
    return arrays(dict(zip(("boxes", "scores", "labels"), found, strict=True)))


@lesson(
    quick=dict(limit=64, steps=4, yolo_steps=4),
    full=dict(
        limit=12_000, size=128, filters=(64, 128, 256), blocks=(2, 2, 2), up_filters=(256, 128), steps=20_000,
        yolo_steps=20_000,
    ),
    batch_size=32,
    limit=9000,
    targets={
        "shapes:few": dict(
            suppression_gain=at_most(0.001), yolo_suppression_gain=at_least(0.03), centre_error=at_most(0.85),
            map50=at_least(0.8), map_gain_over_yolo=at_least(0.01),
        )
    },
    image_figure=detected_objects,
)  # fmt: skip
def centernet(
    run,
    dataset: str = "shapes:few",
    size: int = 48,
    blocks: tuple[int, ...] = (1, 1),
    filters: tuple[int, ...] = (32, 96),
    up_filters: tuple[int, ...] = (64,),
    head_filters: int = 32,
    size_weight: float = 0.1,
    least_iou: float = 0.3,
    steps: int = 564,
    yolo_steps: int = 846,
    learning_rate: float = 8e-3,
):
    """Train CenterNet and, for as long, YOLO; measure both with and without suppression, and look at the heat maps.

    Args:
        dataset: shapes:few is drawn, one to three objects on bright paper; shapes:several has one to five, patterned
            ones; bccd and voc_folder are photographs in a folder, tfds:voc/2007 is downloaded once.
        size: images are size x size pixels.
        blocks: residual blocks of each stage of the body.
        filters: channels of each stage of the body.
        up_filters: channels of the transposed convolutions.
        head_filters: channels of each head's 3x3 convolution.
        size_weight: weight of the boxes' sizes in the loss.
        least_iou: the smaller, the wider the hills of the target's heat map; in (0, 1).
        steps: training steps.
        yolo_steps: training steps of YOLO; by default both networks train equally long on two cores.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.

    Metrics:
        map50: mean average precision on the test images, IoU of 0.5 or more, without suppression.
        map: mean of the average precision over the thresholds 0.5, 0.55 ... 0.95.
        suppression_gain: what suppression adds to map50.
        yolo_suppression_gain: the same for YOLO.
        at_centre: of the test objects with a peak in their centre's cell or beside it, the share with it in the cell.
        centre_error: mean distance of those peaks, offset included, from the true centres, in pixels.
        gain_over_yolo: map50 minus YOLO's, with suppression.
        map_gain_over_yolo: map minus YOLO's, with suppression.
        time_ratio: processor time of the training over that of YOLO's training.
        shared_cells: share of the test objects whose centre lies in a cell with that of another one.
        parameters: weights of the network.
    """
    # %% Objects as points
    # YOLO and the detectors with anchors list boxes, far more than there are objects, and an object that is found
    # is found by several of them. Suppression takes the repetitions away: a rule beside the network, which no
    # gradient reaches. CenterNet asks for something that cannot be repeated. An object is one point, its centre
    # $p$, and the network draws a *heat map* $\hat Y \in [0, 1]^{h \times w \times C}$, one map a class, that is 1 at
    # the centres and 0 elsewhere. The map is coarser than the image by the stride $R = 4$.
    train, validation, test = loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    classes = object_classes(loaded)
    labels = np.where(difficult(train), -1, train.box_classes)
    batches = run.batches(train.images, train.boxes, labels)
    pairs = batches.map(lambda images, boxes, labels: (images, {"boxes": boxes, "labels": labels}))

    # %% Targets: a hill around every centre
    # A centre lies in the cell $q = \lfloor p / R \rfloor$. If only that cell were 1, a peak one cell beside it would
    # be as wrong as one at the other end of the image, though its box would fit almost as well. So the target falls
    # off around it,
    #
    # $$Y_{xyc} = \exp\left(-\frac{(x - q_x)^2 + (y - q_y)^2}{2 \sigma^2}\right),$$
    #
    # and $\sigma = (2 r + 1) / 6$ follows from the box: $r$ is how far both corners may move until the IoU with the
    # box falls to `least_iou`. CornerNet's authors took 0.7. Here 0.3 was better on the validation images: an object is
    # only three to five cells wide, and at 0.7 its hill would be a single cell. Two more maps say what the coarse
    # grid lost, the *offset* $p / R - q$, and the *size* $(w, h) / R$. Two objects share a cell far less often here
    # than among YOLO's 6×6 cells: `shared_cells` counts it.
    stride, cells = 4, size // 4
    targets = arrays(
        center_targets(test.boxes, test.box_classes, (cells, cells), stride, len(classes), least_iou)
    )
    held = [len(set(some[real > 0])) for some, real in zip(targets["cells"], targets["valid"], strict=True)]
    run.metrics(shared_cells=1 - sum(held) / targets["valid"].sum())

    # %% The network
    # 48×48×3 → 24×24×16 → 12×12×32 by convolution and pooling, residual blocks to 12×12×32 and 6×6×96, and one
    # transposed convolution back to 12×12×64. Three heads read that map, each a 3×3 and a 1×1 convolution: $C$ scores,
    # two offsets and two sizes a cell. The paper's ResNet goes down to stride 32 and up again by three transposed
    # convolutions; 48 pixels have no room for that.
    model = CenterNet(
        blocks=blocks, filters=filters, large_stem=False, up_filters=up_filters, head_filters=head_filters,
        classes=len(classes), size_weight=size_weight, least_iou=least_iou, class_names=classes,
    )  # fmt: skip
    model.build((None, size, size, 3))
    run.show(model)

    # %% A loss that forgives the neighbours
    # With $N$ objects the heat map's loss is (eq. 1)
    #
    # $$L_k = -\frac{1}{N} \sum_{xyc} \begin{cases} (1 - \hat Y)^2 \log \hat Y & Y = 1 \\ (1 - Y)^4 \hat Y^2
    # \log (1 - \hat Y) & \text{else} \end{cases}$$
    #
    # Without its factors it is cross-entropy. $(1 - \hat Y)^2$ and $\hat Y^2$ are those of the focal loss: of the
    # 1,440 numbers of a map two or three are 1, and the many easy ones would drown them. $(1 - Y)^4$ forgives a
    # high score near a centre. Offset and size are learned by their absolute errors, at the centres' cells alone:
    # $L = L_k + 0.1 L_{size} + L_{off}$.
    models = {"CenterNet": (model, steps), "YOLO": (_yolo(classes, size), yolo_steps)}
    seconds = {}
    for name, (network, count) in models.items():
        epochs = max(1, round(count / len(batches)))
        optimizer = adam_with_warmup(learning_rate, epochs * len(batches), beta_2=0.99)
        network.compile(optimizer, **run.compile_options)
        began = time.process_time()
        network.fit(pairs, epochs=epochs, callbacks=run.callbacks(name.lower(), of=2))
        seconds[name] = time.process_time() - began
    run.metrics(parameters=model.count_params(), time_ratio=seconds["CenterNet"] / seconds["YOLO"])

    # %% Every peak is a detection
    # A cell is a *peak* if none of its eight neighbours has a higher score of that class; 3×3 max-pooling finds them
    # all at once, and nothing else is done. The peak's cell plus its offset is the centre, its score the confidence.
    # In the first figure the hills of the network stand beside those it was trained on, and circles mark the true
    # centres.
    outputs = model.predict(test.images, verbose=0)
    found = arrays(model.decode(outputs, MOST, 0.01))
    scores = 1 / (1 + np.exp(-outputs["heat_map"][:5]))
    figure = figures.heat_maps(test.images[:5], test.boxes[:5], targets["heat_map"][:5], scores, stride)
    alt = "Five test images with their centres; below each the target's heat map and the network's."
    run.figure("heat_maps", figure, alt=alt)
    boxes, scores, is_peak = (keras.ops.convert_to_numpy(some) for some in model.candidates(outputs))
    grid = (len(test), cells, cells)
    high = (is_peak & (scores >= 0.1)).reshape(*grid, -1)
    true = (test.boxes[..., :2] + test.boxes[..., 2:]) / 2
    down, across = np.meshgrid(np.arange(cells), np.arange(cells), indexing="ij")
    corners = np.stack([across, down], axis=-1)
    same, error = peak_distances(high, stride * (corners + outputs["offset"]), true, test.box_classes, stride)
    middle = peak_distances(
        high,
        np.broadcast_to(stride * (corners + 0.5), outputs["offset"].shape),
        true,
        test.box_classes,
        stride,
    )[1]
    run.metrics(at_centre=np.nanmean(same), centre_error=np.nanmean(error))
    run.baseline("centre_error", "the middle of the peak's cell, without the offset", np.nanmean(middle))

    # %% Does suppression change anything?
    # Both networks are measured twice: all candidates as they come, and after suppression within each class. YOLO
    # without it reports the same object from several cells, and every repetition is a false positive. The second
    # figure shows both lists of one image. For CenterNet two peaks of a class on one object would have to lie two
    # cells apart or more, and both be high. Boxes of several classes at one place stay in both lists.
    yolo = models["YOLO"][0]
    numbers = yolo.predict(test.images, verbose=0)["cells"]
    candidates = [np.asarray(some) for some in yolo.candidates(numbers)]
    lists = {
        "CenterNet": (found, suppressed(boxes, np.where(is_peak, scores, 0), 0.5)),
        "YOLO": (suppressed(*candidates, 1.0), suppressed(*candidates, 0.5)),
    }
    maps = {name: [measured(some, test, len(classes)) for some in pair] for name, pair in lists.items()}
    gains = {name: with_it[0] - without[0] for name, (without, with_it) in maps.items()}
    run.metrics(
        map50=maps["CenterNet"][0][0], map=maps["CenterNet"][0][1], suppression_gain=abs(gains["CenterNet"]),
        yolo_suppression_gain=gains["YOLO"], gain_over_yolo=maps["CenterNet"][0][0] - maps["YOLO"][1][0],
        map_gain_over_yolo=maps["CenterNet"][0][1] - maps["YOLO"][1][1],
    )  # fmt: skip
    for metric, place in (("map50", 0), ("map", 1)):
        run.baseline(metric, "YOLO, with suppression", maps["YOLO"][1][place])
        run.baseline(metric, "YOLO, without suppression", maps["YOLO"][0][place])
    figure = figures.lists_of_one_image(test.images, lists)
    alt = "The boxes of one test image that each network reports, before suppression and after it."
    run.figure("suppression", figure, alt=alt)

    # %% Where does it err?
    # The first test images, with all detections of a score of 0.3 or more. Look for objects that cover each other,
    # and for the class rather than the place. In the table compare `map50` with `map`: the first asks whether an
    # object was found, the second also how well its box fits. Which of the two networks is ahead in which?
    #
    # Plain shapes need no network: `day2.yolo`'s pipeline, regions of one colour and a random forest, has reached a
    # `map50` of 0.917 on the same test images, more than CenterNet here. What CenterNet shows is that a detector can
    # do without suppression.
    first = [values[:18] for values in (test.images, test.boxes, test.box_classes)]
    shown = [found[name][:18] for name in ("boxes", "scores", "labels")]
    figure = detection_sheet(first[0], first[1:], shown, classes, score_threshold=0.3)
    alt = "Eighteen test images with detected boxes, coloured by whether place and class are correct."
    run.figure("detections", figure, alt=alt)

    # %% Try it
    # 1. `--least-iou 0.7`: the hills become single cells, and `map50` falls from 0.834 to 0.812. What lies beside a
    #    centre is then as wrong as what lies far from it.
    # 2. `--dataset shapes:several --size 64`: up to five patterned objects on patterned ground. `map50` is 0.48 and
    #    YOLO's 0.65, `map` 0.30 and 0.36: in so short a training YOLO is ahead in both. Suppression is worth 0.17 to
    #    YOLO and still nothing to CenterNet.
    # 3. `--steps 282`: half the training. `map50` is 0.55: a heat map takes its time, since of all its numbers only
    #    two or three an image say where something is.
    shape = (None, size, size, 3)
    note = (
        "In: images in [0, 1]. Out: heat map (logits), offset and size of every cell; `boxes` gives xyxy in pixels of "
        f"the {size} x {size} image, scores, labels (-1: no more) and their count. Classes: {', '.join(classes)}."
    )
    run.save(model, signature=shape, note=note, endpoints={"boxes": (model.detect, shape)})


def _yolo(classes, size):
    """YOLO as `day2.yolo` trains it."""
    convolutions = [part for count in (16, 32, 64) for part in ((count, 3, 1), "pool")] + 2 * [(96, 3, 1)]
    model = YOLO.small(len(classes), convolutions=convolutions, grid=size // 8, boxes=2, class_names=classes)
    model.build((None, size, size, 3))
    return model


if __name__ == "__main__":
    centernet.main()
