"""Backbones that were trained on ImageNet's 1.2 million photographs, from `keras.applications`.

Simonyan and Zisserman, ICLR 2015 (VGG16); Szegedy et al., CVPR 2016 (InceptionV3); He et al., CVPR 2016
(ResNet50); Howard et al., arXiv:1704.04861 (MobileNet); Sandler et al., CVPR 2018 (MobileNetV2).
The weights are downloaded once and kept in `$KERAS_HOME/models` (by default `~/.keras/models`).
"""

import warnings
from dataclasses import dataclass

import keras

from keras_cv_course.data.readers import keras_cache
from keras_cv_course.errors import InputError

ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/"
MOMENTUM = 0.9  # of moving means and variances; MobileNetV2's 0.999 keeps 82 % of their start for 200 steps
MEAN = (103.939, 116.779, 123.68)  # of ImageNet's pixels, 0 to 255: blue, green, red


@dataclass(frozen=True)
class Published:
    """A network of `keras.applications` without its dense layers.

    Args:
        application: its name in `keras.applications`.
        file: the weights' file, with {width} and {size} where there is one file for each of them.
        folder: where the file is, below `ADDRESS`.
        top: the layer from which on `TransferClassifier.thaw` trains the top blocks.
        centred: whether the weights want pixels from -1 to 1; else blue, green, red less their mean.
        widths: {width: how the file's name says it}; 1 is the paper's network, 0.5 has half the channels.
        sizes: the sizes of image that there are weights for; the last one's serve all other sizes.
        smallest: the smallest image, in pixels.
    """

    application: str
    file: str
    folder: str
    top: str
    centred: bool = True
    widths: tuple = (1.0,)
    sizes: tuple = (224,)
    smallest: int = 32


PUBLISHED = {
    "vgg16": Published(
        "VGG16", "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", "vgg16/",
        top="block5_conv1", centred=False,
    ),
    "inceptionv3": Published(
        "InceptionV3", "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5", "inception_v3/",
        top="mixed8", smallest=75,
    ),
    "resnet50": Published(
        "ResNet50", "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5", "resnet/",
        top="conv4_block6_out", centred=False,
    ),
    "mobilenet": Published(
        "MobileNet", "mobilenet_{width}_{size}_tf_no_top.h5", "mobilenet/",
        top="conv_dw_12", widths=(0.25, 0.5, 0.75, 1.0), sizes=(128, 160, 192, 224),
    ),
    "mobilenetv2": Published(
        "MobileNetV2", "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{width}_{size}_no_top.h5",
        "mobilenet_v2/", top="block_15_expand", widths=(0.35, 0.5, 0.75, 1.0, 1.3, 1.4),
        sizes=(96, 128, 160, 192, 224),
    ),
}  # fmt: skip


def imagenet_backbone(name, size=224, width=1.0, weights="imagenet"):
    """A network of `keras.applications` up to its last feature map, which takes plain images.

    Args:
        name: a key of `PUBLISHED`.
        size: height and width of the images, in pixels.
        width: share of the channels, of the two MobileNets; the narrow ones are small and fast.
        weights: "imagenet", or None for random ones: the same network, whose batch normalisation then runs with
            momentum `MOMENTUM`, so that its moving statistics arrive within a short training.

    Returns:
        A `keras.Model`, images (N, size, size, 3) in [0, 1] -> features (N, h, w, channels). What the
        weights want done to the pixels is its first layers.

    Raises:
        InputError: unknown name, width or size; no network and no file; a corrupt file.
    """
    row = published(name, size, width)
    images = keras.layers.Input((size, size, 3))
    if row.centred:
        pixels = keras.layers.Rescaling(2.0, offset=-1.0)(images)
    else:
        pixels = keras.layers.Rescaling(255.0, offset=[-mean for mean in MEAN])(
            keras.ops.flip(images, axis=-1)
        )
    options = dict(include_top=False, input_tensor=pixels, input_shape=(size, size, 3))
    if len(row.widths) > 1:
        options["alpha"] = width
    constructor = getattr(keras.applications, row.application)
    if weights is None:
        made = constructor(weights=None, **options)
        for layer in made.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.momentum = min(layer.momentum, MOMENTUM)
        return keras.Model(images, made.output, name=made.name)
    file = weights_file(name, size, width)

    def download():
        with warnings.catch_warnings():
            # Other sizes than those of the files are served by the largest one's weights: documented above.
            warnings.filterwarnings("ignore", message=".*`rows` is not in")
            return constructor(weights="imagenet", **options)

    path = keras_cache.folder().parent / "models" / file
    made = keras_cache.fetch(download, [path], f"{ADDRESS}{row.folder}{file}")
    return keras.Model(images, made.output, name=made.name)  # theirs wants its one input in a list


def weights_file(name, size=224, width=1.0):
    """The name of the file of weights in `$KERAS_HOME/models`."""
    row = published(name, size, width)
    # MobileNet's files say 2_5 for 0.25 and 1_0 for 1; MobileNetV2's say it as Python does.
    said = {0.25: "2_5", 0.5: "5_0", 0.75: "7_5", 1.0: "1_0"}.get(width) if name == "mobilenet" else width
    return row.file.format(width=said, size=size if size in row.sizes else row.sizes[-1])


def published(name, size=224, width=1.0):
    """The row of `PUBLISHED` under a name, of which there are weights for this size and width."""
    if name not in PUBLISHED:
        raise InputError(f"no backbone is called {name!r}; choose one of: {', '.join(PUBLISHED)}")
    row = PUBLISHED[name]
    if width not in row.widths:
        raise InputError(
            f"{name} was published with width {', '.join(map(str, row.widths))}, received {width}"
        )
    if size < row.smallest:
        raise InputError(f"{name} needs images of {row.smallest} pixels or more, received size {size}")
    return row
