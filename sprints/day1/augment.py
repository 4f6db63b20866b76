"""Augmentation: what may happen to a picture without changing what it shows makes many pictures of few."""

from functools import partial

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.augment.affine import random_affine, random_rotation
from keras_cv_course.augment.augmentation import to_soft_labels
from keras_cv_course.augment.brightness import random_brightness
from keras_cv_course.augment.crop import random_crop
from keras_cv_course.augment.cutmix import random_cutmix
from keras_cv_course.augment.cutout import random_cutout
from keras_cv_course.augment.flip import random_flip
from keras_cv_course.augment.mixup import random_mixup
from keras_cv_course.augment.randaugment import random_augment, search
from keras_cv_course.augment.scatter import scattered
from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.accuracy import accuracy
from keras_cv_course.metrics.pixels_outside import pixels_outside
from keras_cv_course.training.restart import Restart
from keras_cv_course.training.schedules import warmup_cosine
from sprints.day1.figures.augment import augmented_scenes, gain_dots, knob_grid


@lesson(
    quick=dict(repeats=2, steps=20, operations=(1,), magnitudes=(2, 5)),
    full=dict(
        dataset="cifar10",
        room=0,
        images_per_class=100,
        filters=(64, 128, 256),
        learning_rate=4e-3,
        steps=3000,
        repeats=5,
    ),
    batch_size=32,
    targets={
        "digits": dict(
            label_share_error=at_most(1e-6),
            pixels_outside_boxes=at_most(0),
            gain=at_least(0.02),
            smallest_gain=at_least(0),
        ),
    },
)
def augment(
    run,
    dataset: str = "digits",
    images_per_class: int = 10,
    size: int | None = None,
    room: int = 2,
    filters: tuple[int, ...] = (16, 32),
    operations: tuple[int, ...] = (1, 2),
    magnitudes: tuple[float, ...] = (2, 5),
    repeats: int = 3,
    steps: int = 200,
    learning_rate: float = 1.5e-2,
):
    """See what ten augmentations do to image, mask, boxes and label, then what each is worth.

    Args:
        dataset: digits is built in; mnist, fashion_mnist and cifar10 are downloaded once.
        images_per_class: size of the small training set.
        size: images are brought to size x size; none leaves them as they are.
        room: images become larger by so many pixels, and each lies somewhere else in its own; 0 leaves them.
        filters: feature maps of the classifier's stages.
        operations: numbers of RandAugment's operations that the search tries.
        magnitudes: strengths that it tries with each of them, 0 to 10.
        repeats: trainings of each way, two or more, each with other images and other first weights.
        steps: training steps of each.
        learning_rate: the highest one; it warms up to it and then falls to zero.
    """
    if repeats < 2:
        raise InputError(f"a spread needs two trainings of each way or more, got repeats={repeats}")
    # %% One draw an image, for all that is known of it: pixels, mask, boxes and label.
    scene_data = data.load("shapes:several", limit=64)
    several, scene_classes = scene_data.train, scene_data.info.classes
    known = dict(
        images=several.images, labels=to_soft_labels(several.labels, len(scene_classes)),
        masks=to_soft_labels(several.masks.ravel(), 1 + len(scene_classes)).reshape(*several.masks.shape, -1),
        boxes=several.boxes, box_classes=several.box_classes,
    )  # fmt: skip
    moves = {
        "flip": partial(random_flip, probability=1.0),
        "crop": partial(random_crop, padding=12),
        "rotation": partial(random_rotation, degrees=30),
        "affine": partial(random_affine, degrees=20, scale=(0.8, 1.2), shear=0.2),
    }
    hides_and_mixes = {
        "brightness": partial(random_brightness, strength=0.6),
        "cutout": partial(random_cutout, size=24),
        "mixup": partial(random_mixup, alpha=1.0),
        "cutmix": random_cutmix,
        "randaugment": random_augment,
    }
    # A draw in which a lot happens to the first image, the one that is shown.
    made = {name: way(known, np.random.default_rng(4)) for name, way in (moves | hides_and_mixes).items()}
    title = "What happens to the image happens to its mask, its boxes and its label"
    run.figure("follow", augmented_scenes({"before": known, **made}, scene_classes, title), alt=title)

    # %% Two laws. No pixel of an object leaves its box; a mixed label counts what can be seen of each image.
    numbered = dict(images=several.images, masks=several.instances, boxes=several.boxes)
    moved = [way(numbered, np.random.default_rng(run.seed)) for way in moves.values()]
    outside = sum(pixels_outside(batch["boxes"], batch["masks"]) for batch in moved)
    # Images whose every pixel is their own label: the mean pixel of a mixed one is what its label must be.
    count, side = 64, 31
    labels = np.eye(count)
    plain = dict(images=np.tile(labels[:, None, None], (1, side, side, 1)), labels=labels)

    def share_error(batch):
        return np.abs(np.mean(batch["images"], axis=(1, 2), dtype="float64") - batch["labels"]).max()

    mixing = [way(plain, np.random.default_rng(run.seed)) for way in (random_mixup, random_cutmix)]
    run.metrics(pixels_outside_boxes=outside, label_share_error=max(map(share_error, mixing)))
    for layer in (keras.layers.MixUp(1.0, seed=run.seed), keras.layers.CutMix(seed=run.seed)):
        run.baseline(
            "label_share_error",
            f"keras.layers.{type(layer).__name__}",
            share_error(layer(plain, training=True)),
        )

    # %% A small training set, and one network that is put back to its start for every training.
    loaded = data.load(dataset, file=run.file, size=size)
    classes = loaded.info.classes
    train, validation, test = (scattered(part, room, seed) for seed, part in enumerate(loaded))
    draws, few, starts = np.random.default_rng(run.seed), [], []
    for _ in range(repeats):
        order = draws.permutation(len(train))
        of_each = [order[train.labels[order] == label][:images_per_class] for label in range(len(classes))]
        few.append(train[np.concatenate(of_each)])
        model = ConvolutionalClassifier(filters, classes=len(classes))
        model.build((None, *train.images.shape[1:]))
        starts.append(model.get_weights())
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.Adam(warmup_cosine(learning_rate, steps))
    model.compile(optimizer, loss, **run.compile_options)
    restart = Restart(model)

    def trained(way, name, repeat):
        restart(starts[repeat])
        # As many as all the steps want: the few come again and again, drawn anew each time.
        some = few[repeat][np.resize(np.arange(len(few[repeat])), steps * run.batch_size)]
        known = dict(images=some.images, labels=to_soft_labels(some.labels, len(classes)))
        many = way(known, np.random.default_rng((run.seed, repeat)))
        batches = run.batches(many["images"], many["labels"])
        model.fit(batches, callbacks=run.callbacks(f"{name}_{repeat}"), verbose=0)
        return [accuracy(part.labels, model.predict_on_batch(part.images)) for part in (validation, test)]

    # %% RandAugment has two knobs, so trying them all is the whole search, on the validation part.
    def score(count, magnitude):
        way = partial(random_augment, operations=count, magnitude=magnitude)
        return trained(way, f"search_{count}_{magnitude:g}", 0)[0]

    (count, magnitude), scores = search(score, operations, magnitudes)
    operation = "operation" if count == 1 else "operations"
    title = f"RandAugment: {count} {operation} at magnitude {magnitude:g}: best for the validation images"
    run.figure("search", knob_grid(scores, title), alt=title)

    # %% What is each worth? The same images and first weights with it and without it.
    ways = {
        "none": lambda batch, rng: batch,
        "brightness": partial(random_brightness, strength=0.3),
        "flip": random_flip,
        "crop": partial(random_crop, padding=1),
        "rotation": random_rotation,
        "affine": partial(random_affine, degrees=10, scale=(0.9, 1.1), shear=0.1, shift=0.1),
        "cutout": partial(random_cutout, size=train.images.shape[1] // 3),
        "mixup": random_mixup,
        "cutmix": random_cutmix,
        "randaugment": partial(random_augment, operations=count, magnitude=magnitude),
    }
    reached = {}
    for name, way in ways.items():
        reached[name] = np.array([trained(way, name, repeat) for repeat in range(repeats)])
        print(f"{name:<12} test accuracy {reached[name][:, 1].mean():.3f}")
    gains = {name: pair[:, 1] - reached["none"][:, 1] for name, pair in reached.items() if name != "none"}
    best = max(gains, key=lambda name: reached[name][:, 0].mean())  # by the validation part
    run.metrics(
        without=reached["none"][:, 1].mean(),
        best=reached[best][:, 1].mean(),
        gain=gains[best].mean(),
        smallest_gain=gains[best].min(),
        spread=gains[best].std(ddof=1),
        validation_gain=(reached[best] - reached["none"])[:, 0].mean(),
    )
    title = (
        f"{images_per_class} images a class: {best} is worth {gains[best].mean():+.1%}; not everything helps"
    )
    run.figure("gains", gain_dots(gains, title, "test accuracy gained"), alt=title)
    run.save(
        model,
        signature=(None, *train.images.shape[1:]),
        note=f"In: images in [0, 1]. Out: logits of the classes {', '.join(classes)}.",
    )


if __name__ == "__main__":
    augment.main()
