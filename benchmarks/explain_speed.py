"""Our maps of importance beside those of captum or of tf-keras-vis: the same network, the same images; maps and time.

captum explains PyTorch modules: a network of ours runs on Keras' PyTorch backend, and its weights are copied into a
module of plain PyTorch. tf-keras-vis explains functional Keras models on TensorFlow: both sides have the same one. They
take turns; the table shows the correlation of the maps, each side's best turn in seconds of the processor, all threads
together, and how many times as long the peer takes.

    pip install -e ".[torch,explain-peers]"
    KERAS_BACKEND=torch python benchmarks/explain_speed.py captum
    KERAS_BACKEND=tensorflow python benchmarks/explain_speed.py tf-keras-vis

SmoothGrad has no correlation: each side draws its own noise.
"""

import argparse
import importlib.util
import sys
import time
import warnings

from measured import keep

FILTERS, CLASSES, SIZE, COUNT, TURNS = (32, 64, 96), 10, 96, 8, 3
PEERS = {"captum": ("captum", "torch"), "tf-keras-vis": ("tf_keras_vis", "tensorflow")}


def twins(rng):
    """A network of ours with drawn weights, and the same one as a PyTorch module, for images (N, 3, H, W)."""
    import torch
    from torch import nn

    from keras_cv_course.classify.average_pooling import AveragePoolingClassifier

    ours = AveragePoolingClassifier(FILTERS, classes=CLASSES)
    ours.build((None, SIZE, SIZE, 3))
    layers, channels = [], 3
    for stage, count in enumerate(FILTERS):
        if stage:
            layers.append(nn.MaxPool2d(2))
        convolution = nn.Conv2d(channels, count, 3, padding=1, bias=False)
        norm = nn.BatchNorm2d(count, eps=1e-3)
        numbers = [rng.normal(1, 0.2, count), *rng.normal(0, 0.3, (2, count)), rng.uniform(0.5, 2, count)]
        ours.norms[stage].set_weights(numbers)
        for tensor, values in zip((norm.weight, norm.bias, norm.running_mean, norm.running_var), numbers):
            tensor.data = torch.tensor(values, dtype=torch.float32)
        kernel = ours.convolutions[stage].get_weights()[0]
        convolution.weight.data = torch.tensor(kernel.transpose(3, 2, 0, 1).copy())
        layers += [convolution, norm, nn.ReLU()]
        channels = count
    dense = nn.Linear(channels, CLASSES)
    kernel, bias = ours.classifier.get_weights()
    dense.weight.data, dense.bias.data = torch.tensor(kernel.T.copy()), torch.tensor(bias)
    return ours, nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), dense).eval()


def beside_captum(images, classes, rng):
    """{method: (ours, theirs)}: functions without arguments that return maps of one shape."""
    import torch
    from captum import attr

    from keras_cv_course.explain.backward_rules import ruled_saliency
    from keras_cv_course.explain.class_activation import grad_cam
    from keras_cv_course.explain.integrated_gradients import integrated_gradients
    from keras_cv_course.explain.occlusion import occlusion_map
    from keras_cv_course.explain.saliency import gradient_saliency, smooth_saliency

    torch.set_num_threads(1)  # threads that wait for each other would count as time of the processor
    ours, theirs = twins(rng)
    tensor, target = torch.tensor(images.transpose(0, 3, 1, 2).copy()), torch.tensor(classes)
    features = theirs[-4]  # the last ReLU

    def shown(attributions):
        return attributions.detach().numpy().transpose(0, 2, 3, 1)

    patch = dict(
        sliding_window_shapes=(3, 16, 16), strides=(3, 8, 8), baselines=0.5, perturbations_per_eval=4
    )
    noise = dict(nt_type="smoothgrad", nt_samples=16, stdevs=0.15, target=target)
    steps = dict(n_steps=32, method="riemann_middle", baselines=0, target=target)
    return {
        "gradient": (
            lambda: gradient_saliency(ours, images, classes),
            lambda: shown(attr.Saliency(theirs).attribute(tensor, target, abs=False)),
        ),
        "SmoothGrad": (
            lambda: smooth_saliency(ours, images, classes),
            lambda: shown(attr.NoiseTunnel(attr.Saliency(theirs)).attribute(tensor, abs=False, **noise)),
        ),
        "integrated gradients": (
            lambda: integrated_gradients(ours, images, classes),
            lambda: shown(attr.IntegratedGradients(theirs).attribute(tensor, **steps)),
        ),
        "guided": (
            lambda: ruled_saliency(ours, images, classes),
            lambda: shown(attr.GuidedBackprop(theirs).attribute(tensor, target)),
        ),
        "deconvnet": (
            lambda: ruled_saliency(ours, images, classes, "deconvnet"),
            lambda: shown(attr.Deconvolution(theirs).attribute(tensor, target)),
        ),
        "occlusion": (
            lambda: occlusion_map(ours, images, classes, size=16, stride=8, fill=0.5),
            lambda: shown(attr.Occlusion(theirs).attribute(tensor, target=target, **patch))[..., 0],
        ),
        "Grad-CAM": (
            lambda: grad_cam(ours, images, classes),
            lambda: shown(
                attr.LayerGradCam(theirs, features).attribute(tensor, target, relu_attributions=True)
            )[..., 0],
        ),
    }


def beside_tf_keras_vis(images, classes, rng):
    """{method: (ours, theirs)}: functions without arguments that return maps of one shape."""
    import keras
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.utils.scores import CategoricalScore

    from keras_cv_course.explain.class_activation import grad_cam
    from keras_cv_course.explain.grad_cam_plus_plus import grad_cam_plus_plus
    from keras_cv_course.explain.saliency import gradient_saliency, smooth_saliency, strength

    shape = (SIZE, SIZE, 3)
    model = keras.applications.MobileNetV2(shape, weights=None, classes=CLASSES, classifier_activation=None)
    last, score = "out_relu", CategoricalScore(classes.tolist())
    whole = dict(
        penultimate_layer=last, seek_penultimate_conv_layer=False, expand_cam=False, normalize_cam=False
    )
    return {
        "gradient": (
            lambda: strength(gradient_saliency(model, images, classes)),
            lambda: Saliency(model, clone=False)(score, images, normalize_map=False),
        ),
        "SmoothGrad": (
            lambda: strength(smooth_saliency(model, images, classes)),
            lambda: Saliency(model, clone=False)(
                score, images, smooth_samples=16, smooth_noise=0.15, normalize_map=False
            ),
        ),
        "Grad-CAM": (
            lambda: grad_cam(model, images, classes, last),
            lambda: Gradcam(model, clone=False)(score, images, **whole),
        ),
        "Grad-CAM++": (
            lambda: grad_cam_plus_plus(model, images, classes, last),
            lambda: GradcamPlusPlus(model, clone=False)(score, images, **whole),
        ),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", choices=PEERS)
    peer = parser.parse_args().peer
    module, backend = PEERS[peer]
    if importlib.util.find_spec(module) is None:
        sys.exit(f"explain_speed: {peer} is not installed; pip install -e '.[torch,explain-peers]'")
    import keras
    import numpy as np

    if keras.backend.backend() != backend:
        sys.exit(f"explain_speed: {peer} needs KERAS_BACKEND={backend}, received {keras.backend.backend()}")
    warnings.filterwarnings("ignore")  # of the peers: hooks on ReLU, the structure of inputs
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(1)
    images, classes = rng.random((COUNT, SIZE, SIZE, 3), dtype="float32"), rng.integers(0, CLASSES, COUNT)
    sides_of = beside_captum if peer == "captum" else beside_tf_keras_vis
    found = {}
    print(f"{'':22}{'correlation':>12}{'ours s':>9}{'peer s':>9}{'times':>7}")
    for name, sides in sides_of(images, classes, rng).items():
        maps, best = [np.asarray(side()) for side in sides], [np.inf, np.inf]
        for _ in range(TURNS):
            for number, side in enumerate(sides):
                began = time.process_time()
                side()
                best[number] = min(best[number], time.process_time() - began)
        # Image by image: peers scale each map by a number of its own.
        alike = [np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in zip(*maps) if one.any()]
        alike = None if name == "SmoothGrad" else float(np.mean(alike))
        found[name] = {"ours": best[0], "peer": best[1], "correlation": alike}
        said = "" if alike is None else f"{alike:.5f}"
        print(f"{name:22}{said:>12}{best[0]:9.3f}{best[1]:9.3f}{best[1] / best[0]:7.2f}", flush=True)
    keep(__file__, {"images": [COUNT, SIZE, SIZE, 3], "methods": found})


if __name__ == "__main__":
    main()
