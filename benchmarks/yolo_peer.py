"""Our small YOLO beside keras-cv's YOLOV8Detector, built without presets: the same scenes, the same seconds.

**These are two networks, not one**: theirs has three maps, a pyramid and a loss of its own, ours one map and the loss
of 2016. Equal are the data, the optimizer, the schedule and the seconds; parameters stand in the table.

Both train on the same drawn scenes of 64 x 64 pixels (YOLOV8's coarsest map is 1/32 of the image), the
learning rate of both falls with the share of the seconds that is gone, and the test scenes, which no setting was chosen
on, judge them. Tracing is not counted. One table: mAP50, seconds, images seen, parameters.
"""

import argparse
import os
import time

from measured import keep

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

SIZE, BATCH, WARM_UP = 64, 32, 0.1


def stopwatch(seconds, peak):
    """A callback that ends a training after so many seconds; the rate rises, then falls to zero with them."""
    import keras
    import numpy as np

    class Stopwatch(keras.callbacks.Callback):
        began, images, spent = None, 0, 0.0

        def on_train_batch_begin(self, batch, logs=None):
            # The first batches trace the graph: the clock starts behind them.
            share = 0.0 if self.began is None else (time.perf_counter() - self.began) / seconds
            fall = (1 + np.cos(np.pi * min(1.0, share))) / 2
            self.model.optimizer.learning_rate = peak * max(1e-3, min(share / WARM_UP, fall))

        def on_train_batch_end(self, batch, logs=None):
            if self.began is None:
                self.began = time.perf_counter()
                return
            self.images += BATCH
            self.spent = time.perf_counter() - self.began
            if self.spent >= seconds:
                self.model.stop_training = True

    return Stopwatch()


def stream(part, named):
    """An endless `tf.data.Dataset` of shuffled batches of the scenes."""
    import tensorflow as tf

    rows = tf.data.Dataset.range(len(part)).shuffle(len(part), seed=0).repeat().batch(BATCH)
    arrays = [tf.constant(some) for some in (part.images, part.boxes, part.box_classes)]

    def pick(index):
        images, boxes, labels = (tf.gather(some, index) for some in arrays)
        return images, {"boxes": boxes, named: labels}

    return rows.map(pick).prefetch(2)


def ours(train, classes, seconds):
    """Train our YOLO; function of images -> boxes, scores, labels; the stopwatch; the model."""
    import keras
    import numpy as np

    from keras_cv_course.detect.yolo import YOLO

    convolutions = [(16, 3, 2), (32, 3, 2), (64, 3, 2), (128, 3, 1), (128, 3, 1), (128, 3, 1)]
    model = YOLO.small(classes, convolutions=convolutions, grid=SIZE // 8)
    model.build((None, SIZE, SIZE, 3))
    model.compile(keras.optimizers.Adam(beta_2=0.99))
    clock = stopwatch(seconds, 4e-3)
    model.fit(stream(train, "labels"), steps_per_epoch=10**6, callbacks=[clock], verbose=0)

    def find(images):
        found = model.decode(model.predict(images, verbose=0)["cells"], score_threshold=0.01)
        return [np.asarray(found[name]) for name in ("boxes", "scores", "labels")]

    return find, clock, model


def keras_cvs(train, classes, seconds):
    """Train keras-cv's; as `ours`."""
    import keras
    import keras_cv
    import numpy as np

    backbone = keras_cv.models.YOLOV8Backbone(
        stackwise_channels=[16, 32, 64, 128], stackwise_depth=[1, 1, 1, 1], include_rescaling=False,
        activation="swish", input_shape=(SIZE, SIZE, 3),
    )  # fmt: skip
    model = keras_cv.models.YOLOV8Detector(
        backbone=backbone, num_classes=classes, bounding_box_format="xyxy", fpn_depth=1,
        prediction_decoder=keras_cv.layers.MultiClassNonMaxSuppression(
            "xyxy", from_logits=False, iou_threshold=0.5, confidence_threshold=0.01, max_detections=50,
        ),
    )  # fmt: skip
    model.compile(
        optimizer=keras.optimizers.Adam(beta_2=0.99, global_clipnorm=10.0), box_loss="ciou",
        classification_loss="binary_crossentropy", jit_compile=False,
    )  # fmt: skip
    clock = stopwatch(seconds, 4e-3)
    model.fit(stream(train, "classes"), steps_per_epoch=10**6, callbacks=[clock], verbose=0)

    def find(images):
        found = model.predict(images, verbose=0)
        return [np.asarray(found[name]) for name in ("boxes", "confidence", "classes")]

    return find, clock, model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=40, help="of training, each")
    parser.add_argument("--scenes", type=int, default=24000, help="drawn to train on")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    import keras
    import numpy as np

    from keras_cv_course import data
    from keras_cv_course.boxes.average_precision import mean_average_precision
    from keras_cv_course.data.scenes.scenes import CLASSES, scenes

    train = scenes(options.scenes, SIZE, seed=10_000 + options.seed)
    _, _, test = data.load("shapes", size=SIZE)
    print(f"{options.scenes} scenes of {SIZE} x {SIZE} pixels, {options.seconds:g} seconds of training each")
    print(f"{'':<10}{'mAP50':>8}{'seconds':>9}{'images':>10}{'parameters':>12}")
    kept = {}
    for name, train_one in (("ours", ours), ("keras-cv", keras_cvs)):
        keras.utils.set_random_seed(options.seed)
        find, clock, model = train_one(train, len(CLASSES), options.seconds)
        boxes, scores, labels = find(test.images)
        truth = test.boxes, test.box_classes
        map50 = mean_average_precision((boxes, scores, labels.astype(int)), truth, len(CLASSES))["mean"]
        parameters = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
        kept[name] = dict(map50=map50, seconds=clock.spent, images=clock.images, parameters=parameters)
        print(f"{name:<10}{map50:>8.3f}{clock.spent:>9.1f}{clock.images:>10,}{parameters:>12,}", flush=True)
    keep(__file__, kept)


if __name__ == "__main__":
    main()
