"""YOLO: the picture in one look, each cell of a grid answers for the object whose centre it holds.

Redmon, Divvala, Girshick and Farhadi, "You Only Look Once: Unified, Real-Time Object Detection", CVPR 2016:
figure 3 for the network, section 2 for the grid, eq. 3 for the loss.
"""

import keras
from keras import ops

from keras_cv_course.boxes.formats import from_xyxy, to_xyxy
from keras_cv_course.boxes.overlap import iou
from keras_cv_course.boxes.suppression import suppress_by_class
from keras_cv_course.errors import InputError


def responsible(grid, boxes, labels, size):
    """Which cell answers for which object, and what it ought to say.

    An object belongs to the cell that holds its centre; of two in one cell, the first in the rows stays.

    Args:
        grid: S, cells along each side.
        boxes: (N, K, 4) xyxy in pixels.
        labels: (N, K) whole numbers, -1 for a row without object.
        size: (height, width) of the picture in pixels.

    Returns:
        object (N, S, S) bool, box (N, S, S, 4): x and y of the centre within the cell and the square roots of
        width and height as shares of the picture, all in [0, 1]; label (N, S, S) int32. Row of cells first.
    """
    height, width = size
    shape = ops.convert_to_tensor([width, height, width, height], dtype="float32")
    centre = from_xyxy(ops.cast(boxes, "float32"), "center_xywh") / shape
    place = ops.clip(centre[..., :2], 0.0, 1.0 - 1e-6) * grid
    column, row = ops.unstack(ops.cast(ops.floor(place), "int32"), axis=-1)
    cell = ops.where(ops.cast(labels, "int32") >= 0, row * grid + column, -1)  # (N, K)
    holds = cell[:, None, :] == ops.arange(grid * grid, dtype="int32")[None, :, None]  # (N, S * S, K)
    object_ = ops.any(holds, axis=-1)
    first = ops.argmax(ops.cast(holds, "int32"), axis=-1)  # (N, S * S)
    within = place - ops.floor(place)
    target = ops.concatenate([within, ops.sqrt(ops.clip(centre[..., 2:], 0.0, 1.0))], axis=-1)
    box = ops.take_along_axis(target, first[..., None], axis=1)
    label = ops.take_along_axis(ops.cast(labels, "int32"), first, axis=1)
    cells = (-1, grid, grid)
    return ops.reshape(object_, cells), ops.reshape(box, (*cells, 4)), ops.reshape(label, cells)


def boxes_of_cells(answers):
    """What the cells say as boxes of the whole picture.

    Args:
        answers: (N, S, S, B, 4): x and y within the cell, square roots of width and height as shares of the
            picture.

    Returns:
        (N, S, S, B, 4) xyxy in shares of the picture.
    """
    grid = answers.shape[1]
    cells = ops.arange(grid, dtype="float32")
    x = (answers[..., 0] + cells[None, None, :, None]) / grid
    y = (answers[..., 1] + cells[None, :, None, None]) / grid
    sides = ops.square(answers[..., 2:])
    return to_xyxy(ops.concatenate([ops.stack([x, y], axis=-1), sides], axis=-1), "center_xywh")


def yolo_loss(answers, truth, coordinates=5.0, nothing=0.5):
    """The paper's loss, eq. 3, summed over a picture's cells and averaged over the pictures.

        coordinates  * sum over responsible boxes of (x - x')^2 + (y - y')^2 + (sqrt w - sqrt w')^2 + (sqrt h
        - sqrt h')^2
      +                sum over responsible boxes of (C - IoU)^2
      + nothing      * sum over all other boxes of C^2
      +                sum over cells with an object, and classes, of (p - p')^2

    Of a cell's boxes the one of the largest IoU with the object is responsible; its confidence C is to say
    that IoU, which is not differentiated.

    Args:
        answers: boxes (N, S, S, B, 4), confidences (N, S, S, B) and classes (N, S, S, C), as `YOLO.split`
            gives.
        truth: object, box and label, as `responsible` gives.
        coordinates: lambda_coord, weight of the places and sizes.
        nothing: lambda_noobj, weight of the boxes without object.

    Returns:
        A number: finite, and that of empty cells alone, if there is no object.
    """
    boxes, confidences, classes = answers
    object_, box, label = truth
    real = boxes_of_cells(box[..., None, :])  # (N, S, S, 1, 4)
    overlap = ops.stop_gradient(iou(boxes_of_cells(boxes), real))  # (N, S, S, B)
    best = ops.one_hot(ops.argmax(overlap, axis=-1), boxes.shape[3], dtype="float32")
    here = ops.cast(object_, "float32")
    mine = best * here[..., None]  # (N, S, S, B)
    pictures = ops.cast(ops.shape(boxes)[0], "float32")
    place = ops.sum(mine[..., None] * ops.square(boxes - box[..., None, :]))
    sure = ops.sum(mine * ops.square(confidences - overlap))
    empty = ops.sum((1 - mine) * ops.square(confidences))
    told = ops.one_hot(ops.maximum(label, 0), classes.shape[-1], dtype="float32")
    kind = ops.sum(here[..., None] * ops.square(classes - told))
    return (coordinates * place + sure + nothing * empty + kind) / pictures


@keras.saving.register_keras_serializable("keras_cv_course")
class YOLO(keras.Model):
    """Convolutions, then dense layers whose last gives every cell B boxes with confidence, and C class
    scores.

    The defaults are the paper's 24 convolutions and two dense layers: 448x448x3 -> 7x7x30 numbers for 20
    classes and two boxes a cell, 98 boxes in all, 271,703,550 trainable parameters. Leaky ReLU of 0.1
    everywhere but in the last layer.

    The paper's last layer is linear. `bounded` puts a sigmoid on it, which keeps places and confidences in
    [0, 1] from the first step, and makes the classes' scores a softmax.

    Args:
        convolutions: rows of (filters, kernel, stride), or "pool" for 2x2 max-pooling.
        units: of the dense layer; None for none: the last layer is then a 1x1 convolution, each cell looks at
            its own place on the map, which has to be grid x grid.
        grid: S, cells along each side.
        boxes: B, boxes a cell.
        classes: C.
        dropout: behind the dense layer.
        batch_norm: behind every convolution; not in the paper, but in its successor.
        bounded: see above.
        coordinates: weight of places and sizes in the loss.
        nothing: weight of boxes without object in the loss.
        names: of the C classes, for drawings; None: they have numbers only.

    Call:
        images (N, H, W, C) in [0, 1] of the size that the model was built with -> {"cells": (N, S, S, 5 B +
        C)} float32: for each box x, y, sqrt w, sqrt h, confidence; then the classes. `fit` takes targets
        {"boxes": (N, K, 4) xyxy in pixels, "labels": (N, K), -1 for no object}.

    Raises:
        InputError: an argument out of its range; at `build`, a map that is not grid x grid.
    """

    def __init__(
        self,
        convolutions=(
            (64, 7, 2), "pool", (192, 3, 1), "pool",
            (128, 1, 1), (256, 3, 1), (256, 1, 1), (512, 3, 1), "pool",
            *((256, 1, 1), (512, 3, 1)) * 4, (512, 1, 1), (1024, 3, 1), "pool",
            *((512, 1, 1), (1024, 3, 1)) * 2, (1024, 3, 1), (1024, 3, 2), (1024, 3, 1), (1024, 3, 1),
        ),
        units=4096,
        grid=7,
        boxes=2,
        classes=20,
        dropout=0.5,
        batch_norm=False,
        bounded=False,
        coordinates=5.0,
        nothing=0.5,
        names=None,
        **kwargs,
    ):  # fmt: skip
        super().__init__(**kwargs)
        self.convolutions = tuple(one if one == "pool" else tuple(one) for one in convolutions)
        self.units = units
        self.grid = grid
        self.boxes = boxes
        self.classes = classes
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.bounded = bounded
        self.coordinates = coordinates
        self.nothing = nothing
        self.names = None if names is None else tuple(names)
        if min(grid, boxes, classes) < 1 or not self.convolutions:
            raise InputError(
                "a YOLO needs convolutions, and a grid, boxes and classes of 1 or more; got "
                f"{len(self.convolutions)} convolutions, grid={grid}, boxes={boxes}, classes={classes}"
            )
        if names is not None and len(self.names) != classes:
            raise InputError(f"expected {classes} names, one a class, got {len(self.names)}: {self.names}")
        layers = keras.layers
        self.body = []
        for one in self.convolutions:
            if one == "pool":
                self.body.append(layers.MaxPooling2D(2))
                continue
            filters, kernel, stride = one
            conv = dict(padding="same", use_bias=not batch_norm, kernel_initializer="he_normal")
            self.body.append(layers.Conv2D(filters, kernel, strides=stride, **conv))
            if batch_norm:
                self.body.append(layers.BatchNormalization(momentum=0.9))
            self.body.append(layers.LeakyReLU(0.1))
        numbers = 5 * boxes + classes
        self.flatten, self.leaky, self.drop = layers.Flatten(), layers.LeakyReLU(0.1), layers.Dropout(dropout)
        if units is None:
            self.head = [layers.Conv2D(numbers, 1, dtype="float32")]
        else:
            self.head = [layers.Dense(units), layers.Dense(grid * grid * numbers, dtype="float32")]

    @classmethod
    def small(cls, classes=10, **kwargs):
        """A small one for 64x64 images: a grid of 8x8, each cell looking at its own surroundings."""
        convolutions = ((24, 3, 1), "pool", (48, 3, 1), "pool", (96, 3, 1), "pool", (128, 3, 1), (128, 3, 1))
        sizes = dict(convolutions=convolutions, units=None, grid=8, dropout=0.0)
        sizes |= dict(batch_norm=True, bounded=True)
        return cls(**{**sizes, "classes": classes, **kwargs})

    def compute_output_shape(self, input_shape):
        return {"cells": (input_shape[0], self.grid, self.grid, 5 * self.boxes + self.classes)}

    def build(self, input_shape):
        if None in input_shape[1:]:
            raise InputError(f"a YOLO is built for one size of images, got {tuple(input_shape)}")
        self.size = tuple(input_shape[1:3])
        # One symbolic image through the whole network builds every layer.
        image = keras.KerasTensor((None, *input_shape[1:]))
        shape = tuple(self.endpoints(image)["features"].shape[1:3])
        if self.units is None and shape != (self.grid, self.grid):
            raise InputError(
                f"images of {input_shape[1]}x{input_shape[2]} give a map of {shape[0]}x{shape[1]}, which "
                f"must be the grid, {self.grid}x{self.grid}: take other images, another grid or more poolings"
            )
        self.call(image)
        self.built = True

    def endpoints(self, images, training=False):
        """Images -> {name: map}: "map1" ... after every pooling, the last one "features" too."""
        maps, features = {}, images
        for layer in self.body:
            if isinstance(layer, keras.layers.BatchNormalization):
                features = layer(features, training=training)
            else:
                features = layer(features)
            if isinstance(layer, keras.layers.MaxPooling2D):
                maps[f"map{len(maps) + 1}"] = features
        maps["features"] = features
        return maps

    def call(self, images, training=False):
        features = self.endpoints(images, training)["features"]
        if self.units is None:
            numbers = self.head[0](features)
        else:
            hidden = self.drop(self.leaky(self.head[0](self.flatten(features))), training=training)
            numbers = self.head[1](hidden)
        numbers = ops.reshape(numbers, (-1, self.grid, self.grid, 5 * self.boxes + self.classes))
        if self.bounded:
            places, classes = numbers[..., : 5 * self.boxes], numbers[..., 5 * self.boxes :]
            numbers = ops.concatenate([ops.sigmoid(places), ops.softmax(classes, axis=-1)], axis=-1)
        return {"cells": numbers}

    def split(self, cells):
        """The cells' numbers as boxes (N, S, S, B, 4), confidences (N, S, S, B), classes (N, S, S, C)."""
        shape = (-1, self.grid, self.grid, self.boxes, 5)
        boxes = ops.reshape(cells[..., : 5 * self.boxes], shape)
        return boxes[..., :4], boxes[..., 4], cells[..., 5 * self.boxes :]

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        truth = responsible(self.grid, y["boxes"], y["labels"], self.size)
        return yolo_loss(self.split(y_pred["cells"]), truth, self.coordinates, self.nothing)

    def answers(self, cells):
        """All that the cells say, before suppression.

        The score of a class is the box's confidence times the cell's score of that class (eq. 1).

        Args:
            cells: (N, S, S, 5 B + C), from `call`.

        Returns:
            boxes (N, S * S * B, 4) xyxy in pixels, cut off at the edge; scores (N, S * S * B, C).
        """
        boxes, confidences, classes = self.split(cells)
        height, width = self.size
        shape = ops.convert_to_tensor([width, height, width, height], dtype="float32")
        boxes = ops.clip(boxes_of_cells(boxes), 0.0, 1.0) * shape
        scores = confidences[..., None] * classes[..., None, :]  # (N, S, S, B, C)
        count = self.grid**2 * self.boxes
        return ops.reshape(boxes, (-1, count, 4)), ops.reshape(scores, (-1, count, self.classes))

    def decode(self, cells, threshold=0.5, most=50, least=0.05):
        """The objects that the cells tell of: confidence times class, then suppression in every class.

        Args:
            cells: (N, S, S, 5 B + C), from `call`.
            threshold: IoU above which a box is dropped for a surer one.
            most: objects a picture.
            least: answers below this are dropped.

        Returns:
            {"boxes": (N, most, 4) xyxy in pixels, "scores": (N, most), "labels": (N, most) int32}, surest
            first; -1, 0 and -1 where there are no more; and "count": (N,) int32, how many there are.
        """
        boxes, scores = self.answers(cells)
        found, sure, labels = suppress_by_class(boxes, scores, threshold, most, least)
        count = ops.sum(ops.cast(labels >= 0, "int32"), axis=1)
        return {"boxes": found, "scores": sure, "labels": labels, "count": count}

    def find(self, images):
        """Images -> the objects in them, as `decode` gives them: what the export serves as "boxes"."""
        return self.decode(self(images)["cells"])

    def get_config(self):
        names = ("convolutions", "units", "grid", "boxes", "classes", "dropout", "batch_norm", "bounded")
        own = {name: getattr(self, name) for name in (*names, "coordinates", "nothing", "names")}
        return {**super().get_config(), **own}
