"""Architectures: seven networks, their ideas and their cost, and what the shortcuts of one of them are for.

You will be able to:

- name the idea of AlexNet, VGG, GoogLeNet, ResNet, DenseNet, SE-ResNet and EfficientNet;
- compare networks on equal terms: the same images, parameters, seconds;
- explain the degradation problem, and test whether vanishing gradients are its cause.

Before: `day1.convolution`, `day1.cnn`.

A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012.
K. Simonyan, A. Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015, table 1.
C. Szegedy et al., "Going Deeper with Convolutions", CVPR 2015, table 1 and section 5. K. He, X. Zhang, S. Ren,
J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, sections 1, 3.1 and 4.1. G. Huang, Z. Liu, L. van
der Maaten, K. Weinberger, "Densely Connected Convolutional Networks", CVPR 2017, equation 2. J. Hu, L. Shen, G. Sun,
"Squeeze-and-Excitation Networks", CVPR 2018, section 3. M. Tan, Q. Le, "EfficientNet", ICML 2019, section 3.
"""

from typing import Literal

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.baselines.classifiers import tuned_classifiers
from keras_cv_course.classify.resnet import ResNet
from keras_cv_course.classify.seven_networks import PUBLISHED, small_networks
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.accuracy import accuracy
from keras_cv_course.metrics.gradient_norms import gradient_norms
from keras_cv_course.metrics.parameter_count import parameter_count
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.text_table import text_table
from keras_cv_course.training.epoch_timer import EpochTimer
from keras_cv_course.training.schedules import adam_with_warmup, warmup_cosine
from sprints.day1.figures.architectures import cost_chart, depth_profiles

ADAM = ("AlexNet", "GoogLeNet")  # on the validation images they do better with Adam, the others with SGD


@lesson(
    quick=dict(limit=80, epochs=1, depth=8),
    full=dict(dataset="cifar10", limit=None, depth=56, shallow=20, stem="3x3", epochs=60, batch_size=128),
    batch_size=40,
    limit=1000,
    targets={
        "shapes:silhouettes": dict(
            shortcut_gain=at_least(0.1),
            gain_over_best=at_least(0.05),
            degradation=at_least(0.2),
            loss_ratio=at_least(1.5),
            gradient_ratio=at_least(0.2),
            count_mismatches=at_most(0),
        ),
        "cifar10": dict(count_mismatches=at_most(0)),
    },
)
def architectures(
    run,
    dataset: str = "shapes:silhouettes",
    size: int = 32,
    depth: int = 20,
    shallow: int = 8,
    stem: Literal["7x7", "3x3"] = "7x7",
    epochs: int = 5,
    sgd_rate: float = 0.1,
    adam_rate: float = 0.01,
):
    """Count seven networks, train a small one of each on equal terms, and take the shortcuts out of one.

    Args:
        dataset: silhouettes are built in; cifar10 is downloaded once.
        size: images are brought to size x size pixels.
        depth: layers of the ResNet and of the plain network without its shortcuts, 6n + 2.
        shallow: layers of a second plain network, 6n + 2.
        stem: first convolution of ResNet, DenseNet and SE-ResNet: 7x7 with stride 2 and pooling, or 3x3.
        epochs: passes over the training images, the same for every network.
        sgd_rate: the highest learning rate of SGD; it warms up to it and then falls to zero; above 0.
        adam_rate: the same of Adam, for AlexNet and GoogLeNet; above 0.

    Metrics:
        count_mismatches: published networks whose number of parameters differs from ours.
        accuracy_alexnet: share of the test images that a network classifies correctly.
        accuracy_vgg: the same of another network, and so on.
        accuracy_googlenet: see above.
        accuracy_resnet: see above.
        accuracy_densenet: see above.
        accuracy_se_resnet: see above.
        accuracy_efficientnet: see above.
        gain_over_best: accuracy of the ResNet minus that of the best classifier without a network.
        shortcut_gain: accuracy of the ResNet minus that of the plain network of the same depth.
        degradation: training loss of the deep plain network minus that of the shallow one.
        loss_ratio: training loss of the plain network over that of the ResNet of the same depth.
        gradient_ratio: smallest gradient norm of a layer, trained plain network over trained ResNet.
    """
    # %% Seven ideas
    # AlexNet (2012) made convolutional networks deep and wide, with ReLU and dropout. VGG uses 3×3 kernels only: two in
    # a row see 5×5 pixels with 18 weights per pair of channels in place of 25. GoogLeNet computes 1×1, 3×3 and 5×5
    # kernels in parallel, after 1×1 convolutions that reduce the channels; auxiliary heads half-way up add their
    # losses, $L = L_{main} + 0.3\,(L_1 + L_2)$. ResNet adds the input of each block to its output, $y = x + F(x)$.
    # DenseNet concatenates, $x_l = [x_{l-1}, H(x_{l-1})]$. SE-ResNet scales each channel by a gate that is computed
    # from the means of all channels. EfficientNet has depthwise kernels, $k^2$ weights a channel in place of $k^2 C$,
    # and scales depth, width and resolution together.
    #
    # The table counts the trainable parameters of the published ImageNet networks. VGG's 138 million are dense layers
    # for the most part: 7·7·512·4096 = 103 million in the first one. All later networks pool globally instead.
    large = (None, 224, 224, 3)
    counted = {name: parameter_count(make, large) for name, _, _, make, _ in PUBLISHED}
    run.metrics(count_mismatches=sum(counted[name] != count for name, *_, count in PUBLISHED))
    rows = [[name, str(year), idea, counted[name], count] for name, year, idea, _, count in PUBLISHED]
    columns = ["network", "year", "idea", "parameters here", "published"]
    figure = text_table(columns, rows, "Seven networks for ImageNet, 1,000 classes")
    run.figure("counts", figure, alt="Table of seven networks: year, idea, parameters here and published.")

    # %% A small one of each, and two plain ones
    # All learn from the same 1,000 silhouettes of ten shapes, 32×32×1, in as many passes. The networks have 25,000 to
    # 270,000 parameters. ResNet-20 has a stem, 9 blocks of two 3×3 convolutions with 16, 32 and 64 channels, and a
    # dense layer. "plain-20" is the same without the additions, $y = F(x)$: the same layers, the same number of
    # weights. "plain-8" has 3 such blocks. All three have batch normalisation after every convolution. Each starts from
    # random weights of its own.
    train, validation, test = parts = data.load(dataset, file=run.file, limit=run.limit, size=size)
    classes, deep, flat = len(parts.classes), f"plain-{depth}", f"plain-{shallow}"
    seven = small_networks(depth, stem, classes)
    plain = {
        f"plain-{layers}": ResNet.cifar(layers, classes, stem=stem, shortcut="none")
        for layers in (depth, shallow)
    }
    networks, reached, losses, seconds = seven | plain, {}, {}, {}
    for name, network in networks.items():
        network.build((None, *train.images.shape[1:]))
        batches = run.batches(train.images, train.labels)
        if name in ADAM:
            optimizer = adam_with_warmup(adam_rate, epochs * len(batches))
        else:
            # VGG has a hidden dense layer without normalisation, which needs smaller steps.
            peak = 0.3 * sgd_rate if name == "VGG" else sgd_rate
            rate = warmup_cosine(peak, epochs * len(batches))
            optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)
        network.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        timer = EpochTimer()
        network.fit(batches, epochs=epochs, callbacks=[*run.callbacks(name, of=len(networks)), timer])
        # The first epoch includes compilation, the fastest one does not.
        seconds[name] = min(timer.seconds, default=np.nan)
        losses[name] = run.history(name)["loss"]
        logits = [keras.ops.convert_to_numpy(network(some)) for some in np.array_split(test.images, 4)]
        reached[name] = accuracy(test.labels, np.concatenate(logits))

    # %% What does accuracy cost?
    # Each point is one network: its test accuracy against its parameters and against the seconds of one epoch. The
    # dotted line is the best of four classifiers without a network, tuned on the validation images: logistic
    # regression, nearest neighbours, and a support vector machine (SVM) on pixels or on histograms of oriented
    # gradients (HOG). A few hundred steps are little for networks that were made for millions of images, and none of
    # them got more: read the chart as a comparison under this budget.
    names = ("logistic regression", "nearest neighbours", "SVM", "HOG + SVM")
    methods = tuned_classifiers(train, validation, names)
    simple = {name: accuracy(test.labels, predict(test.images)) for name, predict in methods.items()}
    best = max(simple, key=simple.get)
    for name, value in {**simple, deep: reached[deep], flat: reached[flat]}.items():
        run.baseline("accuracy_resnet", name, value)
    run.metrics(**{f"accuracy_{name.lower().replace('-', '_')}": reached[name] for name in seven})
    run.metrics(
        gain_over_best=reached["ResNet"] - simple[best], shortcut_gain=reached["ResNet"] - reached[deep]
    )
    costs = {
        "parameters (thousands)": {name: network.count_params() / 1000 for name, network in seven.items()},
        "seconds an epoch": {name: seconds[name] for name in seven},
    }
    title = f"Test accuracy after {epochs} epochs on {len(train):,} images"
    figure = cost_chart(
        {name: reached[name] for name in seven}, costs, title, line=(simple[best], best.split(",")[0])
    )
    alt = "Test accuracy against parameters, and against seconds an epoch: one point for each of seven networks."
    run.figure("costs", figure, alt=alt)

    # %% The degradation problem
    # A deeper network can represent all that a shallower one can: its added layers need only copy their input. So its
    # *training* loss should not be higher. He et al. (section 1, figure 1) found that it is, for plain networks. That
    # is no overfitting: the loss is that of the training images. Compare plain-8, plain-20 and ResNet-20 in the figure.
    # A residual block copies its input when $F(x) = 0$; He et al. (section 3.1) expect that to be easier to reach by
    # gradient descent than the identity through two convolutions and a ReLU. The metric `degradation` is plain-20's
    # loss minus plain-8's. Look at the test accuracies in the closing table, too: does depth itself pay on so few
    # images?
    lines = {f"ResNet-{depth}": losses["ResNet"], deep: losses[deep], flat: losses[flat]}
    with_shortcuts, without, shallower = (losses[name][-1] for name in ("ResNet", deep, flat))
    run.metrics(degradation=without - shallower, loss_ratio=without / with_shortcuts)
    title = "Training loss with and without shortcuts"
    figure = curves(range(1, epochs + 1), lines, title, "epoch", "training loss")
    run.figure("degradation", figure, alt="Training loss against the epoch for three networks.")

    # %% Do the gradients vanish?
    # The usual suspect is that gradients fade on their way back through twenty layers. Look: each point is the norm
    # $\|\partial L / \partial W_l\|$ of the loss' gradient with respect to the kernels $W_l$ of layer $l$, on a
    # logarithmic axis; vanishing would be a line that falls by orders of magnitude towards the first layer. He et al.
    # checked the same, wrote that with batch normalisation the gradients "exhibit healthy norms" and that vanishing
    # gradients are unlikely to be the cause, and conjectured that plain networks converge exponentially slowly (section
    # 4.1). Their word for the cause is optimisation difficulty: steps along a healthy gradient can still be slow.
    norms, probe = {}, (train.images[: run.batch_size], train.labels[: run.batch_size])
    for name in (deep, "ResNet"):
        fresh = type(networks[name]).from_config(networks[name].get_config())
        fresh.build((None, *train.images.shape[1:]))
        stages = {"before training": fresh, "after training": networks[name]}
        norms[name] = {stage: list(gradient_norms(one, *probe).values()) for stage, one in stages.items()}
    smallest = {name: min(stages["after training"]) for name, stages in norms.items()}
    run.metrics(gradient_ratio=smallest[deep] / smallest["ResNet"])
    panels = {deep: norms[deep], f"ResNet-{depth}": norms["ResNet"]}
    figure = depth_profiles(panels, "Gradient of the loss, layer by layer", "norm of the gradient")
    alt = "Norm of the gradient against the layer, before and after training, in two networks."
    run.figure("gradients", figure, alt=alt)

    # %% Try it
    # 1. Read the closing table again. In our run ResNet-20 reaches 0.739 and plain-20 0.418, but plain-8 0.782, and
    #    DenseNet, with a sixth of ResNet-20's parameters, 0.865. HOG with an SVM is at 0.662, ahead of AlexNet. The
    #    smallest gradient of the trained plain-20 is 0.73 of ResNet-20's: nothing has vanished.
    # 2. `--depth 8`: ResNet-8 reaches 0.783 and plain-8 0.784, with training losses 2 % apart. Eight layers are trained
    #    as well without shortcuts; it takes depth to need them.
    # 3. `--preset full` takes CIFAR-10, ResNet-56 and plain-56 beside plain-20, 60 epochs, and needs a GPU. He et al.
    #    (section 4.2) train for 64,000 steps and augment the images; no number is promised for it.
    run.save(
        networks["ResNet"],
        signature=(None, None, None, train.images.shape[-1]),
        note="In: images in [0, 1] of any size. Out: logits of the classes.",
    )


if __name__ == "__main__":
    architectures.main()
