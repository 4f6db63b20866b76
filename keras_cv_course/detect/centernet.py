"""CenterNet: an object is a point; the peaks of a heat map are the detections, and nothing has to be suppressed.

Zhou, Wang and Krähenbühl, "Objects as Points", arXiv:1904.07850, 2019: section 3 for targets and losses, section 4 for
boxes from points, section 5 and figure 6 for the network, ResNet with transposed convolutions (Xiao, Wu and Wei,
"Simple Baselines for Human Pose Estimation and Tracking", ECCV 2018). Left out are the deformable convolutions before
each transposed one, which the paper's ResNet has.
"""

import math

import keras
from keras import ops

from keras_cv_course.classify.residual_block import BATCH_NORM, ConvolutionNorm, ResidualBlock
from keras_cv_course.detect.center_targets import center_targets
from keras_cv_course.errors import InputError
from keras_cv_course.losses.penalty_reduced_focal import penalty_reduced_focal_loss


@keras.saving.register_keras_serializable("keras_cv_course")
class CenterNet(keras.Model):
    """ResNet down to stride 32, transposed convolutions up to stride 4, and three heads.

    The defaults are ResNet-18's blocks and the 80 classes of COCO. Each transposed convolution is 4x4 with stride 2,
    batch normalisation and ReLU; each head a 3x3 convolution with ReLU and a 1x1 one.

    Args:
        blocks: residual blocks of each stage; every stage but the first halves height and width.
        filters: channels of each stage.
        large_stem: a 7x7 convolution with stride 2 and 3x3 max-pooling with stride 2, as in ResNet; else two 3x3
            convolutions, of half the first stage's channels and of all, each with 2x2 max-pooling.
        up_filters: channels of each transposed convolution, from coarse to fine.
        head_filters: channels of each head's 3x3 convolution.
        classes: C.
        size_weight: weight of the sizes in the loss.
        offset_weight: weight of the offsets in the loss.
        least_iou: sets the width of the peaks that the heat map is trained on, see `center_targets`.
        class_names: C names, for figures; None: classes have numbers only.

    Call:
        images (N, H, W, channels) in [0, 1], H and W multiples of the coarsest stride ->
        {"heat_map": (N, h, w, C) logits, "offset": (N, h, w, 2) across and down, in cells, "size": (N, h, w, 2) width
        and height in cells}, float32; h = H / `stride`.
        `fit` takes targets {"boxes": (N, K, 4) xyxy in pixels, "labels": (N, K), -1 for padding}.

    Raises:
        InputError: an argument out of range; at `build`, a size that is no multiple of the coarsest stride.

    Example:
        model = CenterNet.small(classes=3)
        model.build((None, 64, 64, 3))
        detections = model.detect(np.zeros((1, 64, 64, 3), "float32"))
    """

    def __init__(
        self,
        blocks=(2, 2, 2, 2),
        filters=(64, 128, 256, 512),
        large_stem=True,
        up_filters=(256, 256, 256),
        head_filters=64,
        classes=80,
        size_weight=0.1,
        offset_weight=1.0,
        least_iou=0.7,
        class_names=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.blocks = tuple(blocks)
        self.filters = tuple(filters)
        self.large_stem = large_stem
        self.up_filters = tuple(up_filters)
        self.head_filters = head_filters
        self.classes = classes
        self.size_weight = size_weight
        self.offset_weight = offset_weight
        self.least_iou = least_iou
        self.class_names = None if class_names is None else tuple(class_names)
        self._check()
        self.coarsest = 4 * 2 ** (len(self.blocks) - 1)
        self.stride = self.coarsest // 2 ** len(self.up_filters)

        layers = keras.layers
        first = self.filters[0]
        stem = [(first, 7, 2)] if large_stem else [(max(first // 2, 1), 3), (first, 3)]
        self.stem = [ConvolutionNorm(*one) for one in stem]
        self.relu = layers.ReLU()
        # Zeros on every side of the large stem's maps: what comes from a ReLU is never below them.
        self.pad = layers.ZeroPadding2D(1 if large_stem else 0)
        self.pool = layers.MaxPooling2D(3 if large_stem else 2, 2)
        self.body = [
            ResidualBlock(count, stride=2 if stage and not number else 1)
            for stage, (repeats, count) in enumerate(zip(self.blocks, self.filters))
            for number in range(repeats)
        ]
        up = dict(strides=2, padding="same", use_bias=False, kernel_initializer="he_normal")
        self.up = [layers.Conv2DTranspose(count, 4, **up) for count in self.up_filters]
        self.up_norms = [layers.BatchNormalization(**BATCH_NORM) for _ in self.up_filters]
        # A first score of 0.1 everywhere: without it the many empty places drown the first steps (RetinaNet, 4.1).
        bias = keras.initializers.Constant(-math.log((1 - 0.1) / 0.1))
        self.heads = {}
        for name, channels in {"heat_map": classes, "offset": 2, "size": 2}.items():
            hidden = layers.Conv2D(
                head_filters, 3, padding="same", activation="relu", kernel_initializer="he_normal"
            )
            start = dict(bias_initializer=bias) if name == "heat_map" else {}
            small = keras.initializers.RandomNormal(stddev=0.001)
            self.heads[name] = [
                hidden,
                layers.Conv2D(channels, 1, kernel_initializer=small, dtype="float32", **start),
            ]

    def _check(self):
        counts = (*self.blocks, *self.filters, *self.up_filters, self.head_filters, self.classes)
        if len(self.blocks) != len(self.filters) or not self.blocks or min(counts) < 1:
            raise InputError(
                "a CenterNet needs as many blocks as filters, and each of its numbers to be 1 or more; received "
                f"blocks={self.blocks}, filters={self.filters}, up_filters={self.up_filters}, "
                f"head_filters={self.head_filters}, classes={self.classes}"
            )
        if len(self.up_filters) > len(self.blocks) + 1:
            raise InputError(
                f"{len(self.blocks)} stages can be enlarged {len(self.blocks) + 1} times at most, received "
                f"up_filters={self.up_filters}"
            )
        if self.class_names is not None and len(self.class_names) != self.classes:
            raise InputError(
                f"expected {self.classes} class names, received {len(self.class_names)}: {self.class_names}"
            )

    @classmethod
    def small(cls, classes=10, **kwargs):
        """A small one for images of some 64x64 pixels: two stages down to stride 8, and up to 4."""
        sizes = dict(blocks=(1, 1), filters=(48, 96), large_stem=False, up_filters=(64,), head_filters=48)
        return cls(**{**sizes, "classes": classes, **kwargs})

    def build(self, input_shape):
        sides = [self.coarsest if side is None else side for side in input_shape[1:3]]
        for side in sides:
            if side < self.coarsest or side % self.coarsest:
                raise InputError(
                    f"height and width must be multiples of {self.coarsest}, received {tuple(input_shape)}; resize or "
                    "pad the images"
                )
        self.size = None if None in input_shape[1:3] else tuple(input_shape[1:3])
        # One symbolic image through the whole network builds every layer.
        self.call(keras.KerasTensor((None, *sides, input_shape[-1]), "float32"))
        self.built = True

    def endpoints(self, images, training=False):
        """Images -> {name: feature map}: "stage1" ... of the body, and "features", the finest map, of the heads."""
        features, maps = images, {}
        for convolution in self.stem:
            features = self.pool(self.pad(self.relu(convolution(features, training=training))))
        blocks = iter(self.body)
        for stage, repeats in enumerate(self.blocks):
            for _ in range(repeats):
                features = next(blocks)(features, training=training)
            maps[f"stage{stage + 1}"] = features
        for up, norm in zip(self.up, self.up_norms, strict=True):
            features = self.relu(norm(up(features), training=training))
        maps["features"] = features
        return maps

    def call(self, images, training=False):
        features = self.endpoints(images, training)["features"]
        return {name: last(hidden(features)) for name, (hidden, last) in self.heads.items()}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Equation 4: the heat map's loss, plus the weighted mean absolute errors of sizes and offsets."""
        logits = y_pred["heat_map"]
        kind = logits.shape[1:3], self.stride, self.classes, self.least_iou
        targets = center_targets(y["boxes"], y["labels"], *kind)
        valid = targets["valid"]
        objects = ops.maximum(ops.sum(valid), 1.0)
        loss = penalty_reduced_focal_loss(targets["heat_map"], logits)
        weights = {"size": self.size_weight, "offset": self.offset_weight}
        for name, target in {"size": targets["sizes"], "offset": targets["offsets"]}.items():
            flat = ops.reshape(y_pred[name], (-1, logits.shape[1] * logits.shape[2], 2))
            received = ops.take_along_axis(flat, targets["cells"][..., None], axis=1)
            error = ops.sum(ops.abs(received - target) * valid[..., None])
            loss = loss + weights[name] * error / objects
        return loss

    def candidates(self, outputs):
        """Every place of the map as a box, with its scores.

        Args:
            outputs: of `call`.

        Returns:
            boxes (N, h * w, 4) xyxy in pixels, clipped to the image; scores (N, h * w, C) in [0, 1]; is_peak (N,
            h * w, C) bool: no neighbour of the eight has a higher score (section 4).
        """
        scores = ops.sigmoid(outputs["heat_map"])
        height, width = scores.shape[1:3]
        is_peak = ops.equal(scores, ops.max_pool(scores, 3, 1, padding="same"))
        down, across = ops.meshgrid(ops.arange(height), ops.arange(width), indexing="ij")
        cells = ops.cast(ops.stack([across, down], axis=-1), "float32")
        centres = cells + outputs["offset"]
        half = ops.maximum(outputs["size"], 0.0) / 2
        boxes = self.stride * ops.concatenate([centres - half, centres + half], axis=-1)
        edge = self.stride * ops.convert_to_tensor([width, height, width, height], "float32")
        boxes = ops.clip(boxes, 0.0, edge)
        flat = (-1, height * width)
        shape = (*flat, self.classes)
        return ops.reshape(boxes, (*flat, 4)), ops.reshape(scores, shape), ops.reshape(is_peak, shape)

    def decode(self, outputs, max_detections=50, score_threshold=0.05):
        """The peaks of the heat maps as detections, without suppression.

        Args:
            outputs: of `call`.
            max_detections: detections an image, at most.
            score_threshold: peaks with a lower score are dropped.

        Returns:
            {"boxes": (N, max_detections, 4) xyxy in pixels, "scores": (N, max_detections), "labels": (N,
            max_detections) int32, "count": (N,) int32}: by falling score; -1, 0 and -1 from row `count` on.
        """
        boxes, scores, is_peak = self.candidates(outputs)
        scores = ops.where(ops.logical_and(is_peak, scores >= score_threshold), scores, 0.0)
        flat = ops.reshape(scores, (-1, scores.shape[1] * scores.shape[2]))
        best, order = ops.top_k(flat, min(max_detections, flat.shape[1]))
        found = best > 0
        labels = ops.where(found, ops.cast(order % self.classes, "int32"), -1)
        boxes = ops.take_along_axis(boxes, ops.cast(order // self.classes, "int32")[..., None], axis=1)
        boxes = ops.where(found[..., None], boxes, -1.0)
        missing = max_detections - best.shape[1]
        if missing > 0:
            boxes = ops.pad(boxes, [[0, 0], [0, missing], [0, 0]], constant_values=-1.0)
            best = ops.pad(best, [[0, 0], [0, missing]])
            labels = ops.pad(labels, [[0, 0], [0, missing]], constant_values=-1)
        count = ops.sum(ops.cast(labels >= 0, "int32"), axis=1)
        return {"boxes": boxes, "scores": best, "labels": labels, "count": count}

    def detect(self, images):
        """Images -> their detections, as `decode` gives them: the endpoint "boxes" of the export."""
        return self.decode(self(images))

    def get_config(self):
        names = ("blocks", "filters", "large_stem", "up_filters", "head_filters", "classes", "size_weight")
        own = {name: getattr(self, name) for name in (*names, "offset_weight", "least_iou", "class_names")}
        return {**super().get_config(), **own}
