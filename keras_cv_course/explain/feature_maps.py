"""The maps of a network that are worth looking at, by name, and their values for many images."""

import numpy as np
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.explain.input_gradient import input_gradient
from keras_cv_course.explain.layer_outputs import find_layer, intercepted, layer_output
from keras_cv_course.explain.receptive_field import receptive_fields


def chosen_maps(model, shape, names=(), most=9):
    """The receptive fields of the maps of these names, or of the network's main ones.

    Main ones are its endpoints if it has some, else the last layer of each size of the receptive field: behind
    normalisation and activation. Of more than `most`, equally many are left out between any two.

    Args:
        model: a built network.
        shape: (height, width, channels) of the images.
        names: of endpoints or layers; () for the main ones.
        most: at most so many main ones.

    Returns:
        {name: `ReceptiveField`}, from the first to the last.

    Raises:
        InputError: a map is not there, or has no receptive field; or no unit sees more than a pixel.
    """
    fields = receptive_fields(model, shape)
    usable = {name: field for name, field in fields.items() if not isinstance(field, str)}
    if not any(max(span.size for span in field) > 1 for field in usable.values()):
        raise InputError(
            "the model has no convolution whose units see a part of an image; choose another model"
        )
    for name in names:
        if name not in usable:
            why = fields.get(name, "there is none of that name")
            raise InputError(f"no map {name!r} to look at: {why}; choose from: {', '.join(usable)}")
    if not names and hasattr(model, "endpoints"):
        names = [name for name in model.endpoints(np.zeros((1, *shape), "float32")) if name in usable]
    elif not names:
        last = {field: name for name, field in usable.items() if max(span.size for span in field) > 1}
        names = sorted(last.values(), key=list(usable).index)
    if len(names) > most:
        names = [names[place] for place in np.linspace(0, len(names) - 1, most).round().astype(int)]
    return {name: usable[name] for name in names}


def feature_maps(model, images, names, summary=None, batch_size=16):
    """Maps of many images.

    Args:
        model: a built network, images (N, H, W, C) -> anything; endpoints or layers of it are called `names`.
        images: (N, H, W, C) array.
        names: of the maps.
        summary: function of a map (n, h, w, channels), such as its maximum over places; None keeps the maps.
        batch_size: images that are computed at once.

    Returns:
        {name: (N, h, w, channels) float32, or what the summary makes of it}.
    """
    found = {name: [] for name in names}
    for start in range(0, len(images), batch_size):
        batch = np.asarray(images[start : start + batch_size], "float32")
        ends = model.endpoints(batch) if hasattr(model, "endpoints") else {}
        for name in names:
            values = (
                ops.convert_to_numpy(ends[name]).astype("float32")
                if name in ends
                else layer_output(model, batch, name)
            )
            found[name].append(values if summary is None else summary(values))
    return {name: np.concatenate(values) for name, values in found.items()}


def gradient_columns(model, name, shape, column, rng):
    """The first and the last column of an image of noise that the units of one column of a map depend on.

    It is measured, by the gradient of the sum of these units with respect to the pixels.

    Args:
        model, name: as for `feature_maps`.
        shape: (height, width, channels) of the image.
        column: of the map.
        rng: a `numpy.random.Generator`, for the noise.

    Returns:
        Two integers; (-1, -1) where the units depend on nothing.
    """
    images = rng.random((1, *shape), dtype="float32")

    def score(tensor):
        if hasattr(model, "endpoints") and name in model.endpoints(images):
            maps = model.endpoints(tensor)[name]
        else:
            seen = []
            with intercepted(find_layer(model, name), lambda output: seen.append(output) or output):
                model(tensor, training=False)
            maps = seen[0]
        return ops.sum(ops.cast(maps[:, :, column], "float32"), axis=(1, 2))

    gradient = input_gradient(score, images)
    columns = np.flatnonzero(np.abs(gradient).sum(axis=(0, 1, 3)))
    return (int(columns[0]), int(columns[-1])) if len(columns) else (-1, -1)
