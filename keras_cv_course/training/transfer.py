"""Transfer: a backbone that learned to see on one task serves another one, for which there are few images.

Yosinski, Clune, Bengio and Lipson, "How transferable are features in deep neural networks?", NIPS 2014.
In two stages: a new head on the features of the frozen backbone; then the backbone's top blocks too, at a
small rate.
"""

import hashlib
import io
import os
from pathlib import Path

import keras
import numpy as np
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.training.freezing import set_trainable


@keras.saving.register_keras_serializable("keras_cv_course")
class TransferClassifier(keras.Model):
    """A backbone, whose features are averaged over the image, and a new linear head.

    The backbone always runs in inference mode, also while it is fine-tuned: batch norm keeps the statistics
    of the many images that it was trained on, for the few new ones would spoil them; dropout in it is off.
    It is frozen: only the head trains, until `thaw` lets the top of the backbone train too.

    Args:
        backbone: a model, images (N, H, W, C) -> features (N, h, w, channels) or (N, channels), such as
            `keras.applications.*(include_top=False)`; or one of this project's classifiers, whose `endpoints`
            have "features". What it wants done to the pixels first is up to the caller.
        classes: number of classes of the new task.
        dropout: share of the features that are dropped before the head while training.
        thawed: how many of the backbone's last layers train; see `thaw`.

    Call:
        images -> logits (N, classes) float32.

    Raises:
        InputError: fewer than 2 classes, a dropout that is not in [0, 1), or more thawed layers than there
            are.
    """

    def __init__(self, backbone, classes, dropout=0.2, thawed=0, **kwargs):
        super().__init__(**kwargs)
        if classes < 2 or not 0 <= dropout < 1:
            raise InputError(
                f"expected 2 classes or more and a dropout in [0, 1), received {classes} and {dropout}"
            )
        self.backbone = backbone
        self.classes = classes
        self.dropout = dropout
        self.head = keras.Sequential(
            [keras.layers.Dropout(dropout), keras.layers.Dense(classes, dtype="float32", name="logits")],
            name="head",
        )
        self.thaw(thawed)

    def build(self, input_shape):
        if not self.backbone.built:
            self.backbone.build(input_shape)
        self.head.build((None, self.features(keras.KerasTensor(input_shape)).shape[-1]))
        self.built = True

    def features(self, images):
        """Images (N, H, W, C) -> features (N, channels), the mean over the image; in inference mode."""
        if hasattr(self.backbone, "endpoints"):
            features = self.backbone.endpoints(images, training=False)["features"]
        else:
            features = self.backbone(images, training=False)
        return features if len(features.shape) == 2 else ops.mean(features, axis=(1, 2))

    def call(self, images, training=False):
        return self.head(self.features(images), training=training)

    def thaw(self, first):
        """Let the top of the backbone train; all below stays frozen, and the head trains in any case.

        Compile the classifier anew afterwards: a compiled one goes on with the weights that it trained
        before. Batch norm's scale and shift train, its moving statistics do not move. `thawed` keeps how many of
        the last layers `first` stands for.

        Args:
            first: the first layer of `backbone.layers` that trains, by its name, or how many at the end;
                0 freezes all.

        Returns:
            The names of the backbone's layers that train.

        Raises:
            InputError: there is no such layer.
        """
        layers = self.backbone.layers
        names = [layer.name for layer in layers]
        if isinstance(first, str):
            if first not in names:
                raise InputError(f"the backbone has no layer {first!r}; choose one of: {', '.join(names)}")
            first = len(names) - names.index(first)
        if not 0 <= first <= len(names):
            raise InputError(f"the backbone has {len(names)} layers, received {first} that should train")
        self.thawed = first
        trains = layers[len(layers) - first :]
        if hasattr(self.backbone, "endpoints"):  # its own last layers come after the features
            trains = [layer for layer in trains if not isinstance(layer, keras.layers.Dense)]
        # First the whole: a model that is not trainable hides the layers in it that are.
        set_trainable(self.backbone, bool(trains))
        for layer in layers:
            if layer not in trains:
                set_trainable(layer, False)
        return [layer.name for layer in trains]

    def get_config(self):
        return {
            **super().get_config(),
            "backbone": keras.saving.serialize_keras_object(self.backbone),
            "classes": self.classes,
            "dropout": self.dropout,
            "thawed": self.thawed,
        }

    @classmethod
    def from_config(cls, config):
        backbone = keras.saving.deserialize_keras_object(config["backbone"])
        return cls(**{**config, "backbone": backbone})


def fine_tuning(classifier, first, optimizer, loss, **options):
    """Thaw the top of a classifier's backbone and compile it anew, so that the next `fit` trains the top too.

    `fit` goes on with the weights that trained at the last `compile`: without a new one, nothing that was
    thawed since then moves, and no message says so.

    Args:
        classifier: a built `TransferClassifier`, whose head has been trained; it is changed.
        first: where the top begins; see `TransferClassifier.thaw`.
        optimizer: with a small learning rate, a tenth of the usual one or less: the backbone knows a lot.
        loss: as for `compile`.
        **options: what else `compile` takes, such as metrics.

    Returns:
        The names of the backbone's layers that train.

    Raises:
        InputError: there is no such layer.
    """
    names = classifier.thaw(first)
    classifier.compile(optimizer, loss, **options)
    return names


def cached_features(classifier, images, file=None, batch_size=64):
    """The features of all images, computed once: an epoch of the head on them takes no time.

    Args:
        classifier: a built `TransferClassifier`.
        images: (N, H, W, C).
        file: an .npz file that keeps them; used again if it is of these very images and weights, else
            written anew. None keeps nothing.
        batch_size: images at a time.

    Returns:
        (N, channels) float32.

    Raises:
        InputError: the file is no cache of features, so it is left alone; or it cannot be written.
    """
    if file is None:
        return _features(classifier, images, batch_size)
    file = Path(file)
    made_from = fingerprint(classifier.backbone, images)
    if file.exists():
        kept = _read(file)
        if str(kept["made_from"]) == made_from:
            return kept["features"]
    features = _features(classifier, images, batch_size)
    _write(file, features=features, made_from=made_from)
    return features


def fingerprint(backbone, images):
    """A checksum, as text, of the images and of all weights of the backbone: other ones give other features.

    Images in another order, or of another shape or dtype, have another checksum, too.
    """
    checksum = hashlib.blake2b(str((images.shape, images.dtype)).encode())
    for array in (images, *backbone.get_weights()):
        checksum.update(np.ascontiguousarray(array))
    return checksum.hexdigest()


def _features(classifier, images, batch_size):
    """The features of all images, (N, channels) float32, computed from `batch_size` images at a time."""
    batches = (images[start : start + batch_size] for start in range(0, len(images), batch_size))
    return np.concatenate([ops.convert_to_numpy(classifier.features(batch)) for batch in batches])


def _read(file):
    """What is in a cache; an error names a file that is none."""
    try:
        with open(file, "rb") as stream, np.load(stream) as content:
            return {"features": content["features"], "made_from": content["made_from"]}
    except Exception as error:
        raise InputError(
            f"{file} is no cache of features or is damaged ({type(error).__name__}); move it away or "
            "name another file"
        ) from error


def _write(file, **arrays):
    """To a neighbour first, then renamed over it: a kill leaves the old file or the new one."""
    content = io.BytesIO()
    np.savez(content, **arrays)
    partial = file.with_name(f".{file.name}.partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content.getvalue())
        os.replace(partial, file)
    except OSError as error:
        raise InputError(
            f"cannot write {file} ({error.strerror}); name a file in a folder of yours"
        ) from error
