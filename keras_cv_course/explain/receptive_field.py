"""The receptive field of a unit: which pixels of the input it sees, by the arithmetic of kernels, strides and padding.

Along each axis, unit i of a map sees the pixels from `step` i + `start` on, `size` of them. For the image itself that
is 1, 0, 1. A layer with kernel k, stride s, dilation d and p zeros in front turns (step, start, size) into

    (step s,  start - step p,  size + step d (k - 1)).

V. Dumoulin, F. Visin, "A Guide to Convolution Arithmetic for Deep Learning", arXiv:1603.07285; A. Araujo, W. Norris,
J. Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019, equations 2 and 4.
"""

from dataclasses import dataclass

import keras

from keras_cv_course.errors import InputError
from keras_cv_course.explain.layer_outputs import find_layer

KERNELS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D")
POOLINGS = ("MaxPooling2D", "AveragePooling2D")
# Layers and operations of which each output depends on the inputs at the same place alone.
POINTWISE = (
    *("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax", "Rescaling", "Normalization", "Identity"),
    *(
        "BatchNormalization",
        "Dropout",
        "SpatialDropout2D",
        "GaussianNoise",
        "ActivityRegularization",
        "Dense",
    ),
    *("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Cast", "TrueDivide"),
    *("ConvertToTensor", "Divide", "Negative", "Abs", "Square", "Identity"),
    *(
        "Relu",
        "Relu6",
        "Silu",
        "Sigmoid",
        "Tanh",
        "Gelu",
        "Clip",
        "HardSigmoid",
        "HardSilu",
        "Elu",
        "Softplus",
    ),
)


@dataclass(frozen=True)
class Span:
    """What the units along one axis see: unit i the pixels from step * i + start on, `size` of them."""

    step: int
    start: int
    size: int


@dataclass(frozen=True)
class ReceptiveField:
    """What the units of a map see of the image: a `Span` along its rows, and one along its columns."""

    rows: Span
    columns: Span

    def __iter__(self):
        return iter((self.rows, self.columns))

    def box(self, row, column):
        """(top, left, bottom, right) of a unit, in pixels, the last two excluded; parts may lie outside the image."""
        (top, left) = (span.step * i + span.start for span, i in zip(self, (row, column), strict=True))
        return top, left, top + self.rows.size, left + self.columns.size


IMAGE = ReceptiveField(Span(1, 0, 1), Span(1, 0, 1))


def next_span(span, kernel, stride=1, dilation=1, padding=0):
    """The span after one more layer.

    Args:
        span: of the layer's input.
        kernel, stride, dilation: of the layer, along this axis.
        padding: zeros in front of the first input; negative where inputs are cut away.

    Returns:
        A `Span`.
    """
    return Span(
        span.step * stride, span.start - span.step * padding, span.size + span.step * dilation * (kernel - 1)
    )


def union_of_spans(spans):
    """The span of units that depend on several maps of the same size, as after an addition.

    Raises:
        InputError: the maps' units are not equally far apart in the image.
    """
    if len({span.step for span in spans}) != 1:
        raise InputError(
            f"joined maps have steps of {[span.step for span in spans]} pixels; expected one step"
        )
    start = min(span.start for span in spans)
    return Span(spans[0].step, start, max(span.start + span.size for span in spans) - start)


def same_padding(length, kernel, stride=1, dilation=1):
    """Zeros in front of an axis of so many inputs under "same" padding; an odd one more goes behind it."""
    outputs = -(-length // stride)
    return max((outputs - 1) * stride + dilation * (kernel - 1) + 1 - length, 0) // 2


def receptive_fields(model, shape):
    """The receptive fields of all maps of a network.

    Padding depends on the image's size, and so do the fields' places: ask for the size that you use. Where a network
    branches, the field is the smallest rectangle that holds what the branches see; with dilation or a kernel smaller
    than its stride, some pixels inside it are not seen.

    Args:
        model: a built network, of any kind; its layers must keep channels last.
        shape: (height, width, channels) of the image.

    Returns:
        {name: `ReceptiveField`, or a text that says why there is none}: of the model's endpoints, if it has
        a method `endpoints`, and of its layers, however deep.
    """
    fields = {}
    image = keras.KerasTensor((1, *shape))
    if hasattr(model, "endpoints"):
        ends = model.endpoints(image)
        return {name: _trace(end, {id(image): IMAGE}, fields) for name, end in ends.items()} | fields
    for end in keras.tree.flatten(model.call(image)):
        _trace(end, {id(image): IMAGE}, fields)
    return fields


def receptive_field(model, shape, name):
    """The receptive field of one map; see `receptive_fields`.

    Raises:
        InputError: there is no such map, or no rectangle that each of its units sees.
    """
    fields = receptive_fields(model, shape)
    if name not in fields:
        find_layer(model, name)
        raise InputError(f"layer {name!r} makes no map that the network's output depends on; choose another")
    if isinstance(fields[name], str):
        raise InputError(f"{name!r} has no receptive field: {fields[name]}; choose a layer before it")
    return fields[name]


def _trace(end, known, fields):
    """The field of a symbolic tensor, or a text; those of the layers on the way go to `fields`.

    Keras notes of every symbolic tensor which operation made it from which others.
    """
    waiting = [end]
    while waiting:
        tensor = waiting[-1]
        if id(tensor) in known:
            waiting.pop()
            continue
        operation, node, _ = tensor._keras_history
        inputs = operation._inbound_nodes[node].input_tensors
        missing = [source for source in inputs if id(source) not in known]
        waiting += missing
        if missing:
            continue
        field = _through(operation, inputs, tensor, [known[id(source)] for source in inputs], fields)
        known[id(tensor)] = field
        if isinstance(operation, keras.Layer):
            again = operation.name in fields and fields[operation.name] != field
            fields[operation.name] = "it is used several times in a pass" if again else field
    return known[id(end)]


def _through(operation, inputs, output, before, fields):
    """The field after an operation, or a text that says why there is none."""
    reasons = [field for field in before if isinstance(field, str)]
    if reasons or not before:
        return reasons[0] if reasons else "it depends on no image"
    kind = type(operation).__name__
    if isinstance(operation, keras.Layer) and operation._layers and not kind.startswith(KERNELS):
        inside = [keras.KerasTensor(source.shape, source.dtype) for source in inputs]
        result = operation.call(*inside)
        known = {id(tensor): field for tensor, field in zip(inside, before, strict=True)}
        return _trace(result, known, fields)
    try:
        rows = union_of_spans([field.rows for field in before])
        columns = union_of_spans([field.columns for field in before])
    except InputError as error:
        return str(error)
    if kind in POINTWISE and len(output.shape) == 4:
        return ReceptiveField(rows, columns)
    layer = _geometry(operation, kind, inputs[0].shape)
    if layer is None:
        return (
            f"behind {operation.name!r} ({kind}) units see the whole image, or it is not known what they see"
        )
    return ReceptiveField(next_span(rows, *layer[0]), next_span(columns, *layer[1]))


def _geometry(layer, kind, shape):
    """(kernel, stride, dilation, padding) along the rows and along the columns; None for another kind of layer."""
    if kind in KERNELS or kind in POOLINGS:
        kernel = layer.kernel_size if kind in KERNELS else layer.pool_size
        dilation = layer.dilation_rate if kind in KERNELS else (1, 1)
        dilation = (dilation, dilation) if isinstance(dilation, int) else dilation
        sizes = list(zip(shape[1:3], kernel, layer.strides, dilation, strict=True))
        same = layer.padding == "same"
        return [(*size[1:], same_padding(*size) if same else 0) for size in sizes]
    if kind == "ZeroPadding2D":
        return [(1, 1, 1, before) for before, _ in layer.padding]
    if kind == "Cropping2D":
        return [(1, 1, 1, -before) for before, _ in layer.cropping]
    if kind == "Pad":
        return [(1, 1, 1, before) for before, _ in layer.pad_width[1:3]]
    return None
