"""MNIST through `keras.datasets`."""

from keras_cv_course.data.image_arrays import parts_of
from keras_cv_course.data.part import Info
from keras_cv_course.data.readers import keras_cache

INFO = Info(
    name="mnist",
    title="70,000 handwritten digits of 28x28 pixels",
    fields={
        "images": "(N, 28, 28, 1) float32 in [0, 1], 0 = paper",
        "labels": "(N,) int64, 0 to 9",
    },
    classes=tuple("0123456789"),
    source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, "
    "1998; keras.datasets.mnist",
    licence="CC BY-SA 3.0",
    file=keras_cache.folder() / "mnist.npz",
)


def load():
    """55,000 training, 5,000 validation and 10,000 test digits."""
    from keras.datasets import mnist

    address = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
    hint = "Or use the built-in digits: --dataset digits"
    return parts_of(*keras_cache.fetch(mnist.load_data, ["mnist.npz"], address, hint), name="mnist")
