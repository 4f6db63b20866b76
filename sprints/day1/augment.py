"""Augmentation: transforms that keep an image's meaning turn a small training set into a large one.

You will be able to:

- transform an image together with its mask, its boxes and its label;
- mix two images, and write down the label of the mixture;
- measure what an augmentation is worth on few images, with its spread, and say which one suits which data.

Before: `day1.cnn`.

P. Simard, D. Steinkraus, J. Platt, "Best Practices for Convolutional Neural Networks Applied to Visual Document
Analysis", ICDAR 2003, section 2. T. DeVries, G. Taylor, "Improved Regularization of Convolutional Neural Networks
with Cutout", arXiv:1708.04552, section 3. H. Zhang, M. Cisse, Y. Dauphin, D. Lopez-Paz, "mixup: Beyond Empirical
Risk Minimization", ICLR 2018, section 2. S. Yun, D. Han, S. Oh, S. Chun, J. Choe, Y. Yoo, "CutMix: Regularization
Strategy to Train Strong Classifiers with Localizable Features", ICCV 2019, section 3.1. E. Cubuk, B. Zoph, J. Shlens,
Q. Le, "RandAugment: Practical automated data augmentation with a reduced search space", NeurIPS 2020, section 3.
"""

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
from keras_cv_course.baselines.semi_supervised import svm_on_copies
from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.accuracy import accuracy
from keras_cv_course.metrics.mixed_labels import label_share_error, one_class_images
from keras_cv_course.metrics.pixels_outside import pixels_outside
from keras_cv_course.training.restart import Restart
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day1.figures.augment import augmented_scenes, gain_dots, knob_grid, with_soft_masks

# Strong ones, to be seen on scenes; digits get gentler ones below.
MOVES = {
    "flip": partial(random_flip, probability=1.0),
    "crop": partial(random_crop, padding=12),
    "rotation": partial(random_rotation, degrees=30),
    "affine": partial(random_affine, degrees=20, scale=(0.8, 1.2), shear=0.2),
}
OTHERS = {
    "brightness": partial(random_brightness, strength=0.6),
    "cutout": partial(random_cutout, size=24),
    "mixup": partial(random_mixup, alpha=1.0),
    "cutmix": random_cutmix,
    "randaugment": random_augment,
}


@lesson(
    quick=dict(repeats=2, steps=20, operations=(1,), magnitudes=(2, 5)),
    full=dict(
        dataset="cifar10",
        padding=0,
        images_per_class=100,
        filters=(64, 128, 256),
        learning_rate=4e-3,
        steps=3000,
        repeats=5,
    ),
    batch_size=32,
    targets={
        "digits": dict(
            gain=at_least(0.09),
            label_share_error=at_most(1e-6),
            pixels_outside_boxes=at_most(0),
        ),
    },
)
def augment(
    run,
    dataset: str = "digits",
    images_per_class: int = 10,
    size: int | None = None,
    padding: int = 2,
    filters: tuple[int, ...] = (16, 32),
    operations: tuple[int, ...] = (1, 2, 3),
    magnitudes: tuple[float, ...] = (2, 5, 8),
    repeats: int = 5,
    steps: int = 300,
    learning_rate: float = 1e-2,
):
    """Apply nine augmentations to image, mask, boxes and label, then measure what each adds to the accuracy.

    Args:
        dataset: digits is built in; mnist, fashion_mnist and cifar10 are downloaded once.
        images_per_class: size of the small training sets.
        size: images are brought to size x size; none leaves them as they are.
        padding: pixels by which the canvas is larger than the image, which lies anywhere in it; 0 for none.
        filters: feature maps of the classifier's stages.
        operations: numbers of RandAugment's operations that the search tries.
        magnitudes: strengths that it tries with each of them; in [0, 10].
        repeats: trainings with each augmentation, two or more, on other images and from other first weights.
        steps: training steps of each.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.

    Metrics:
        pixels_outside_boxes: pixels of objects that lie outside their own box after an augmentation.
        label_share_error: largest difference between a mixed label and what the mixed image shows of the class.
        accuracy: of the saved model on the test images: the training with the best augmentation that is the most
            accurate on the validation images.
        mean_accuracy: test accuracy with the best augmentation, mean over the repeats; validation chooses it.
        mean_accuracy_without: the same without augmentation.
        gain: mean_accuracy minus mean_accuracy_without.
        min_gain: the smallest gain of one repeat.
        gain_error: standard error of gain.
        worst_gain: mean gain of the augmentation that helps least.
        gain_over_baselines: mean_accuracy minus that of the best classifier without a network.
    """
    if repeats < 2:
        raise InputError(f"a spread needs two trainings of each way or more, got repeats={repeats}")
    # %% One draw an image, for all that is known about it
    # An augmentation is a random transform $t$ that keeps the meaning: the network learns from $(t(x), y)$ in place of
    # $(x, y)$, with another $t$ at every visit of the image. Whatever happens to the pixels has to happen to all that
    # is known about them. A batch here holds images (64, 64, 64, 3), masks (64, 64, 64, 11) and labels (64, 10) as
    # probabilities of the classes, and boxes (64, 5, 4). Each image draws its random numbers once, and all fields use
    # the same ones. Look at three things in the figure: the flip moves the boxes too; a rotated box, which has to stay
    # upright, becomes larger than its object; MixUp and CutMix bring the boxes of two images together.
    scenes = data.load("shapes:several", limit=64)
    several, scene_classes = scenes.train, scenes.info.classes
    before = with_soft_masks(several, len(scene_classes))
    # A draw in which a lot happens to the first image, the one that is shown.
    after = {name: change(before, np.random.default_rng(4)) for name, change in (MOVES | OTHERS).items()}
    title = "One scene after each augmentation: image and boxes, mask, label"
    figure = augmented_scenes({"before": before, **after}, scene_classes, title)
    alt = "Ten columns: a scene of shapes before and after nine augmentations, its mask and its label below."
    run.figure("scene", figure, alt=alt)

    # %% Two laws
    # First: no pixel of an object leaves its box, whatever moves. Second: a mixed label says how much of each image is
    # in the mixture. For two images $i, j$ with one-hot labels $y_i, y_j$, MixUp draws
    # $\lambda \sim \mathrm{Beta}(\alpha, \alpha)$ and returns $x = \lambda x_i + (1 - \lambda) x_j$ with the label
    # $y = \lambda y_i + (1 - \lambda) y_j$. CutMix pastes a rectangle of $x_j$ into $x_i$; its sides are
    # $\sqrt{1 - \lambda}$ times those of the image. It is rounded to pixels and cut off at the edge, so the label
    # counts pixels: $y = s\,y_i + (1 - s)\,y_j$, where $s$ is the share of the pixels that $x_i$ keeps. The test uses
    # images whose every pixel is their own one-hot label: their mean pixel after mixing must be the mixed label.
    # Compare Keras' own two layers in the closing table.
    numbered = dict(images=several.images, masks=several.instances, boxes=several.boxes)
    moved = [change(numbered, np.random.default_rng(run.seed)) for change in MOVES.values()]
    plain = one_class_images(count=64, side=31)
    mixed = [change(plain, np.random.default_rng(run.seed)) for change in (random_mixup, random_cutmix)]
    run.metrics(
        pixels_outside_boxes=sum(pixels_outside(batch["boxes"], batch["masks"]) for batch in moved),
        label_share_error=max(map(label_share_error, mixed)),
    )
    for layer in (keras.layers.MixUp(1.0, seed=run.seed), keras.layers.CutMix(seed=run.seed)):
        mixed = keras.tree.map_structure(keras.ops.convert_to_numpy, layer(plain, training=True))
        error = label_share_error(mixed)
        run.baseline("label_share_error", f"keras.layers.{type(layer).__name__}", error)

    # %% Small training sets
    # Ten digits a class, 8×8 pixels, each somewhere on a 10×10 canvas, so that no pixel means the same in two images.
    # The network is the LeNet-style classifier of `day1.cnn`, without dropout: 10×10×1 → 5×5×16 → 2×2×32, then 128 → 64
    # → 10 logits. Which hundred digits you draw is a matter of luck. So each comparison is made several times, with
    # other images and other first weights, and within a repeat all augmentations share them. Every training has the
    # same number of steps: without augmentation it sees the same hundred images again and again, with it hardly any
    # image twice in the same form.
    loaded = data.load(dataset, file=run.file, size=size)
    classes = loaded.classes
    train, validation, test = (scattered(part, padding, seed) for seed, part in enumerate(loaded))
    few, starts, weights = [], [], {}
    for _ in range(repeats):
        order = run.rng.permutation(len(train))
        of_each = [order[train.labels[order] == label][:images_per_class] for label in range(len(classes))]
        few.append(train[np.concatenate(of_each)])
        model = ConvolutionalClassifier(filters, units=(64,), dropout=0.0, classes=len(classes))
        model.build((None, *train.images.shape[1:]))
        starts.append(model.get_weights())
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(adam_with_warmup(learning_rate, steps), loss, **run.compile_options)
    restart = Restart(model)
    run.show(model)

    def trained(change, name, repeat):
        """Validation and test accuracy after a training on the images of one repeat, changed at every visit."""
        restart(starts[repeat])
        visits = few[repeat][np.resize(np.arange(len(few[repeat])), steps * run.batch_size)]
        batch = dict(images=visits.images, labels=to_soft_labels(visits.labels, len(classes)))
        batch = change(batch, np.random.default_rng((run.seed, repeat)))
        batches = run.batches(batch["images"], batch["labels"])
        model.fit(batches, callbacks=run.callbacks(f"{name}_{repeat}"), verbose=0)
        weights[name, repeat] = model.get_weights()
        return [accuracy(part.labels, model.predict_on_batch(part.images)) for part in (validation, test)]

    # %% RandAugment's two parameters
    # Which operations suit the data, and how strong may they be? RandAugment draws $N$ of fourteen operations for each
    # image (rotate, shear, solarize ...) and applies all of them at one magnitude $M$ from 0 to 10. Two numbers are few
    # enough to try all pairs, which AutoAugment's $10^{32}$ policies are not (table 1 of the paper). The score is
    # accuracy on the validation images, the mean of two repeats. Do not read too much into a cell: with 180 validation
    # images, one accuracy near 0.8 has a standard error of $\sqrt{0.8 \cdot 0.2 / 180} = 0.03$.
    def score(count, magnitude):
        change = partial(random_augment, operations=count, magnitude=magnitude)
        return np.mean([trained(change, f"search_{count}_{magnitude:g}", repeat)[0] for repeat in (0, 1)])

    (count, magnitude), scores = search(score, operations, magnitudes)
    figure = knob_grid(scores, "Validation accuracy of RandAugment (framed: the highest)")
    alt = "A grid: validation accuracy for each number of operations and each magnitude, the highest framed."
    run.figure("search", figure, alt=alt)

    # %% What is each one worth?
    # The gain of an augmentation is the test accuracy with it minus that without it, repeat by repeat. A dot is a
    # repeat, the bar their mean, the line two standard errors to either side, $2\,\mathrm{sd} / \sqrt{n}$. Where that
    # line crosses zero, the trainings have not shown whether the augmentation helps. Before you look: which of the
    # nine would you expect to harm, on digits? Each of them states an assumption about the data. Flip says that a
    # mirror image means the same, brightness that light varies, crop and affine that place and slant do.
    changes = {
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
    reached = {}  # (repeats, 2): validation and test accuracy
    for number, (name, change) in enumerate(changes.items(), 1):
        reached[name] = np.array([trained(change, name, repeat) for repeat in range(repeats)])
        print(f"{number:>2} of {len(changes)}: {name:<12} test accuracy {reached[name][:, 1].mean():.3f}")
    gains = {name: both[:, 1] - reached["none"][:, 1] for name, both in reached.items() if name != "none"}
    figure = gain_dots(gains, f"Gain over no augmentation, {repeats} trainings each", "test accuracy gained")
    alt = "One row an augmentation, sorted by mean gain: a dot a training, the mean, and two standard errors."
    run.figure("gains", figure, alt=alt)

    # %% Does it take a network?
    # A support vector machine (SVM) with an RBF kernel learns from the same images, its width and its principal
    # components chosen on the validation images; then again from twenty affine or cropped copies of every image.
    # Augmentation suits any classifier: B. Schölkopf, C. Burges, V. Vapnik, "Incorporating Invariances in Support
    # Vector Learning Machines", ICANN 1996. The network is compared with its augmentation of the highest mean
    # validation accuracy; the test images choose nothing. The saved model is one of these trainings, and `accuracy`
    # is its own.
    best = max(gains, key=lambda name: reached[name][:, 0].mean())
    others = {}
    for change, copies in (("none", 1), ("affine", 20), ("crop", 20)):
        name = "SVM" if copies == 1 else f"SVM on {copies} copies, {change}"
        methods = [svm_on_copies(part, validation, changes[change], run.rng, copies) for part in few]
        others[name] = np.mean([accuracy(test.labels, predict(test.images)) for predict in methods])
        run.baseline("mean_accuracy", name, others[name])
    saved = int(reached[best][:, 0].argmax())
    model.set_weights(weights[best, saved])
    run.metrics(
        accuracy=reached[best][saved, 1],
        mean_accuracy=reached[best][:, 1].mean(),
        mean_accuracy_without=reached["none"][:, 1].mean(),
        gain=gains[best].mean(),
        min_gain=gains[best].min(),
        gain_error=gains[best].std(ddof=1) / repeats**0.5,
        worst_gain=min(values.mean() for values in gains.values()),
        gain_over_baselines=reached[best][:, 1].mean() - max(others.values()),
    )

    # %% Try it
    # The first two were measured with `--repeats 2 --operations 1 --magnitudes 5`, a third of the trainings.
    #
    # 1. `--images-per-class 40`: four times as many digits. Without augmentation the network reaches 0.908, with crops
    #    0.960, with mirror images 0.847. More images leave less to gain. A support vector machine on twenty affine
    #    copies of each image is level with the network (0.956).
    # 2. `--padding 0`: digits that all stand in the same place. 0.915 without augmentation; affine is the best with
    #    0.940, crop adds a point, flip costs four. Where nothing moves in the data, moving the images is worth less.
    # 3. `--preset full` takes CIFAR-10, 100 images a class, 32×32×3, and 3,000 steps. It is none of the papers'
    #    settings, which train on all 50,000 images, and no number is promised for it.
    run.save(
        model,
        signature=(None, *train.images.shape[1:]),
        note=f"In: images in [0, 1]. Out: logits of the classes {', '.join(classes)}.",
    )


if __name__ == "__main__":
    augment.main()
