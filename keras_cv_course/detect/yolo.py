"""YOLO: one network predicts all boxes at once; each cell of a grid detects the object whose centre it holds.

Redmon, Divvala, Girshick and Farhadi, "You Only Look Once: Unified, Real-Time Object Detection", CVPR 2016:
section 2 for the grid, figure 3 for the network, eq. 1 for the scores, eq. 3 for the loss.
"""

import keras
from keras import ops

from keras_cv_course.boxes.formats import from_xyxy, to_xyxy
from keras_cv_course.boxes.overlap import iou
from keras_cv_course.boxes.suppression import multiclass_non_max_suppression
from keras_cv_course.errors import InputError


def grid_targets(grid, boxes, labels, size):
    """What each cell of the grid is trained to predict.

    An object belongs to the cell that holds its centre (a centre on the image's right or lower edge to the
    last cell); of two objects in one cell, the first row stays and the other is lost.

    Args:
        grid: S, cells along each side.
        boxes: (N, K, 4) xyxy in pixels.
        labels: (N, K) integers, -1 for a row of padding.
        size: (height, width) of the image in pixels.

    Returns:
        object_mask (N, S, S) bool, whether a cell holds a centre; box (N, S, S, 4): x and y of the centre
        within the cell, and the square roots of width and height as fractions of the image's, all clipped to
        [0, 1]; label (N, S, S) int32. Axis 1 is the row of cells, axis 2 the column; box and label are
        finite, and mean nothing, where the mask is False.
    """
    height, width = size
    shape = ops.convert_to_tensor([width, height, width, height], dtype="float32")
    centred = from_xyxy(ops.cast(boxes, "float32"), "center_xywh") / shape
    place = ops.clip(centred[..., :2], 0.0, 1.0 - 1e-6) * grid
    column, row = ops.unstack(ops.cast(ops.floor(place), "int32"), axis=-1)
    cell = ops.where(ops.cast(labels, "int32") >= 0, row * grid + column, -1)  # (N, K)
    holds = cell[:, None, :] == ops.arange(grid * grid, dtype="int32")[None, :, None]  # (N, S * S, K)
    object_mask = ops.any(holds, axis=-1)
    first = ops.argmax(ops.cast(holds, "int32"), axis=-1)  # (N, S * S)
    within = place - ops.floor(place)
    target = ops.concatenate([within, ops.sqrt(ops.clip(centred[..., 2:], 0.0, 1.0))], axis=-1)
    box = ops.take_along_axis(target, first[..., None], axis=1)
    label = ops.take_along_axis(ops.cast(labels, "int32"), first, axis=1)
    cells = (-1, grid, grid)
    return ops.reshape(object_mask, cells), ops.reshape(box, (*cells, 4)), ops.reshape(label, cells)


def boxes_of_cells(boxes):
    """Boxes that cells predict, as boxes of the whole image.

    Args:
        boxes: (N, S, S, B, 4): x and y of the centre within the cell, square roots of width and height as
            fractions of the image's. Axis 1 is the row of cells, axis 2 the column.

    Returns:
        (N, S, S, B, 4) xyxy in fractions of the image's width and height.
    """
    grid = boxes.shape[1]
    cells = ops.arange(grid, dtype="float32")
    x = (boxes[..., 0] + cells[None, None, :, None]) / grid
    y = (boxes[..., 1] + cells[None, :, None, None]) / grid
    sides = ops.square(boxes[..., 2:])
    return to_xyxy(ops.concatenate([ops.stack([x, y], axis=-1), sides], axis=-1), "center_xywh")


def yolo_loss(predictions, targets, lambda_coord=5.0, lambda_noobj=0.5):
    """The paper's loss, eq. 3, summed over each image and averaged over the images.

        lambda_coord * sum over responsible boxes of
                       (x - x')^2 + (y - y')^2 + (sqrt w - sqrt w')^2 + (sqrt h - sqrt h')^2
      +                sum over responsible boxes of (C - C')^2
      + lambda_noobj * sum over all other boxes of C^2
      +                sum over cells with an object, and over classes, of (p - p')^2

    Of a cell with an object, the box of the largest IoU with that object is responsible; all other boxes, of
    this cell too, are to have a confidence C of 0. The target C' is that IoU (section 2); no gradient passes
    through it. The target p' is 1 for the object's class, else 0.

    Args:
        predictions: boxes (N, S, S, B, 4), confidences (N, S, S, B) and classes (N, S, S, C), as `YOLO.split`
            gives them.
        targets: object_mask, box and label, as `grid_targets` gives them.
        lambda_coord: weight of centres and sizes.
        lambda_noobj: weight of the boxes that are not responsible.

    Returns:
        A number; without objects it is the third sum alone.
    """
    boxes, confidences, classes = predictions
    object_mask, box, label = targets
    real = boxes_of_cells(box[..., None, :])  # (N, S, S, 1, 4)
    overlap = ops.stop_gradient(iou(boxes_of_cells(boxes), real))  # (N, S, S, B)
    best = ops.one_hot(ops.argmax(overlap, axis=-1), boxes.shape[3], dtype="float32")
    has_object = ops.cast(object_mask, "float32")
    responsible = best * has_object[..., None]  # (N, S, S, B)
    images = ops.cast(ops.shape(boxes)[0], "float32")
    coord = ops.sum(responsible[..., None] * ops.square(boxes - box[..., None, :]))
    confidence = ops.sum(responsible * ops.square(confidences - overlap))
    noobj = ops.sum((1 - responsible) * ops.square(confidences))
    one_hot = ops.one_hot(ops.maximum(label, 0), classes.shape[-1], dtype="float32")
    classification = ops.sum(has_object[..., None] * ops.square(classes - one_hot))
    return (lambda_coord * coord + confidence + lambda_noobj * noobj + classification) / images


@keras.saving.register_keras_serializable("keras_cv_course")
class YOLO(keras.Model):
    """Convolutions, then a head that gives each cell B boxes with a confidence each, and C class scores.

    The defaults are the paper's 24 convolutions and two dense layers for PASCAL VOC's 20 classes:
    448x448x3 -> 7x7x30 numbers, 98 boxes, 271,703,550 trainable parameters. Leaky ReLU with slope 0.1 follows
    every layer but the last, and dropout the first dense layer. Not in the paper: `batch_norm` (YOLOv2 has
    it), `bounded`, and `units=None`.

    Args:
        convolutions: rows of (filters, kernel size, stride), or "pool" for 2x2 max-pooling.
        units: of the first dense layer; None replaces both by one 1x1 convolution on the last feature map,
            which then must be grid x grid: each cell sees its surroundings, not the whole image.
        grid: S, cells along each side.
        boxes: B, boxes that each cell predicts.
        classes: C.
        dropout: rate after the first dense layer.
        batch_norm: normalise after each convolution, which then has no bias.
        bounded: a sigmoid on the boxes and confidences, a softmax over the class scores; the paper's last
            layer is linear.
        lambda_coord: weight of centres and sizes in the loss.
        lambda_noobj: weight of boxes that are not responsible in the loss.
        class_names: C names, for figures; None: classes have numbers only.

    Call:
        images (N, H, W, channels) in [0, 1], of the size for which the model was built ->
        {"cells": (N, S, S, 5 B + C)} float32: box by box x, y, sqrt w, sqrt h, confidence; then the classes.
        `fit` takes targets {"boxes": (N, K, 4) xyxy in pixels, "labels": (N, K), -1 for padding}.

    Raises:
        InputError: an argument out of range; at `build`, a free image size, or without `units` a feature map
            that is not grid x grid.

    Example:
        model = YOLO.small(classes=3)
        model.build((None, 64, 64, 3))
        detections = model.detect(np.zeros((1, 64, 64, 3), "float32"))
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
        lambda_coord=5.0,
        lambda_noobj=0.5,
        class_names=None,
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
        self.lambda_coord = lambda_coord
        self.lambda_noobj = lambda_noobj
        self.class_names = None if class_names is None else tuple(class_names)
        if min(grid, boxes, classes) < 1 or not self.convolutions:
            raise InputError(
                "a YOLO needs convolutions, and a grid, boxes and classes of 1 or more; got "
                f"{len(self.convolutions)} convolutions, grid={grid}, boxes={boxes}, classes={classes}"
            )
        if class_names is not None and len(self.class_names) != classes:
            raise InputError(
                f"expected {classes} class names, got {len(self.class_names)}: {self.class_names}"
            )
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
        """A small one for 64x64 images: a grid of 8x8, batch normalization, bounded, no dense layer."""
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
                f"images of {input_shape[1]}x{input_shape[2]} give a feature map of {shape[0]}x{shape[1]}, "
                f"which must be the grid, {self.grid}x{self.grid}: take other images, another grid or more "
                "poolings"
            )
        self.call(image)
        self.built = True

    def endpoints(self, images, training=False):
        """Images -> {name: feature map}: "map1", "map2" ... after each pooling, and the last as "features"."""
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
            boxes, classes = numbers[..., : 5 * self.boxes], numbers[..., 5 * self.boxes :]
            numbers = ops.concatenate([ops.sigmoid(boxes), ops.softmax(classes, axis=-1)], axis=-1)
        return {"cells": numbers}

    def split(self, cells):
        """Numbers of the cells (N, S, S, 5 B + C), from `call` -> boxes (N, S, S, B, 4): x, y, sqrt w, sqrt h;
        confidences (N, S, S, B); class scores (N, S, S, C)."""
        shape = (-1, self.grid, self.grid, self.boxes, 5)
        boxes = ops.reshape(cells[..., : 5 * self.boxes], shape)
        return boxes[..., :4], boxes[..., 4], cells[..., 5 * self.boxes :]

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        targets = grid_targets(self.grid, y["boxes"], y["labels"], self.size)
        return yolo_loss(self.split(y_pred["cells"]), targets, self.lambda_coord, self.lambda_noobj)

    def candidates(self, cells):
        """All boxes of all cells, before suppression.

        The score of a box for a class is its confidence times its cell's score of that class (eq. 1).

        Args:
            cells: (N, S, S, 5 B + C), from `call`.

        Returns:
            boxes (N, S * S * B, 4) xyxy in pixels, clipped to the image; scores (N, S * S * B, C).
        """
        boxes, confidences, classes = self.split(cells)
        height, width = self.size
        shape = ops.convert_to_tensor([width, height, width, height], dtype="float32")
        boxes = ops.clip(boxes_of_cells(boxes), 0.0, 1.0) * shape
        scores = confidences[..., None] * classes[..., None, :]  # (N, S, S, B, C)
        count = self.grid**2 * self.boxes
        return ops.reshape(boxes, (-1, count, 4)), ops.reshape(scores, (-1, count, self.classes))

    def decode(self, cells, iou_threshold=0.5, max_detections=50, score_threshold=0.05):
        """The detections in the numbers of the cells: `candidates`, then suppression in each class.

        Args:
            cells: (N, S, S, 5 B + C), from `call`.
            iou_threshold: boxes whose IoU with a more confident one of the same class is above this are
                dropped.
            max_detections: detections an image, at most.
            score_threshold: boxes with a lower score are dropped.

        Returns:
            {"boxes": (N, max_detections, 4) xyxy in pixels, "scores": (N, max_detections), "labels": (N,
            max_detections) int32, "count": (N,) int32}: by falling score; -1, 0 and -1 from row `count` on.
        """
        boxes, scores = self.candidates(cells)
        boxes, scores, labels = multiclass_non_max_suppression(
            boxes, scores, iou_threshold, max_detections, score_threshold
        )
        count = ops.sum(ops.cast(labels >= 0, "int32"), axis=1)
        return {"boxes": boxes, "scores": scores, "labels": labels, "count": count}

    def detect(self, images):
        """Images -> their detections, as `decode` gives them: the endpoint "boxes" of the export."""
        return self.decode(self(images)["cells"])

    def get_config(self):
        names = ("convolutions", "units", "grid", "boxes", "classes", "dropout", "batch_norm", "bounded")
        own = {name: getattr(self, name) for name in (*names, "lambda_coord", "lambda_noobj", "class_names")}
        return {**super().get_config(), **own}
