"""Fashion-MNIST through `keras.datasets`."""

from keras_cv_course.data.image_arrays import parts_of
from keras_cv_course.data.part import Info
from keras_cv_course.data.readers import keras_cache

FILES = (
    "train-labels-idx1-ubyte.gz",
    "train-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
)
INFO = Info(
    name="fashion_mnist",
    title="70,000 images of clothes of 28x28 pixels",
    fields={
        "images": "(N, 28, 28, 1) float32 in [0, 1], 0 = background",
        "labels": "(N,) int64, 0 to 9",
    },
    classes=(
        "t-shirt",
        "trousers",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    ),
    source="Xiao, Rasul and Vollgraf, Fashion-MNIST, arXiv:1708.07747; keras.datasets.fashion_mnist",
    licence="MIT",
    file=keras_cache.folder() / "fashion-mnist",
)


def load():
    """55,000 training, 5,000 validation and 10,000 test images."""
    from keras.datasets import fashion_mnist

    files = [f"fashion-mnist/{file}" for file in FILES]
    address = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/ (" + ", ".join(FILES) + ")"
    hint = "Or use the built-in digits: --dataset digits"
    return parts_of(*keras_cache.fetch(fashion_mnist.load_data, files, address, hint), name="fashion_mnist")
