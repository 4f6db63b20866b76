"""Transfer learning: a backbone that was trained on one task needs only a few images of each class of another.

You will be able to:

- reuse a trained backbone: freeze it, train a new head on its features, then fine-tune its top;
- verify that what is frozen does not move, batch normalisation's statistics included;
- say from how many images on a training from scratch is worth its while.

Before: `day1.cnn`.

J. Yosinski, J. Clune, Y. Bengio, H. Lipson, "How Transferable Are Features in Deep Neural Networks?", NIPS 2014,
sections 2 and 4. J. Donahue et al., "DeCAF", ICML 2014, section 3 (a linear classifier on frozen features).
S. Ioffe, C. Szegedy, "Batch Normalization", ICML 2015, algorithm 2 (moving statistics). N. Dalal, B. Triggs,
"Histograms of Oriented Gradients for Human Detection", CVPR 2005.
"""

import keras
import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from keras_cv_course import data
from keras_cv_course.baselines.classifiers import tuned_classifiers
from keras_cv_course.classify.plain_backbone import plain_backbone
from keras_cv_course.data.part import Part
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.accuracy import accuracy
from keras_cv_course.plot.image_rows import image_rows
from keras_cv_course.plot.spread_curves import spread_curves
from keras_cv_course.training.few_images import few_of_each_class, mirrored, shrunk
from keras_cv_course.training.imagenet_backbone import imagenet_backbone, published
from keras_cv_course.training.restart import Restart
from keras_cv_course.training.schedules import adam_with_warmup
from keras_cv_course.training.transfer import TransferClassifier, cached_features, fine_tuning
from sprints.day1.figures.transfer import feature_planes

LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def network_with_head(backbone, shape, classes):
    """The backbone, the mean over its maps, and a linear layer, all of which train."""
    layers = keras.layers
    pool, logits = layers.GlobalAveragePooling2D(), layers.Dense(classes, dtype="float32")
    return keras.Sequential([layers.Input(shape), backbone, pool, logits])


def trainer(run, model, way, rate, steps, of):
    """The function (part, weights) that trains a compiled model from these weights on a part's images."""
    if way != "fine-tuned":
        model.compile(adam_with_warmup(rate, steps), LOSS, metrics=["accuracy"], **run.compile_options)
    restart = Restart(model)

    def train(inputs, labels, weights):
        restart(weights)
        callbacks = run.callbacks(f"{way}, {len(labels)} images", of=of)
        model.fit(run.batches(inputs, labels, steps=steps), callbacks=callbacks)

    return train


@lesson(
    quick=dict(limit=320, source_steps=10, counts=(5,), steps=5, batch_size=4),
    full=dict(dataset="tfds:tf_flowers", backbone="resnet50", size=224, counts=(5, 20, 80), batch_size=32),
    batch_size=16,
    targets={
        "shapes:target": dict(gain_over_scratch=at_least(0.10), frozen_weights_moved=at_most(0)),
        "folder": dict(accuracy=at_least(0.85), frozen_weights_moved=at_most(0)),
    },
)
def transfer(
    run,
    dataset: str = "shapes:target",
    backbone: str = "shapes",
    width: float = 1.0,
    size: int = 24,
    source_steps: int = 1500,
    counts: tuple[int, ...] = (2, 5, 20, 80),
    shots: int = 5,
    steps: int = 200,
    learning_rate: float = 4e-3,
    tuning_rate: float = 1e-3,
):
    """Learn six shapes from thousands of images, then four other ones from a few, in three ways.

    Args:
        dataset: the new task; shapes:target is built in, folder and tfds:tf_flowers are photographs.
        backbone: shapes is trained here; vgg16, inceptionv3, resnet50, mobilenet and mobilenetv2 come trained on
            ImageNet.
        width: share of the channels of the two MobileNets; above 0.
        size: images are size x size pixels; the networks from ImageNet are used to 224.
        source_steps: training steps of the backbone on the six shapes.
        counts: numbers of images of each new class.
        shots: the number of images of each class at which the ways are compared in the table.
        steps: training steps of fine-tuning; a head gets twice, a training from scratch three times as many.
        learning_rate: the highest rate of the backbone, of a head, and of a training from scratch; above 0.
        tuning_rate: the highest rate of fine-tuning; above 0.

    Metrics:
        accuracy: of the fine-tuned network on the test images, with the largest of the counts.
        fine_tuned: the same with `shots` images of each class.
        features: accuracy of a head on the frozen features, with `shots` images of each class.
        scratch: accuracy of the same network trained from random weights on the same images.
        gain_over_scratch: fine_tuned minus scratch.
        gain_over_best: fine_tuned minus the best method that knows these images only: scratch, or HOG + SVM.
        frozen_weights_moved: numbers below the thawed top that fine-tuning changed, over all trainings.
        thawed_share_moved: share of the numbers of the thawed top that it changed.
    """
    # %% Two tasks
    # The *target task* has few images: two to eighty of each of four shapes, 24×24×3. The *source task* has 5,000
    # images of six other shapes; no class is in both. Colours, patterns and positions are random, so only the
    # outline tells a class, and a few images cannot show that. The hope: what tells discs from squares and stars
    # also helps to tell rings from crescents. Every target image is there twice, as it is and mirrored, for all
    # methods alike. The first $n$ images of each class are part of the first $2n$, so the curves over $n$ below
    # compare amounts of images, not different draws.
    train, validation, test = loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    classes, shape = loaded.classes, train.images.shape[1:]
    parts = {
        count: mirrored(part) for count, part in few_of_each_class(train, counts, shots, run.seed).items()
    }
    few, most = (shots if shots in parts else min(parts)), max(parts)
    of = 3 * len(parts) + (backbone == "shapes")

    # %% The backbone
    # Four stages of a 3×3 convolution, batch normalisation and ReLU, with max-pooling between them:
    # 24×24×3 → 24×24×16 → 12×12×32 → 6×6×64 → 3×3×96. The mean over the 3×3 places leaves 96 features, from which a
    # linear layer computes the logits of the six source classes. That layer is thrown away afterwards; the
    # backbone stays. With `--backbone mobilenetv2` and the like this training was done by others, on the 1.2
    # million photographs of ImageNet.
    if backbone == "shapes":
        network, top = plain_backbone(), "conv3"
        source = data.load("shapes:source", limit=run.limit, size=size)
        model = network_with_head(network, shape, len(source.info.classes))
        run.show(model)
        train_source = trainer(run, model, "source task", learning_rate, source_steps, of)
        train_source(source.train.images, source.train.labels, model.get_weights())
        rows = {"source task": source.train.images, "target task": train.images}
        title = f"Source: {', '.join(source.info.classes)}\nTarget: {', '.join(classes)}"
        alt = "A row of images of the source task above one of the target task: patterned shapes on patterned ground."
        run.figure("tasks", image_rows(rows, title), alt=alt)
    else:
        network, top = imagenet_backbone(backbone, size, width), published(backbone, size, width).top
    learned = network.get_weights()

    # %% First way: a head on frozen features
    # The backbone $\phi$ is frozen: no weight of it changes. Then the features $\phi(x)$ of an image never change
    # either, so they are computed once, and the head $W\phi(x) + b$, here 96·4 + 4 = 388 numbers, trains on them in
    # no time. Batch normalisation runs in inference mode, with the mean and variance of the source images: ten new
    # images would give poor estimates. A head that is trained by gradient descent should come out near logistic
    # regression on the same features, which the table has as a baseline; if not, something is wrong.
    classifier = TransferClassifier(network, len(classes))
    classifier.build((None, *shape))
    features = {count: cached_features(classifier, part.images) for count, part in parts.items()}
    frozen_features = cached_features(classifier, test.images)
    reached, heads, blank = {"fine-tuned": []}, {}, classifier.head.get_weights()
    train_head = trainer(run, classifier.head, "head", learning_rate, 2 * steps, of)
    reached["frozen features"] = []
    for count, part in parts.items():
        train_head(features[count], part.labels, blank)
        heads[count] = classifier.head.get_weights()
        reached["frozen features"].append(
            accuracy(test.labels, keras.ops.convert_to_numpy(classifier.head(frozen_features)))
        )
    linear = LogisticRegression(max_iter=500).fit(features[few], parts[few].labels)
    run.baseline("features", "logistic regression on them", linear.score(frozen_features, test.labels))

    # %% Second way: fine-tuning
    # First layers find edges and colours that any task can use, last ones are specific to the source task; Yosinski
    # et al. measure it layer by layer (figure 2). So the last two stages are thawed and train with the head, 200
    # steps at a quarter of the head's rate. The order matters: gradients through a random head would destroy what
    # the top has learned. And `compile` must come after thawing, because Keras looks then at what is trainable, and
    # not again. The table counts the numbers below the thawed layers that moved. It must be 0: without
    # `training=False`, the moving statistics of frozen batch normalisation would move.
    before = {weight.path: value for weight, value in zip(network.weights, learned, strict=True)}
    names = fine_tuning(
        classifier,
        top,
        adam_with_warmup(tuning_rate, steps),
        LOSS,
        metrics=["accuracy"],
        **run.compile_options,
    )
    print("thawed:", ", ".join(names))
    train_top = trainer(run, classifier, "fine-tuned", tuning_rate, steps, of)
    changed = {"frozen": [], "thawed": []}
    for count, part in parts.items():
        network.set_weights(learned)
        classifier.head.set_weights(heads[count])
        train_top(part.images, part.labels, classifier.get_weights())
        for kind, weights in zip(
            changed, (network.non_trainable_weights, network.trainable_weights), strict=True
        ):
            changed[kind] += [np.ravel(np.asarray(weight) != before[weight.path]) for weight in weights]
        tuned_features = cached_features(classifier, test.images)
        reached["fine-tuned"].append(
            accuracy(test.labels, keras.ops.convert_to_numpy(classifier.head(tuned_features)))
        )
    run.metrics(
        frozen_weights_moved=np.concatenate(changed["frozen"]).sum(),
        thawed_share_moved=np.concatenate(changed["thawed"]).mean(),
    )

    # %% Without a source task
    # Two opponents know the few images only. The same network from random weights gets 600 steps, as many as a
    # backbone and its head. It runs batch normalisation with momentum $m = 0.9$: its moving mean follows
    # $\mu \leftarrow m\mu + (1 - m)\mu_{batch}$, which forgets its start in some 20 steps. (Keras' MobileNetV2 has
    # $m = 0.999$: after 200 steps it is 82 % start, and inference sees another network than training did. A
    # comparison with that would be unfair.) The second opponent needs no network: a support vector machine on
    # histograms of oriented gradients (HOG), outlines written down by hand, tuned on the validation images.
    fresh = (
        plain_backbone() if backbone == "shapes" else imagenet_backbone(backbone, size, width, weights=None)
    )
    blind = TransferClassifier(fresh, len(classes))
    blind.build((None, *shape))
    planes = {"random weights": cached_features(blind, test.images), "source task": frozen_features}
    model = network_with_head(fresh, shape, len(classes))
    fresh.trainable = True
    train_all, blank = trainer(run, model, "from scratch", learning_rate, 3 * steps, of), model.get_weights()
    reached |= {"from scratch": [], "HOG + SVM": []}
    held_out = Part(images=shrunk(validation.images[:300]), labels=validation.labels[:300])
    for part in parts.values():
        train_all(part.images, part.labels, blank)
        logits = model.predict(test.images, batch_size=250, verbose=0)
        reached["from scratch"].append(accuracy(test.labels, logits))
        small = Part(images=shrunk(part.images), labels=part.labels)
        (predict,) = tuned_classifiers(small, held_out, names=("HOG + SVM",)).values()
        reached["HOG + SVM"].append(accuracy(test.labels, predict(shrunk(test.images))))
    at = {way: values[list(parts).index(few)] for way, values in reached.items()}
    for way in ("from scratch", "HOG + SVM"):
        run.baseline("fine_tuned", way, at[way])
        run.baseline("accuracy", way, reached[way][-1])
    run.metrics(
        accuracy=reached["fine-tuned"][-1],
        fine_tuned=at["fine-tuned"],
        features=at["frozen features"],
        scratch=at["from scratch"],
        gain_over_scratch=at["fine-tuned"] - at["from scratch"],
        gain_over_best=at["fine-tuned"] - max(at["from scratch"], at["HOG + SVM"]),
    )
    title = f"Test accuracy on {', '.join(classes)} against the number of training images"
    axes = dict(xlabel="images of each class", ylabel="test accuracy", levels={"chance": 1 / len(classes)})
    figure = spread_curves(list(parts), reached, title, **axes, log=True)
    run.figure(
        "few_images", figure, alt="Accuracy of four methods against the images of each class, one line each."
    )

    # %% What the backbone sees
    # Each point is a test image of the target task, its features projected onto their two main directions. Compare
    # the panels: does the trained backbone, before it has seen an image of these classes, put equal classes closer
    # together than random weights do? And what does fine-tuning change?
    planes[f"fine-tuned, {most} images a class"] = tuned_features
    planes = {name: PCA(2).fit_transform(points[:400]) for name, points in planes.items()}
    title = "Features of the same test images, two principal components"
    figure = feature_planes(planes, test.labels[:400], classes, title)
    run.figure("features", figure, alt="Three scatter plots of test images' features, one colour a class.")

    # %% Try it
    # 1. `--counts 5 80 --source-steps 300 --steps 50`: a backbone that has learned little from its source. With five
    #    images of each class, fine-tuning reaches 0.515 and training from scratch 0.258, which is chance; but HOG
    #    and SVM reach 0.573. With eighty, the order is HOG 0.901, scratch 0.734, fine-tuned 0.683. What is
    #    transferred is worth as much as the source training was.
    # 2. `--counts 5 --source-steps 600 --steps 100`: twice the source training, and the frozen features reach 0.762,
    #    ahead of HOG's 0.573. Fine-tuning then loses a little, 0.735: with five images of each class, two stages can
    #    fit what is accidental in them. A head alone is the safer choice where images are few.
    # 3. `--preset full` takes a ResNet-50 that was trained on ImageNet to 3,670 photographs of flowers in five
    #    classes, for a GPU and with a network. It is no paper's setting, and no number is promised for it.
    #
    # Transfer is not the only knowledge that one can bring along: HOG is what people knew about outlines before
    # 2012. On patterned shapes it is a strong opponent; whether it is ahead here is in the table, under fine_tuned.
    run.save(
        classifier,
        signature=(None, *shape),
        note=f"In: images in [0, 1]. Out: logits of the classes {', '.join(classes)}.",
    )


if __name__ == "__main__":
    transfer.main()
