"""Neighbors: two images are alike for a network when its features are, and that is measured by their neighbours.

You will be able to:

- look for nearest neighbours in a feature space, and measure how many are of the query's kind;
- say which simple spaces such a number has to beat, and tune them fairly;
- read a t-SNE plot, and state how far it can be trusted.

Before: `day1.cnn`, `day3.manifold`.

A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012,
section 6.1 (neighbours by features). J. Donahue et al., "DeCAF", ICML 2014, section 3. L. van der Maaten, G. Hinton,
"Visualizing Data using t-SNE", JMLR 9, 2008. J. Venna, S. Kaski, ICANN 2001 (trustworthiness).
"""

import keras
import numpy as np
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.manifold import trustworthiness

from keras_cv_course import data
from keras_cv_course.baselines.classifiers import oriented_gradients
from keras_cv_course.baselines.embeddings import tsne_codes
from keras_cv_course.baselines.neighbour_features import tuned_neighbours
from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.errors import InputError
from keras_cv_course.explain.feature_maps import feature_maps
from keras_cv_course.explain.layer_outputs import layer_output
from keras_cv_course.explain.neighbours import nearest, same_class_share, unit_rows
from keras_cv_course.lesson import at_least, lesson
from keras_cv_course.training.pretrained import efficientnet_lite0
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day5.figures.neighbors import (
    mean_over_places,
    neighbour_rows,
    neighbours_of_image,
    share_by_layer,
    thumbnails,
)

SMALLEST = 16  # pixels of a crop
LAYERS = ("stem", "stage2", "stage3", "stage4", "stage5", "stage6", "features")
RIVALS = ("pixels", "PCA", "HOG", "colour histogram", "local binary patterns")


@lesson(
    quick=dict(limit=45, size=32, digits="digits", epochs=1),
    full=dict(size=160, epochs=60),
    batch_size=64,
    image_figure=neighbours_of_image,
    image_model=efficientnet_lite0,
    targets={
        "photo_crops": dict(
            same_photo_share=at_least(0.95),
            gain_over_best_rival=at_least(0.1),
            gain_over_pca=at_least(0.3),
            digits_share=at_least(0.95),
            digits_gain_over_pca=at_least(0.03),
            trustworthiness=at_least(0.95),
        )
    },
)
def neighbors(
    run,
    dataset: str = "photo_crops",
    digits: str = "handwriting",
    size: int = 96,
    neighbours: int = 5,
    train_size: int = 3000,
    epochs: int = 10,
    learning_rate: float = 4e-3,
):
    """Find crops of the same photograph, and digits of the same class, by their neighbours in several spaces.

    Args:
        dataset: photo_crops is built in; folder is your own photographs by class (--file names it).
        digits: handwriting and digits are built in; mnist and fashion_mnist are downloaded once.
        size: crops are size x size pixels.
        neighbours: number of neighbours of each query.
        train_size: digits that the small network is trained on, and that are the gallery of its neighbours.
        epochs: passes over these digits.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.

    Metrics:
        same_photo_share: share of the neighbours of the test crops that are of the same photograph; features are the
            means over the last map.
        gain_over_best_rival: same_photo_share minus the largest share in a space without a network.
        gain_over_pca: same_photo_share minus the share by principal components.
        digits_share: share of the neighbours of the test digits that are of the same class, by the features of a
            network that was trained on the gallery.
        digits_gain_over_pca: digits_share minus the share by principal components.
        trustworthiness: of the t-SNE plane of the test crops: 1 where all neighbours in it are neighbours by features.
    """
    # %% Which photograph is this from?
    # Fifteen photographs are cut into crops; each crop is mirrored or not, enlarged by chance, and its hue, saturation,
    # contrast and brightness are changed; one in five is grey. A query is a test crop, and its neighbours are looked
    # for among the 600 crops of the gallery. You measure the share of the five nearest ones that come from the query's
    # photograph; chance is $1/15$. The network has learned ImageNet, and none of these photographs.
    gallery, validation, test = data.load(dataset, file=run.file, limit=run.limit, size=size)
    parts = gallery, validation, test
    if not {"images", "labels"} <= set(gallery.fields):
        raise InputError(
            f"this lesson needs images with a class each, such as photo_crops; {dataset} has none"
        )
    if gallery.images.shape[-1] != 3 or min(gallery.images.shape[1:3]) < SMALLEST:
        raise InputError(
            f"expected images of three colours and {SMALLEST} pixels or more, received {gallery.images.shape}"
        )

    # %% Simple spaces
    # Each rival gets the setting and the distance that suit the validation crops best: pixels; PCA (5 to 50 components,
    # whitened or not); histograms of oriented gradients, as they are or by their components; histograms of colours;
    # local binary patterns, which count the kinds of small texture around every pixel and care neither for colours nor
    # for places. That last one is made for a task like this: expect it to be the one to beat.
    found = tuned_neighbours(*parts, neighbours, RIVALS)
    shares = {name: same_class_share(near, test.labels, gallery.labels) for name, near in found.items()}

    # %% A network's space, layer by layer
    # The feature vector of an image is the mean of a map over its places: $f_c = \frac{1}{hw} \sum_{ij} a_{ijc}$, from
    # 32 numbers after the stem to 1,280 at the end. Two images are compared by the cosine of the angle between their
    # vectors, so that a crop of low contrast, whose vector is shorter, is not far from everything. Look at where the
    # curve passes the rivals, and whether the last layer is the best one.
    network = efficientnet_lite0()
    features = [feature_maps(network, part.images, LAYERS, mean_over_places, 50) for part in parts]
    near = {name: nearest(features[2][name], features[0][name], neighbours) for name in LAYERS}
    by_layer = {name: same_class_share(rows, test.labels, gallery.labels) for name, rows in near.items()}
    share = by_layer[LAYERS[-1]]
    run.metrics(same_photo_share=share, gain_over_best_rival=share - max(shares.values()))
    run.metrics(gain_over_pca=share - shares["PCA"])
    for name, other in shares.items():
        run.baseline("same_photo_share", name, other)
    title = "Neighbours from the query's own photograph, by layer"
    alt = "The share rises from the stem to the last layers; dotted lines for spaces without a network."
    run.figure("layers", share_by_layer(LAYERS, list(by_layer.values()), shares, title), alt=alt)
    best = max(shares, key=shares.get)
    spaces = {"pixels": found["pixels"], best: found[best], "features": near[LAYERS[-1]]}
    queries = [int(np.flatnonzero(test.labels == label)[0]) for label in np.unique(test.labels)[:10]]
    title = "Test crops and their nearest neighbours in three spaces"
    alt = "Rows of crops; by pixels the frames are mostly red, by features mostly green."
    run.figure("neighbours", neighbour_rows(test, gallery, spaces, queries, 4, title), alt=alt)

    # %% A plane to look at
    # t-SNE lays points into the plane so that near ones stay near. It always shows clusters of some kind, so ask what
    # the plane keeps: trustworthiness is 1 when everyone's ten neighbours in the plane are neighbours in the space,
    # too. It says nothing of distances between clusters, nor of their sizes: do not read these. Both planes are made
    # in the same way, one from the pixels' principal components and one from features.
    flat = [part.images.reshape(len(part), -1) for part in (gallery, test)]
    components = PCA(min(50, len(gallery) - 1), random_state=run.seed).fit(flat[0])
    vectors = {
        "pixels (50 components)": components.transform(flat[1]),
        "features": unit_rows(features[2][LAYERS[-1]]),
    }
    planes, near_count = {}, min(10, len(test) // 2 - 1)
    for name, rows in vectors.items():
        plane = tsne_codes(rows, run.seed)
        trusted = trustworthiness(rows, plane, n_neighbors=near_count)
        planes[f"{name}, trustworthiness {trusted:.3f}"] = plane
    run.metrics(trustworthiness=trusted)
    alt = "Small crops at their places in two planes: mixed by pixels, in groups of one photograph each by features."
    run.figure("planes", thumbnails(planes, test.images, "t-SNE of the test crops"), alt=alt)

    # %% Digits: features of a network that was trained on them
    # The same question where a network has learned the classes: 28×28 views of digits, 3,000 of them with labels. The
    # features are what its last dense layer but one gives, 64 numbers. It has an advantage that pixels and PCA lack: it
    # saw labels. So one more rival gets them, too: linear discriminant analysis of HOG, whose directions pull the
    # classes apart as far as a linear map can. The table says how far ahead the network is of either.
    some = data.load(digits, limit=run.limit, size=28 if digits != "digits" else None)
    few, held_out, queries_of_digits = some.train[:train_size], some.validation, some.test
    channels = few.images.shape[-1]
    model = ConvolutionalClassifier(filters=(16, 32, 64), units=(64,), dropout=0.1, classes=len(some.classes))
    model.build((None, *few.images.shape[1:]))
    run.show(model)
    batches = run.batches(few.images, few.labels)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = adam_with_warmup(learning_rate, epochs * len(batches))
    model.compile(optimizer, loss, metrics=["accuracy"], **run.compile_options)
    model.fit(
        batches, validation_data=(held_out.images, held_out.labels), epochs=epochs, callbacks=run.callbacks()
    )
    hidden = model.hidden[-1].name
    trained = [layer_output(model, part.images, hidden) for part in (few, queries_of_digits)]
    rows = nearest(trained[1], trained[0], neighbours)
    ours = same_class_share(rows, queries_of_digits.labels, few.labels)
    rivals = tuned_neighbours(few, held_out, queries_of_digits, neighbours)
    gradients = [oriented_gradients(part.images, 4) for part in (few, queries_of_digits)]
    linear = LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto").fit(gradients[0], few.labels)
    rivals["LDA of HOG (sees labels)"] = nearest(*(linear.transform(g) for g in gradients[::-1]), neighbours)
    found = {n: same_class_share(r, queries_of_digits.labels, few.labels) for n, r in rivals.items()}
    run.metrics(digits_share=ours, digits_gain_over_pca=ours - found["PCA"])
    for name, other in found.items():
        run.baseline("digits_share", name, other)

    # %% Try it
    # 1. `--size 48`: crops of half the size. The share falls from 0.997 to 0.953; that of the best rival, local binary
    #    patterns, from 0.82 to 0.79.
    # 2. `--train-size 500`: the small network sees a sixth of the labels, and the gallery is as much smaller.
    #    `digits_share` falls from 0.97 to 0.65, below the 0.73 of a linear discriminant analysis of HOG, which sees
    #    the same labels. With few labels, features that somebody thought out are ahead of learned ones.
    # 3. `--image photo.jpg` shows which crops are nearest to a photograph of yours.
    run.save(
        model,
        signature=(None, *few.images.shape[1:3], channels),
        note="In: digits (N, 28, 28, 1) in [0, 1]. Out: logits of ten classes.",
    )


if __name__ == "__main__":
    neighbors.main()
