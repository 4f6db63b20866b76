"""What every model must prove, and the `Case` that says with which arguments and inputs.

A case stands in the test file at the path of its model: `CASES = {"unet": Case(...)}` in
tests/segment/test_unet.py for keras_cv_course/segment/unet.py. tests/test_models.py collects them.
"""

import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np

from keras_cv_course.lesson.export import export
from tests.memory import give_back_memory

BACKEND = keras.backend.backend()
# Where each backend is compared with another one in a fresh process.
OTHER_BACKEND = {"tensorflow": "jax", "jax": "tensorflow", "torch": "tensorflow"}[BACKEND]


@dataclass(frozen=True)
class Case:
    """A model in a small configuration, and what to feed it.

    Args:
        make: makes the model with arguments that all differ from the defaults; rates of dropout and noise are not 0.
        inputs: (N, ...) float32 inputs of one batch.
        signature: shape of the exported input; None is free.
        targets: (N, ...) targets or a dictionary of them, or None where the model has its own loss.
        loss: name of the loss, or None where the model has its own loss.
        prepare: done to the built model before training, such as `model.adapt(inputs)`.
        published: {description: (function that makes the model at its published size, its input shape,
            trainable parameters)}.
        overfit: share of the first loss that 300 steps of Adam on one batch must fall below.
        learning_rate: Adam's rate for those steps.
        adversaries: {logged loss: names of the networks that it trains} of a GAN, in the order of their
            training; `overfit` then holds for each of these losses.
        other_inputs: a second batch of another size, to be served by the export.
        large: trainings and the comparison with the other backend take long, and are made by `pytest --proofs` only.
    """

    make: Callable
    inputs: np.ndarray
    signature: tuple
    targets: np.ndarray | dict | None = None
    loss: str | None = None
    prepare: Callable = lambda model: None
    published: dict = field(default_factory=dict)
    overfit: float = 0.3
    learning_rate: float = 0.01
    adversaries: dict = field(default_factory=dict)
    other_inputs: np.ndarray | None = None
    large: bool = False

    @property
    def data(self):
        """The arguments x (and y) of `fit`."""
        return {"x": self.inputs} if self.targets is None else {"x": self.inputs, "y": self.targets}

    @property
    def served(self):
        any_size = self.other_inputs is not None and BACKEND != "jax"
        return self.other_inputs if any_size else self.inputs[:3]

    def model(self, optimizer="adam", seed=0, random=True, **compiled):
        """A built, prepared and compiled model, whose dropout and noise can be left out.

        `run_eagerly=True` for one step or two: to trace and compile a step takes ten times as long as taking it.
        """
        keras.utils.set_random_seed(seed)
        model = self.make()
        model.build((None, *self.inputs.shape[1:]))
        self.prepare(model)
        model = model if random else without_draws(model)
        model.compile(optimizer=optimizer, loss=self.loss, **compiled)
        return model

    def step(self, model):
        """One training step on the one batch, without a shuffle."""
        return model.fit(**self.data, batch_size=len(self.inputs), epochs=1, shuffle=False, verbose=0)


def noise_images(count, height, width, channels, seed=20261121):
    """(count, height, width, channels) float32, every value uniform in [0, 1)."""
    return np.random.default_rng(seed).random((count, height, width, channels), dtype="float32")


def free_size(channels, height=21, width=20):
    """Arguments of a `Case` whose export takes images of any size: the signature, two larger images."""
    signature = (None, None, None, channels)
    return dict(signature=signature, other_inputs=noise_images(2, height, width, channels, seed=1))


def classification(inputs, learning_rate=0.003):
    """Arguments of a `Case` with three classes: one for each image, predicted as logits."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return dict(inputs=inputs, targets=np.arange(len(inputs)) % 3, loss=loss, learning_rate=learning_rate)


def segmentation():
    """Arguments of a `Case` with three classes: one for each pixel, predicted as logits.

    Four images of 16x16x2. A rectangle is of class 1; elsewhere bright pixels are of class 2, dark ones of 0.
    """
    inputs = noise_images(4, 16, 16, 2)
    masks = np.where(inputs[..., :1].mean(axis=-1) > 0.5, 2, 0)
    masks[:, 4:9, 3:9] = 1
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=255)
    return dict(inputs=inputs, targets=masks, loss=loss)


def real_or_generated(inputs, map_shape=()):
    """Arguments of a `Case` of a discriminator: about half of the images are real (1), the others generated (0).

    Args:
        inputs: (N, H, W, C) images.
        map_shape: (height, width) of the discriminator's map of logits; () for one logit an image.
    """
    truth = np.float32([1, 0, 1, 0, 0, 1])[: len(inputs)].reshape(-1, *[1] * len(map_shape), 1)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    return dict(inputs=inputs, targets=np.tile(truth, (1, *map_shape, 1)), loss=loss)


def translation():
    """Arguments of a `Case` that translates images of 8x8x2: the targets have the channels exchanged."""
    inputs = noise_images(4, 8, 8, 2)
    return dict(inputs=inputs, targets=inputs[..., ::-1], **free_size(2, 16, 24))


def dropout_layers(model):
    """The model's dropout layers, however deep; stochastic depth is dropout of whole images."""
    return [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.Dropout)]


def without_draws(model):
    """The model with its rates of dropout and its noise at 0: eager and compiled steps are compared.

    TensorFlow draws other numbers under XLA: no two of those steps would agree.
    """
    for layer in dropout_layers(model):
        layer.rate = 0.0
    if hasattr(model, "noise"):
        model.noise = 0.0
    return model


def same_draws(left, right):
    """Let the second model draw what the first one is about to: Keras saves no state of its random draws."""
    weights = {id(weight) for weight in (*left.weights, *right.weights)}
    states, others = ([v for v in model.variables if id(v) not in weights] for model in (left, right))
    for state, other in zip(states, others, strict=True):
        other.assign(state)


def by_path(model):
    """{path below the model: value} of every weight; Keras' running numbers (conv2d_7) become #1, #2 ..."""
    found, values = Counter(), {}
    for weight in model.weights:
        path = "/".join(re.sub(r"_\d+$", "", name) for name in weight.path.split("/")[1:])
        found[path] += 1
        values[f"{path}#{found[path]}"] = keras.ops.convert_to_numpy(weight)
    return values


def same_weights(left, right):
    """Assert that two models have the same weights by path, shape and value."""
    left, right = by_path(left), by_path(right)
    assert left.keys() == right.keys()
    for path, value in left.items():
        assert value.shape == right[path].shape, path
        np.testing.assert_array_equal(value, right[path], err_msg=path)


def flat(outputs):
    """{name: array} of a model's outputs, whether they are one tensor or a dictionary."""
    outputs = outputs if isinstance(outputs, dict) else {"output": outputs}
    return {name: keras.ops.convert_to_numpy(value) for name, value in outputs.items()}


def configuration_round_trip(case):
    model = case.model()
    config = json.loads(json.dumps(model.get_config()))
    default = type(model)().get_config()
    own = set(config) - {"name", "trainable", "dtype"}
    same = [name for name in own if json.dumps(config[name]) == json.dumps(default[name])]
    assert not same, f"the case must make {type(model).__name__} with a non-default {same}"
    idle = [name for name in own if re.search("dropout|stochastic_depth|^noise$", name) and not config[name]]
    assert not idle, f"the case must make {type(model).__name__} with {idle} above 0"
    twin = type(model).from_config(config)
    twin.build((None, *case.inputs.shape[1:]))
    assert json.loads(json.dumps(twin.get_config())) == config
    assert {p: v.shape for p, v in by_path(twin).items()} == {p: v.shape for p, v in by_path(model).items()}
    for layer in model._flatten_layers():
        if type(layer).__module__.startswith("keras_cv_course.") and not isinstance(layer, keras.Model):
            layer_round_trip(layer)


def layer_round_trip(layer):
    """A layer of ours can be used, cloned and saved without the model that it was written for."""
    config = json.loads(json.dumps(layer.get_config()))
    arguments = set(inspect.signature(type(layer)).parameters) - {"kwargs"}
    assert arguments <= set(config), f"{type(layer).__name__}'s configuration lacks {arguments - set(config)}"
    twin = type(layer).from_config(config)
    twin.build_from_config(layer.get_build_config())
    assert json.loads(json.dumps(twin.get_config())) == config
    assert [weight.shape for weight in twin.weights] == [weight.shape for weight in layer.weights]


def build_creates_all_weights(case):
    model = case.make()
    model.build((None, *case.inputs.shape[1:]))
    built = list(by_path(model))
    case.prepare(model)
    model.compile("adam", loss=case.loss, run_eagerly=True)
    case.step(model)
    assert built and list(by_path(model)) == built


def published_parameters(case):
    for description, (make, input_shape, expected) in case.published.items():
        with keras.StatelessScope(initialize_variables=False):  # shapes without numbers: no time, no memory
            model = make()
            model.build(input_shape)
        count = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
        assert count == expected, f"{description}: {count:,} trainable parameters, published {expected:,}"


def every_weight_learns(case):
    """With plain gradient descent a weight moves exactly when its gradient is not zero."""
    model = case.model(keras.optimizers.SGD(1.0), run_eagerly=True)
    before = by_path(model)
    case.step(model)
    for weight, (path, value) in zip(model.weights, by_path(model).items()):
        if weight.trainable:
            assert np.isfinite(value).all(), path
            assert np.any(value != before[path]), f"{path} has no gradient"


def overfits_one_batch(case):
    """300 steps on the same batch, as three epochs over a hundred copies of it."""
    model = case.model(keras.optimizers.Adam(case.learning_rate))
    size = len(case.inputs)
    copies = keras.tree.map_structure(lambda array: np.concatenate([array] * 100), case.data)
    before = model.evaluate(**case.data, batch_size=size, verbose=0, return_dict=True)["loss"]
    model.fit(**copies, batch_size=size, epochs=3, shuffle=False, verbose=0)
    after = model.evaluate(**case.data, batch_size=size, verbose=0, return_dict=True)["loss"]
    assert after < case.overfit * before, (before, after)


def each_adversary_learns(case):
    """The loss of each adversary falls when it alone is trained against the other one, which is fixed.

    Their sum need not fall: what one gains the other loses. The second is trained against the trained first.
    """
    model, size = case.model(), len(case.inputs)
    copies = keras.tree.map_structure(lambda array: np.concatenate([array] * 100), case.data)
    networks = {name: getattr(model, name) for names in case.adversaries.values() for name in names}
    for loss, trained in case.adversaries.items():
        for name, network in networks.items():
            network.trainable = name in trained
        fixed = {name: by_path(network) for name, network in networks.items() if name not in trained}
        model.compile(keras.optimizers.Adam(case.learning_rate))
        before = case.step(model).history[loss][0]
        history = model.fit(**copies, batch_size=size, epochs=3, shuffle=False, verbose=0).history[loss]
        assert 0 <= history[-1] < case.overfit * before, (loss, before, history)
        for name, weights in fixed.items():
            for path, value in by_path(networks[name]).items():
                np.testing.assert_array_equal(value, weights[path], err_msg=f"{name}/{path} moved")


def saved_and_loaded(case, folder):
    """Every weight comes back by path, and the next step is the one that an uninterrupted run takes."""
    model = case.model(run_eagerly=True)
    case.step(model)
    model.save(folder / "model.keras")
    loaded = keras.saving.load_model(folder / "model.keras")
    same_weights(model, loaded)
    same_draws(model, loaded)
    case.step(model)
    case.step(loaded)
    for (path, value), other in zip(by_path(model).items(), by_path(loaded).values()):
        np.testing.assert_allclose(value, other, rtol=0, atol=1e-6, err_msg=path)


def mixed_precision(case):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = case.model(run_eagerly=True)
    finally:
        keras.config.set_dtype_policy(policy)
    for name, value in flat(model(case.inputs)).items():
        assert value.dtype in (np.float32, bool), (
            f"{name} is {value.dtype}: give the last layer dtype float32"
        )
    assert np.isfinite(case.step(model).history["loss"][0])


def compiled_equals_eager(case):
    """Three steps: one operation after the other, as TensorFlow's graph, and compiled as a whole (XLA)."""
    ways = {"eager": {"run_eagerly": True}, "compiled": {"jit_compile": True}}
    if BACKEND == "tensorflow":  # what Keras takes by itself on a machine without a GPU
        ways["graph"] = {"jit_compile": False}
    losses = {}
    for way, how in ways.items():
        model = case.model(random=False, **how)
        history = model.fit(**case.data, batch_size=len(case.inputs), epochs=3, shuffle=False, verbose=0)
        losses[way] = history.history["loss"]
        np.testing.assert_allclose(losses[way], losses["eager"], rtol=1e-4, err_msg=way)


LOAD_SERVED = """
import gc, sys, json, numpy as np, tensorflow as tf
for folder in json.loads(sys.argv[1]):
    served = outputs = None  # one at a time
    gc.collect()
    served = tf.saved_model.load(folder + "/serve")
    outputs = served.serve(tf.constant(np.load(folder + "/inputs.npy")))
    outputs = outputs if isinstance(outputs, dict) else {"output": outputs}
    np.savez(folder + "/served.npz", **{name: value.numpy() for name, value in outputs.items()})
assert not any(name.startswith("keras_cv_course") for name in sys.modules)
"""

LOAD_ON_OTHER_BACKEND = """
import gc, importlib, sys, json, numpy as np, keras
for folder, module in json.loads(sys.argv[1]).items():
    model = outputs = None  # one at a time
    keras.backend.clear_session()
    if keras.backend.backend() == "jax":
        importlib.import_module("jax").clear_caches()  # or it keeps every operation that it has compiled
    importlib.import_module(module)
    model = keras.saving.load_model(folder + "/model.keras")
    outputs = model(np.load(folder + "/inputs.npy"))
    outputs = outputs if isinstance(outputs, dict) else {"output": outputs}
    np.savez(folder + "/other.npz", **{k: keras.ops.convert_to_numpy(v) for k, v in outputs.items()})
"""


def stirred(model):
    """The model, none of its weights where it began, as after training; no step has to be compiled for it.

    All grow, so that variances and steps of fixed size stay positive; whole numbers, such as seeds, stay. So
    do a Normalization layer's statistics: it computes with what `adapt` saw, and with them on loading only.
    """
    rng = np.random.default_rng(0)
    adapted = [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.Normalization)]
    kept = {id(weight) for layer in adapted for weight in layer.weights}
    for weight in model.weights:
        if id(weight) in kept:
            continue
        value = keras.ops.convert_to_numpy(weight)
        if np.issubdtype(value.dtype, np.floating):
            weight.assign(value * (1 + 0.1 * rng.random(value.shape)) + 0.01 * rng.random(value.shape))
    return model


def exported(cases):
    """Export every case, serve them all in one fresh process that has TensorFlow only.

    Returns:
        {name: (the model's own outputs, the served outputs)}.
    """
    with tempfile.TemporaryDirectory() as root:
        own, folders = {}, []
        for name, case in cases.items():
            folder = Path(root) / name
            folder.mkdir()
            model = stirred(case.model())
            export(model, folder, case.signature)
            np.save(folder / "inputs.npy", case.served)
            own[name] = flat(model(case.served))
            folders.append(str(folder))
            del model
            give_back_memory()
        fresh_process(LOAD_SERVED, json.dumps(folders), cwd=root)
        return {name: (own[name], dict(np.load(Path(root) / name / "served.npz"))) for name in cases}


def on_other_backend(cases):
    """Save every case, load them all in one fresh process on another backend.

    Returns:
        {name: (the model's outputs here, its outputs there)}.
    """
    with tempfile.TemporaryDirectory() as root:
        own, modules = {}, {}
        for name, case in cases.items():
            folder = Path(root) / name
            folder.mkdir()
            model = stirred(case.model())
            model.save(folder / "model.keras")
            np.save(folder / "inputs.npy", case.served)
            own[name] = flat(model(case.served))
            modules[str(folder)] = type(model).__module__
            del model
            give_back_memory()
        # JAX compiles every operation of every shape for a single call: what LLVM would gain on them, it takes to find.
        flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_backend_optimization_level=0"
        fresh_process(
            LOAD_ON_OTHER_BACKEND, json.dumps(modules), KERAS_BACKEND=OTHER_BACKEND, XLA_FLAGS=flags.strip()
        )
        return {name: (own[name], dict(np.load(Path(root) / name / "other.npz"))) for name in cases}


def fresh_process(script, *arguments, cwd=None, **environment):
    """Run a script in a Python of its own; its errors are shown. This process is small meanwhile."""
    give_back_memory(growth=0)
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
