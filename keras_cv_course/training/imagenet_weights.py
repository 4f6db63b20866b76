"""ImageNet weights of `keras.applications` in the course's own classes, and back.

    model = imagenet_model("vgg16")                                  # 1,000 classes, 224x224 images
    logits = model(preprocess("vgg16", images))                      # images (N, 224, 224, 3) in [0, 1]
    model = imagenet_model("resnet50", top=False, classes=2)         # the features; a new last layer

The weights are downloaded once and kept in `$KERAS_HOME/models` (by default `~/.keras/models`).
"""

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras

from keras_cv_course.classify.densenet import DenseNet
from keras_cv_course.classify.efficientnet import EfficientNet
from keras_cv_course.classify.resnet import ResNet
from keras_cv_course.classify.vgg import VGG
from keras_cv_course.data.readers import keras_cache
from keras_cv_course.errors import InputError
from keras_cv_course.training.imagenet_layers import (
    densenet_layers,
    efficientnet_input,
    efficientnet_layers,
    standardized,
)

ADDRESS = "https://storage.googleapis.com/"


def vgg_layers(model):
    """{name of the layer in keras.applications: layer of ours} of a built VGG with two hidden layers."""
    pairs = {"fc1": model.hidden[0], "fc2": model.hidden[1], "predictions": model.classifier}
    for convolution in model.convolutions:
        block, place = convolution.name.removeprefix("conv").split("_")
        pairs[f"block{block}_conv{place}"] = convolution
    return pairs


def resnet_layers(model):
    """{name of the layer in keras.applications: layer of ours} of a built ResNet of bottlenecks."""
    pairs = {"predictions": model.classifier}
    found = {"conv1": model.conv1}
    for block in model.residual_blocks:
        theirs = block.name.replace("stage", "conv")  # conv2_block1
        for place, convolution in enumerate(block.convolutions, start=1):
            found[f"{theirs}_{place}"] = convolution
        if block.projection is not None:
            found[f"{theirs}_0"] = block.projection
    for name, convolution in found.items():
        pairs[f"{name}_conv"] = convolution.conv
        pairs[f"{name}_bn"] = convolution.norm
    return pairs


def mean_subtracted(images):
    """Images in [0, 1] -> blue, green, red in [0, 255] minus ImageNet's mean; Keras' mode "caffe"."""
    return keras.applications.imagenet_utils.preprocess_input(255.0 * images, mode="caffe")


@dataclass(frozen=True)
class Published:
    """A network of `keras.applications` and its counterpart among ours.

    Args:
        application: its name in `keras.applications`.
        make: function from a number of classes to our model, not yet built.
        layers: function from our built model to {name of their layer: our layer with the same weights}.
        preprocess: function from images in [0, 1] to the values that the weights were trained with.
        file: the weights' file in `$KERAS_HOME/models`.
        file_without_top: the same without the dense layers.
        folder: where the files are, below `ADDRESS`.
    """

    application: str
    make: Callable
    layers: Callable
    preprocess: Callable
    file: str
    file_without_top: str
    folder: str


PUBLISHED = {
    "vgg16": Published(
        application="VGG16",
        make=VGG.vgg16,
        layers=vgg_layers,
        preprocess=mean_subtracted,
        file="vgg16_weights_tf_dim_ordering_tf_kernels.h5",
        file_without_top="vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        folder="tensorflow/keras-applications/vgg16/",
    ),
    "vgg19": Published(
        application="VGG19",
        make=VGG.vgg19,
        layers=vgg_layers,
        preprocess=mean_subtracted,
        file="vgg19_weights_tf_dim_ordering_tf_kernels.h5",
        file_without_top="vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
        folder="tensorflow/keras-applications/vgg19/",
    ),
    "resnet50": Published(
        application="ResNet50",
        make=lambda classes: ResNet.resnet50(classes, stride_in="1x1", conv_bias=True),
        layers=resnet_layers,
        preprocess=mean_subtracted,
        file="resnet50_weights_tf_dim_ordering_tf_kernels.h5",
        file_without_top="resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        folder="tensorflow/keras-applications/resnet/",
    ),
    "densenet121": Published(
        application="DenseNet121",
        make=DenseNet.densenet121,
        layers=densenet_layers,
        preprocess=standardized,
        file="densenet121_weights_tf_dim_ordering_tf_kernels.h5",
        file_without_top="densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5",
        folder="tensorflow/keras-applications/densenet/",
    ),
    "efficientnetb0": Published(
        application="EfficientNetB0",
        make=EfficientNet.b0,
        layers=efficientnet_layers,
        preprocess=efficientnet_input,
        file="efficientnetb0.h5",
        file_without_top="efficientnetb0_notop.h5",
        folder="keras-applications/",
    ),
}


def imagenet_model(name, weights="imagenet", top=True, classes=1000, size=224):
    """One of our models with the weights that keras.applications publishes.

    Args:
        name: "vgg16", "vgg19", "resnet50" ..., a key of `PUBLISHED`.
        weights: "imagenet"; the path of a file that keras.applications can read; None for random ones.
        top: with the dense layers. Without them they are initialised randomly, for any number of classes, and the
            images may have another size; the download is much smaller for VGG.
        classes: number of classes.
        size: height and width of the images.

    Returns:
        The model, built. Give it `preprocess(name, images)`.

    Raises:
        InputError: unknown name or impossible combination; a missing, corrupt or foreign file; no network.
    """
    theirs = keras_application(name, weights, top, classes, size)
    ours = published(name).make(classes)
    ours.build((None, size, size, 3))
    copy_from_keras(name, theirs, ours)
    return ours


def preprocess(name, images):
    """Images as the published weights of a network expect them.

    Args:
        name: a key of `PUBLISHED`.
        images: (N, H, W, 3) floats in [0, 1], red, green, blue; left as they are.

    Returns:
        An array or tensor of the same shape.
    """
    return published(name).preprocess(images)


def copy_from_keras(name, theirs, ours):
    """Copy every weight of a model of keras.applications into one of ours, layer by layer.

    Args:
        name: a key of `PUBLISHED`.
        theirs: the model of keras.applications, with or without its top.
        ours: our model, built.

    Raises:
        InputError: a layer of theirs has no counterpart, or other shapes.
    """
    for their_layer, our_layer in _pairs(name, theirs, ours):
        _copy(their_layer, our_layer)


def copy_to_keras(name, ours, theirs):
    """Like `copy_from_keras`, in the other direction."""
    for their_layer, our_layer in _pairs(name, theirs, ours):
        _copy(our_layer, their_layer)


def keras_application(name, weights="imagenet", top=True, classes=1000, size=224):
    """The model of keras.applications itself, with logits in place of probabilities.

    Takes the same arguments and raises the same errors as `imagenet_model`.
    """
    row = published(name)
    if top and weights is not None and (classes, size) != (1000, 224):
        raise InputError(
            "published dense layers are for 1,000 classes and 224x224 images, "
            f"got {classes} classes and size {size}: set top=False, and they start fresh"
        )
    constructor = getattr(keras.applications, row.application)
    options = dict(include_top=top, input_shape=(size, size, 3))
    if top:
        options |= dict(classes=classes, classifier_activation=None)
    if weights is None:
        return constructor(weights=None, **options)
    if weights == "imagenet":
        file = row.file if top else row.file_without_top
        return keras_cache.fetch(
            lambda: constructor(weights="imagenet", **options),
            [keras_cache.folder().parent / "models" / file],
            f"{ADDRESS}{row.folder}{file}",
        )
    if not Path(weights).is_file():
        raise InputError(f'weights must be "imagenet", None or the path of a file, got {str(weights)!r}')
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # Keras only warns where layers stay without weights
            return constructor(weights=str(weights), **options)
    except (OSError, ValueError, UserWarning) as error:
        problem = str(error).splitlines()[0]
        raise InputError(f"{weights} does not hold weights of {name} with top={top} ({problem})") from error


def published(name):
    """The row of `PUBLISHED` under a name."""
    if name not in PUBLISHED:
        raise InputError(f"no published weights under {name!r}; choose one of: {', '.join(PUBLISHED)}")
    return PUBLISHED[name]


def _copy(source, target):
    target.set_weights(source.get_weights())
    if isinstance(target, keras.layers.Normalization):
        target.finalize_state()  # or Keras 3.15 goes on with the old mean and variance


def _pairs(name, theirs, ours):
    """[(their layer, our layer)] for every layer of theirs that has weights."""
    counterparts, pairs = published(name).layers(ours), []
    for layer in theirs.layers:
        if not layer.weights:
            continue
        # Keras counts layers that were given no name: normalization, normalization_1 ...
        counterpart = counterparts.get(layer.name) or counterparts.get(re.sub(r"_\d+$", "", layer.name))
        if counterpart is None:
            raise InputError(f"our {name} has no counterpart of their layer {layer.name!r}")
        shapes = [[tuple(weight.shape) for weight in one.weights] for one in (layer, counterpart)]
        if shapes[0] != shapes[1]:
            raise InputError(
                f"layer {layer.name!r} has weights of shapes {shapes[0]} in theirs and {shapes[1]} in ours: "
                "make both for the same number of classes and size of images"
            )
        pairs.append((layer, counterpart))
    return pairs
