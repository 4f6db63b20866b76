"""Convolutional network: learned kernels, stage by stage, classify handwritten digits wherever they stand.

You will be able to:

- build a LeNet-style classifier and write down its feature maps and its parameters;
- train it on logits with softmax and cross-entropy;
- compare it with classifiers that need no network, and look at its mistakes, kernels and feature maps.

Before: `day1.convolution`.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document Recognition", Proceedings
of the IEEE 1998, sections II.B and III. S. Ioffe, C. Szegedy, "Batch Normalization", ICML 2015, algorithm 1.
N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout", JMLR 2014.
"""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.augment.augmentation import augmented
from keras_cv_course.augment.crop import random_crop
from keras_cv_course.augment.flip import random_flip
from keras_cv_course.baselines.classifiers import tuned_classifiers
from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.lesson import at_least, lesson
from keras_cv_course.metrics.accuracy import accuracy
from keras_cv_course.metrics.cross_entropy import cross_entropy, softmax
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.mistakes import mistakes
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day1.figures.cnn import feature_maps, kernels_and_maps


@lesson(
    quick=dict(limit=256, epochs=2),
    full=dict(
        dataset="cifar10",
        filters=(128, 256, 512),
        depth=2,
        units=(),
        shift=4,
        flip=True,
        batch_size=128,
        epochs=60,
    ),
    batch_size=64,
    targets={
        "handwriting": dict(accuracy=at_least(0.985), gain_over_best=at_least(0.005)),
        "mnist": dict(accuracy=at_least(0.99)),
        "cifar10": dict(accuracy=at_least(0.94)),
    },
)
def cnn(
    run,
    dataset: str = "handwriting",
    filters: tuple[int, ...] = (16, 32, 64),
    depth: int = 1,
    units: tuple[int, ...] = (64,),
    dropout: float = 0.3,
    shift: int = 0,
    flip: bool = False,
    epochs: int = 6,
    learning_rate: float = 6e-3,
):
    """Train a LeNet-style classifier; look at its mistakes, its kernels and its feature maps.

    Args:
        dataset: handwriting and digits are built in; mnist, fashion_mnist and cifar10 are downloaded once; folder
            is your own.
        filters: feature maps of the convolutions of each stage; each stage halves height and width.
        depth: convolutions in each stage.
        units: units of the hidden dense layers.
        dropout: share of a dense layer's inputs that is set to 0 in training; in [0, 1).
        shift: training images are shifted by up to so many pixels each way, in every epoch anew.
        flip: half of the training images are mirrored left to right; not for digits.
        epochs: passes over the training images.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.

    Metrics:
        accuracy: share of the test images that are classified correctly.
        gain_over_linear: accuracy minus that of logistic regression on the pixels.
        gain_over_best: accuracy minus that of the best classifier without a network.
        cross_entropy: mean of -log p(true class) over the test images, in nats.
        parameters: weights of the network.
    """
    # %% Three parts of the data
    # The network learns from the training part. The validation part, which it does not learn from, is there to choose
    # settings. The test part is used once, at the end. The default images are 1,797 real digits of 13 writers (Alpaydin
    # and Kaynak, UCI 1998), drawn again at random sizes, angles and positions, 28×28×1, values in $[0, 1]$. All views
    # of one digit are in one part: a digit that is tested was never seen, not even turned.
    train, validation, test = loaded = data.load(dataset, file=run.file, limit=run.limit)
    classes = loaded.classes

    # %% The network
    # A stage is a convolution with 3×3 kernels, ReLU, and a max-pooling that halves height and width: 28×28×1 →
    # 28×28×16 → 14×14×16 → 14×14×32 → 7×7×32 → 7×7×64 → 3×3×64. While the maps shrink, their number grows, and a kernel
    # of the third stage covers 18×18 pixels of the image. Two dense layers follow: 576 → 64 → 10 logits. This is
    # LeNet-5's plan of 1998, with smaller kernels, max-pooling and three later parts. ReLU, $\max(0, x)$, replaces
    # tanh. Batch normalisation brings each channel to mean 0 and variance 1 over the batch,
    # $\hat{x} = (x - \mu) / \sqrt{\sigma^2 + \epsilon}$, then scales and shifts it by learned numbers. Dropout sets 30
    # % of the dense layers' inputs to 0 in training.
    #
    # Where are the weights? A convolution has $k^2 C_{in}$ a kernel, whatever the size of the image: 144 + 4,608 +
    # 18,432 in the three stages. The first dense layer alone has 576·64 + 64 = 36,928.
    model = ConvolutionalClassifier(filters, depth, units=units, dropout=dropout, classes=len(classes))
    model.build((None, *train.images.shape[1:]))
    run.show(model)

    # %% Training
    # The logits $z$ become probabilities by softmax, $p_k = e^{z_k} / \sum_j e^{z_j}$, and the loss is the
    # cross-entropy: the mean of $-\log p_y$ for the true class $y$. A guess among ten costs $\log 10 = 2.3$. Both are
    # computed in one step from the logits, which cannot overflow; the model therefore ends without softmax. In the
    # figure, the training curve may run below the validation curve: training accuracy is measured with dropout and
    # averaged over an epoch in which the network still improves.
    batches = run.batches(train.images, train.labels)
    if shift or flip:

        def distorted(batch, rng):
            return random_flip(random_crop(batch, rng, shift), rng, 0.5 if flip else 0)

        batches = augmented(batches, distorted, run.seed, clock=run.clock)
    optimizer = adam_with_warmup(learning_rate, epochs * len(batches))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"], **run.compile_options)
    held_out = (validation.images, validation.labels)
    model.fit(
        batches, validation_data=held_out, validation_batch_size=500, epochs=epochs, callbacks=run.callbacks()
    )
    history = run.history()
    lines = {"validation": history["val_accuracy"], "training": history["accuracy"]}
    figure = curves(range(1, epochs + 1), lines, "Accuracy after each epoch", "epoch", "accuracy")
    run.figure("learning", figure, alt="Training and validation accuracy against the epoch.")

    # %% Does it take a network?
    # Five classifiers learn from the same images, each with the setting that suits the validation part best. Logistic
    # regression is a linear map from the pixels to logits: one weight a pixel and class. Nearest neighbours and random
    # forest compare pixels, too. A support vector machine (SVM) sees the images' principal components, or histograms of
    # oriented gradients (HOG; Dalal and Triggs, CVPR 2005), a standard hand-made feature before 2012. On digits that
    # stand still a pixel means the same in all images, and such methods are hard to beat (see the last step). Here it
    # does not: look at what that costs the linear map.
    methods = tuned_classifiers(train, validation)
    logits = model.predict(test.images, batch_size=500, verbose=0)
    predictions = {name: predict(test.images) for name, predict in methods.items()}
    found = run.compare(accuracy, test.labels, {**predictions, "network": logits}, ours="network")
    others = [value for name, value in found.items() if name != "network"]
    run.metrics(
        gain_over_linear=found["network"] - others[0],
        gain_over_best=found["network"] - max(others),
        cross_entropy=cross_entropy(test.labels, logits),
        parameters=model.count_params(),
    )
    if dataset == "mnist":
        how, published = ("with distortions", 0.992) if shift else ("without distortions", 0.9905)
        run.paper("accuracy", f"LeNet-5, {how} (1998)", published)

    # %% Which images does it get wrong?
    # Above each image: its class, the prediction, and the probability that the network gives to it. Decide for
    # yourself, before you read on, which class you would have said. A high probability is no promise: softmax says how
    # far the logits are apart, and nothing in the loss asks whether 0.99 is right 99 times in 100.
    probabilities = softmax(logits)
    wrong = int(np.sum(logits.argmax(axis=1) != test.labels))
    title = f"The most confident of {wrong} mistakes among {len(test):,} test images"
    figure = mistakes(test.images, test.labels, probabilities, classes, title)
    run.figure("mistakes", figure, alt="Misclassified test images, each with class and prediction.")

    # %% What do the kernels respond to?
    # Red weights add, blue ones subtract. Many first kernels are edge or stroke detectors, though no one asked for
    # them; others look random. Below them are the feature maps of one test image: compare which strokes are bright in
    # which map. With each stage there are more maps of fewer pixels; the last ones hold 3×3 numbers each.
    image = test.images[0]
    title = "Kernels of the first convolution, and feature maps of one test image"
    figure = feature_maps(image, kernels_and_maps(model, image), title)
    run.figure(
        "feature_maps", figure, alt="An image, eight first kernels, then rows of smaller and smaller maps."
    )

    # %% Try it
    # 1. `--dataset digits`: digits of 8×8 pixels that all stand in the same place, and only 1,257 of them to learn
    #    from. The network reaches 0.964 after as many passes, behind the SVM's 0.989 and nearest neighbours' 0.986:
    #    where a pixel means the same in all images and examples are few, comparing pixels is hard to beat.
    # 2. `--filters 16`: one stage. The accuracy falls from 0.991 to 0.932, though the network has 201,626 parameters in
    #    place of 61,210: 16 maps of 14×14 pixels go into the first dense layer, which has a weight for each of them.
    # 3. `--preset full` is for a GPU: CIFAR-10, six convolutions of 128 to 512 maps in three stages, images shifted by
    #    up to 4 pixels and mirrored, 60 epochs. It aims at an accuracy of 0.94, which we have not measured.
    run.save(
        model,
        signature=(None, *train.images.shape[1:]),
        note=f"In: images in [0, 1]. Out: logits of the classes {', '.join(classes)}.",
    )


if __name__ == "__main__":
    cnn.main()
