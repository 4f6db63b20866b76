"""Class activation maps: a network that was only told what is in an image shows where it is.

You will be able to:

- compute a class activation map from a network's last maps and its dense layer, and Grad-CAM from any layer's;
- say why the two are the same behind global average pooling, and verify it;
- measure a map by the pointing game, and turn it into a box, without a box having been seen in training.

Before: `day5.saliency`.

B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba, "Learning Deep Features for Discriminative Localization", CVPR
2016, sections 2 and 3.2 (CAM; boxes). R. Selvaraju et al., "Grad-CAM", ICCV 2017, section 3. A. Chattopadhay et al.,
"Grad-CAM++", WACV 2018, section 3. J. Zhang et al., "Top-Down Neural Attention by Excitation Backprop", ECCV 2016,
section 4.1 (the pointing game).
"""

from typing import Literal

import keras
import numpy as np
from keras import ops

from keras_cv_course import data
from keras_cv_course.baselines.image_saliency import IMAGE_SALIENCY, colour_distance
from keras_cv_course.boxes.overlap import iou
from keras_cv_course.classify.average_pooling import AveragePoolingClassifier
from keras_cv_course.classify.efficientnet_lite import EfficientNetLite
from keras_cv_course.errors import InputError
from keras_cv_course.explain.boxes_from_maps import boxes_from_maps
from keras_cv_course.explain.class_activation import class_activation_map, enlarged, grad_cam
from keras_cv_course.explain.grad_cam_plus_plus import grad_cam_plus_plus
from keras_cv_course.explain.pointing_game import hits, peaks, pointing_game
from keras_cv_course.explain.saliency import gradient_saliency, strength
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.training.imagenet_classes import imagenet_classes
from keras_cv_course.training.pretrained import efficientnet_lite0
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day5.figures.cam import cam_of_my_image, maps_of_photographs, maps_of_scenes

# Where the object of the photograph's class lies, x_min, y_min, x_max, y_max as shares of the square in its middle:
# drawn by hand for this lesson, around what one sees: the cat's face from whiskers to brow, the cup without its saucer,
# the tripod below the camera, the rocket without its towers.
BOXES = {
    "chelsea": (0.13, 0.2, 0.95, 0.95),
    "coffee": (0.17, 0.03, 0.78, 0.62),
    "camera": (0.44, 0.5, 0.8, 1.0),
    "rocket": (0.47, 0.3, 0.54, 0.98),
}
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def present(part, classes):
    """(N, classes) float32: 1 where an object of the class is in the image. It uses no place of an object."""
    found = [(part.box_classes == number).any(axis=1) for number in range(classes)]
    return np.stack(found, axis=1).astype("float32")


def pairs_of(part):
    """Every (image, class present): images, classes, and the boxes (P, K, 4) of that class, other rows -1."""
    rows, classes = np.nonzero(present(part, part.box_classes.max() + 1))
    boxes = np.where((part.box_classes[rows] == classes[:, None])[..., None], part.boxes[rows], -1)
    return part.images[rows], classes, boxes


@lesson(
    quick=dict(limit=64, epochs=1, network="untrained", photo_size=64),
    full=dict(limit=12_000, epochs=40, filters=(32, 64, 128, 192)),
    batch_size=64,
    limit=8000,
    image_figure=cam_of_my_image,
    image_model=efficientnet_lite0,
    targets={
        "shapes:few": dict(
            pointing_game=at_least(0.9),
            gain_over_best=at_least(0.2),
            box_iou=at_least(0.5),
            photographs_hit=at_least(1.0),
            grad_cam_error=at_most(1e-5),
        )
    },
)
def cam(
    run,
    dataset: str = "shapes:few",
    size: int = 40,
    filters: tuple[int, ...] = (16, 32, 64, 96),
    epochs: int = 10,
    learning_rate: float = 8e-3,
    network: Literal["efficientnet_lite0", "untrained"] = "efficientnet_lite0",
    photographs: tuple[str, ...] = ("chelsea", "coffee"),
    photo_size: int = 224,
    layer: str | None = None,
    explain: int | None = None,
):
    """Train on image labels alone, find the objects; then look at photographs through a network that knows ImageNet.

    Args:
        dataset: scenes with objects of several classes; shapes:few is built in.
        size: the scenes have size x size pixels.
        filters: feature maps of the small network's stages.
        epochs: passes of the small network over its training scenes.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.
        network: the one that looks at the photographs: EfficientNet-Lite0 as trained on ImageNet, or a small one with
            random weights, which explains nothing and is there at once.
        photographs: of the data set `photos`: chelsea, coffee, camera, rocket.
        photo_size: the photographs have so many pixels each way; the network was trained at 224.
        layer: name of the layer that the last column's Grad-CAM is taken at; by default one in the middle. With
            --image: the layer of the whole map; by default the last one with maps.
        explain: with --image: number of the class to explain; the most probable one if it is not given.

    Metrics:
        pointing_game: share of the pairs of a test scene and a class in it whose map is highest on such an object.
        gain_over_best: pointing_game minus that of the best method that knows the image only.
        box_iou: mean overlap of the map's box with the true one, where a class has one object in the scene.
        label_accuracy: share of the test scenes' labels, present or not, that are predicted correctly.
        photographs_hit: share of the photographs whose map is highest within the box drawn by hand.
        grad_cam_error: largest difference of Grad-CAM from the positive part of CAM, as a share of its maximum.
    """
    # %% Labels without places
    # A scene of 40×40×3 has one to three objects of ten classes. The network is told which classes are in it: a
    # vector $y$ of ten zeros and ones. It is told no place and no number. Four stages give maps $f_k$ of
    # 10×10×96, whose means over all places go to one dense layer, $S_c = b_c + \sum_k w_k^c \operatorname{mean}(f_k)$.
    # As several classes can be present at once, each has its own sigmoid, and the loss is the binary cross-entropy.
    # The biases start at $\log(p / (1 - p))$, $p$ being the share of scenes that have a class: otherwise the first
    # epoch is spent on learning that most classes are absent.
    unknown = set(photographs) - set(BOXES)
    if unknown:
        raise InputError(f"there is no box for {', '.join(sorted(unknown))}; choose from {', '.join(BOXES)}")
    train, validation, test = loaded = data.load(dataset, limit=run.limit, size=size)
    labels = present(train, len(loaded.classes))
    start = float(np.log(labels.mean() / (1 - labels.mean())))
    model = AveragePoolingClassifier(filters, classes=len(loaded.classes), pools=2, bias=start)
    model.build((None, *train.images.shape[1:]))
    run.show(model)
    batches = run.batches(train.images, labels)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(adam_with_warmup(learning_rate, epochs * len(batches)), loss, **run.compile_options)
    held_out = (validation.images, present(validation, len(loaded.classes)))
    model.fit(batches, validation_data=held_out, epochs=epochs, callbacks=run.callbacks())
    logits = model.predict(test.images, verbose=0)
    run.metrics(label_accuracy=np.mean((logits > 0) == present(test, len(loaded.classes))))

    # %% From the mean back to the places
    # Mean and sum can change places: $S_c - b_c = \operatorname{mean}_{(i,j)} M_c(i, j)$ with
    #
    # $$M_c(i, j) = \sum_k w_k^c f_k(i, j),$$
    #
    # so $M_c(i, j)$ is what the place $(i, j)$ adds to the score. That is the *class activation map*; it needs this
    # kind of network. *Grad-CAM* takes maps $A_k$ of any layer of any network, and the mean gradient in place
    # of the weight: $\operatorname{ReLU}(\sum_k \alpha_k^c A_k)$ with
    # $\alpha_k^c = \operatorname{mean}_{(i,j)} \partial S_c / \partial A_k(i, j)$. Here this is $w_k^c / 100$, for 100
    # places: the table has the largest difference. In the figure the same scene is explained for each class in it.
    # Frames are the true boxes of the class, dots the highest places.
    images, classes, boxes = pairs_of(test)
    maps = class_activation_map(model, images, classes)
    places = maps.shape[1] * maps.shape[2]
    gradients = grad_cam(model, images[:200], classes[:200])
    error = np.abs(gradients * places - np.maximum(maps[:200], 0)).max() / maps[:200].max()
    run.metrics(grad_cam_error=error)
    large = enlarged(maps, (size, size))
    title = "Class activation maps of the same scenes for each class in them"
    alt = "Scenes of shapes; in each row one scene, and its map for each class that is in it, with the true box framed."
    figure = maps_of_scenes(images, large, classes, boxes, loaded.classes, test.box_classes, title)
    run.figure("scenes", figure, alt=alt)

    # %% The pointing game
    # A hit is a map whose highest place lies on an object of the class. A method that does not know the class cannot
    # win this: in a scene of three, it points at the right object one time in three. Beside it stand the middle of the
    # image, brightness, contrast, the direction of edges, the distance from the background's colour, which finds
    # objects of any class, and one that does know the class: the gradient of the same network's score, blurred or
    # not. Then the box: around the largest region above a share of the map's maximum; the share is chosen on the
    # validation scenes.
    score = pointing_game(large, boxes)
    rivals = {**IMAGE_SALIENCY, "colour distance": colour_distance}
    found = {name: pointing_game(method(images), boxes) for name, method in rivals.items()}
    run.metrics(pointing_game=score, gain_over_best=score - max(found.values()))
    some = slice(0, 400)
    found["gradient"] = pointing_game(
        strength(gradient_saliency(model, images[some], classes[some])), boxes[some]
    )
    for name, value in found.items():
        run.baseline("pointing_game", name, value)
    seen, known, truth = pairs_of(validation)
    tuning = enlarged(class_activation_map(model, seen, known), (size, size))
    overlaps = [mean_overlap(boxes_from_maps(tuning, share), truth) for share in THRESHOLDS]
    share = THRESHOLDS[int(np.argmax(overlaps))]
    print(f"threshold {share}, chosen on the validation scenes")
    run.metrics(box_iou=mean_overlap(boxes_from_maps(large, share), boxes))
    blobs = boxes_from_maps(colour_distance(images), 0.5)
    run.baseline("box_iou", "colour distance", mean_overlap(blobs, boxes))
    run.baseline(
        "box_iou", "the whole image", mean_overlap(np.float32([[0, 0, size, size]] * len(boxes)), boxes)
    )

    # %% Photographs
    # EfficientNet-Lite0 ends in global average pooling and a dense layer, too: 224×224×3 → 7×7×1280 → 1,000 logits. So
    # its CAM needs nothing but its weights. Each place stands for 32 pixels, and the map is enlarged bilinearly. Beside
    # it: Grad-CAM++, which weights each place by itself, so that several objects of a class each count; CAM for the
    # second most probable class; and Grad-CAM at an earlier layer, with finer maps. Frames were drawn by hand around
    # the object. Does an earlier layer still know what the class is?
    photos = data.load("photos", size=photo_size).train
    pictures = photos.images[[list(photos.names).index(name) for name in photographs]]
    seen = efficientnet_lite0() if network == "efficientnet_lite0" else EfficientNetLite.small(classes=1000)
    order = np.argsort(ops.convert_to_numpy(seen(pictures)), axis=-1)[:, ::-1]
    layer = layer or seen.blocks[2 * len(seen.blocks) // 3][-1].name
    columns = {
        "CAM": class_activation_map(seen, pictures, order[:, 0]),
        "Grad-CAM++": grad_cam_plus_plus(seen, pictures, order[:, 0]),
        "CAM, second class": class_activation_map(seen, pictures, order[:, 1]),
        f"Grad-CAM, {layer}": grad_cam(seen, pictures, order[:, 0], layer),
    }
    columns = {name: enlarged(found, pictures.shape[1:3]) for name, found in columns.items()}
    drawn = np.float32([[BOXES[name]] for name in photographs]) * photo_size
    run.metrics(photographs_hit=hits(peaks(columns["CAM"]), drawn).mean())
    names = [[imagenet_classes()[number] for number in best[:2]] for best in order]
    alt = "Photographs with a box drawn by hand, and their class activation maps for two classes and at two layers."
    run.figure("photographs", maps_of_photographs(pictures, names, columns, drawn), alt=alt)

    # %% Try it
    # 1. `--image photo.jpg`, a photograph of your own: its maps within seconds, without training. `--explain 281`
    #    explains another class, `--layer stage5_block3` looks at another layer, `--model my.keras` through a classifier
    #    of yours, for images in [0, 1].
    # 2. `--photographs camera rocket`: the peak lies on the tripod, not on the man behind it; but it lies one place, 32
    #    pixels, beside the rocket, which is ten pixels wide. Seven by seven places are all that the last maps have.
    # 3. `--epochs 2`: 89 % of the labels are right, where the answer that every class is absent gets 80 %. The pointing
    #    game is at 0.88 already.
    run.save(
        model,
        signature=(None, None, None, train.images.shape[-1]),
        note=f"In: images in [0, 1]. Out: a logit each for {', '.join(loaded.classes)}: present if above 0.",
    )


def mean_overlap(found, boxes):
    """Mean IoU of boxes (P, 4) with the true ones (P, K, 4), over the pairs where a class has one object."""
    there = boxes[..., 2] > boxes[..., 0]
    single = there.sum(axis=1) == 1
    return float(np.mean(iou(found[single], boxes[there & single[:, None]])))


if __name__ == "__main__":
    cam.main()
