"""Saliency: which pixels a decision rests on, by five kinds of map, and which of the maps depend on the network at all.

You will be able to:

- compute the gradient of a class score with respect to the pixels, and verify it by a finite difference;
- build SmoothGrad, guided backpropagation and occlusion, and say what each of them changes;
- test a map in two ways: on images whose truth is known, and by destroying what the network has learned.

Before: `day1.cnn`.

K. Simonyan, A. Vedaldi, A. Zisserman, "Deep Inside Convolutional Networks", ICLR 2014 workshop, section 3 (gradient).
D. Smilkov et al., "SmoothGrad", arXiv:1706.03825, section 3. M. Zeiler, R. Fergus, "Visualizing and Understanding
Convolutional Networks", ECCV 2014, sections 2.1 and 4.2 (deconvnet, occlusion). J. Springenberg et al., "Striving for
Simplicity", ICLR 2015 workshop, section 3.4 (guided). J. Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS
2018, section 3. J. Zhang et al., "Top-Down Neural Attention by Excitation Backprop", ECCV 2016, section 4.1 (pointing).
"""

from typing import Literal

import keras
import numpy as np
from keras import ops

from keras_cv_course import data
from keras_cv_course.baselines.image_saliency import IMAGE_SALIENCY
from keras_cv_course.classify.average_pooling import AveragePoolingClassifier
from keras_cv_course.classify.efficientnet_lite import EfficientNetLite
from keras_cv_course.errors import InputError
from keras_cv_course.explain.backward_rules import relu_rule, ruled_relu, ruled_saliency
from keras_cv_course.explain.class_activation import enlarged, grad_cam
from keras_cv_course.explain.input_gradient import InputGradient, class_score, input_gradient
from keras_cv_course.explain.occlusion import occlusion_map
from keras_cv_course.explain.pointing_game import pointing_game
from keras_cv_course.explain.randomisation import cascading_randomisation, rank_correlation
from keras_cv_course.explain.saliency import gradient_saliency, smooth_saliency, strength
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.accuracy import accuracy
from keras_cv_course.training.imagenet_classes import imagenet_classes
from keras_cv_course.training.pretrained import efficientnet_lite0
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day5.figures.saliency import correlations, map_rows, randomised_maps, saliency_of_my_image


@lesson(
    quick=dict(limit=64, epochs=1, network="untrained", photographs=("coffee",), samples=2, size=64),
    full=dict(epochs=30, samples=50),
    batch_size=64,
    image_figure=saliency_of_my_image,
    image_model=efficientnet_lite0,
    targets={
        "marks": dict(
            occlusion_found=at_least(0.95),
            guided_correlation=at_least(0.8),
            gradient_correlation=at_most(0.6),
            grad_cam_correlation=at_most(0.5),
            finite_difference_error=at_most(0.05),
            guided_error=at_most(1e-6),
        )
    },
)
def saliency(
    run,
    dataset: str = "marks",
    network: Literal["efficientnet_lite0", "untrained"] = "efficientnet_lite0",
    photographs: tuple[str, ...] = ("chelsea", "coffee", "camera", "rocket"),
    size: int = 224,
    samples: int = 16,
    noise: float = 0.15,
    filters: tuple[int, ...] = (16, 32, 32),
    epochs: int = 6,
    learning_rate: float = 8e-3,
    explain: int | None = None,
):
    """Explain decisions of a network that knows ImageNet, and of a small one for which the right answer is known.

    Args:
        dataset: images with a known reason for their class; marks is built in.
        network: the one that looks at the photographs: EfficientNet-Lite0 as trained on ImageNet, or a small one with
            random weights, which explains nothing and is there at once.
        photographs: names of photographs of the data set `photos`.
        size: the photographs have size x size pixels; the network was trained at 224.
        samples: noisy copies that SmoothGrad averages over.
        noise: their standard deviation as a share of the image's range; in [0, 1].
        filters: feature maps of the small network's stages.
        epochs: passes of the small network over its training images.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.
        explain: with --image: number of the class to explain; the most probable one if it is not given.

    Metrics:
        accuracy: share of the test images that the small network classifies correctly.
        occlusion_found: share of the test images on which the occlusion map is highest within the striped square.
        gradient_found: the same of the absolute gradient.
        smooth_found: the same of SmoothGrad.
        guided_found: the same of guided backpropagation.
        finite_difference_error: largest relative error of the slope that the gradient predicts, over the photographs.
        guided_error: largest difference of the guided rule from the product of both masks.
        gradient_correlation: rank correlation of the gradient's map with itself after the upper layers are random.
        guided_correlation: the same of guided backpropagation.
        grad_cam_correlation: the same of Grad-CAM.
    """
    # %% A decision, and its gradient
    # EfficientNet-Lite0 gives a photograph $x$ of 224×224×3 one score $S_c$ for each of ImageNet's 1,000 classes.
    # Near $x$ the score is almost linear, $S_c(x + \epsilon) \approx S_c(x) + g \cdot \epsilon$, and the gradient
    # $g = \partial S_c / \partial x$ says by how much each number counts. Its map shows
    # $\max_{channel} |g|$ at each pixel. We take the logit, not the probability: that one hardly moves where the
    # network is certain, and falls when another class rises.
    #
    # Whether $g$ is right can be measured: walk a small step $h$ along $g$, and compare
    # $(S_c(x + h\,g/|g|) - S_c(x - h\,g/|g|)) / 2h$ with $|g|$.
    photos = data.load("photos", size=size).train
    unknown = set(photographs) - set(photos.names)
    if unknown:
        raise InputError(
            f"there is no photograph {', '.join(sorted(unknown))}; there are {', '.join(photos.names)}"
        )
    images = photos.images[[list(photos.names).index(name) for name in photographs]]
    seen = efficientnet_lite0() if network == "efficientnet_lite0" else EfficientNetLite.small(classes=1000)
    classes = ops.convert_to_numpy(seen(images)).argmax(axis=-1)
    score, plain = class_score(seen, images, classes), gradient_saliency(seen, images, classes)
    length = np.sqrt(np.square(plain).sum(axis=(1, 2, 3)))
    step = 1e-3 * plain / length[:, None, None, None]
    slope = ops.convert_to_numpy(score(images + step) - score(images - step)) / 2e-3
    run.metrics(finite_difference_error=np.abs(slope / length - 1).max())

    # %% Four other maps
    # Gradients of deep networks flicker from pixel to pixel. *SmoothGrad* takes the mean gradient of `samples` copies
    # with Gaussian noise. *Deconvnet* and *guided backpropagation* change the backward pass of every ReLU. Let $f$ be
    # what went into it, and $R$ the gradient that comes from above:
    #
    # backpropagation $(f > 0)\,R$, deconvnet $(R > 0)\,R$, guided $(f > 0)(R > 0)\,R$.
    #
    # What speaks against the class is cut off at each layer. EfficientNet has no max-pooling, so that in
    # deconvnet's backward pass the image does not occur at all: compare its maps of different photographs.
    # *Occlusion* needs no gradient: a grey square covers one place after the other, and the map shows how far the
    # score falls. Each place costs a pass, but the map is in units of the score, and says what would happen. In the
    # figure, ask of each map: does it show what the *class* depends on, or edges?
    features, upstream = (run.rng.normal(size=1000).astype("float32") for _ in range(2))
    found = input_gradient(lambda x: ops.sum(ops.multiply(ruled_relu("guided")(x), upstream)), features)
    run.metrics(guided_error=np.abs(found - (features > 0) * (upstream > 0) * upstream).max())
    maps = {
        "gradient": strength(plain),
        "SmoothGrad": strength(smooth_saliency(seen, images, classes, samples, noise, run.seed)),
        "deconvnet": strength(ruled_saliency(seen, images, classes, "deconvnet")),
        "guided": strength(ruled_saliency(seen, images, classes)),
        "occlusion": occlusion_map(seen, images, classes, size=size // 4, stride=size // 8),
    }
    names = [imagenet_classes()[number] for number in classes]
    title = "Five maps of what EfficientNet-Lite0 sees, for its most probable class"
    alt = (
        "Photographs in rows; beside each its maps by gradient, SmoothGrad, deconvnet, guided, and occlusion."
    )
    run.figure("photographs", map_rows(images, names, maps, title), alt=alt)

    # %% Where the truth is known
    # Nobody knows which pixels make a cat. So we plant the truth: cut-outs of photographs, 32×32×3, with two squares of
    # 8×8 pixels. Both have the same two tones. One is striped, and the class is the stripes' direction; the other is
    # checked and says nothing. A small network learns it: 32×32×16 → 16×16×32 → 8×8×32, the mean over all places, two
    # logits. *The pointing game* then asks where a map is highest: in the striped square, or not. Methods that know the
    # image only, not the network, are measured alike: brightness, local contrast, the middle of the image, and
    # the direction of edges. The last one has been told what the classes are.
    train, validation, test = loaded = data.load(dataset, limit=run.limit)
    model = AveragePoolingClassifier(filters, classes=len(loaded.classes))
    model.build((None, *train.images.shape[1:]))
    run.show(model)
    batches = run.batches(train.images, train.labels)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = adam_with_warmup(learning_rate, epochs * len(batches))
    model.compile(optimizer, loss, metrics=["accuracy"], **run.compile_options)
    held_out = (validation.images, validation.labels)
    model.fit(batches, validation_data=held_out, epochs=epochs, callbacks=run.callbacks())
    logits = model.predict(test.images, verbose=0)
    marked, answers = test.images[:200], logits[:200].argmax(axis=-1)
    found = {
        "gradient": strength(gradient_saliency(model, marked, answers)),
        "SmoothGrad": strength(smooth_saliency(model, marked, answers, samples, noise, run.seed)),
        "guided": strength(ruled_saliency(model, marked, answers)),
        "occlusion": occlusion_map(model, marked, answers, size=4, stride=2),
    }
    shares = {name: pointing_game(one, test.boxes[:200, :1]) for name, one in found.items()}
    run.metrics(
        accuracy=accuracy(test.labels, logits),
        occlusion_found=shares["occlusion"],
        gradient_found=shares["gradient"],
        smooth_found=shares["SmoothGrad"],
        guided_found=shares["guided"],
    )
    for name, method in IMAGE_SALIENCY.items():
        run.baseline("occlusion_found", name, pointing_game(method(marked), test.boxes[:200, :1]))
    for name in ("gradient", "SmoothGrad", "guided"):
        run.baseline("occlusion_found", name, shares[name])
    named = [loaded.classes[number] for number in answers]
    title = "The small network's maps; the square that tells the class is framed"
    alt = "Cut-outs of photographs with two squares; beside each its maps by four methods, the striped square framed."
    run.figure("marks", map_rows(marked[:5], named, found, title, test.boxes[:, :1]), alt=alt)

    # %% Does the map need the network?
    # A map may look right and yet show edges that any network would show. Adebayo et al. test it so: destroy what the
    # network has learned, from its top down, and compare each map with what it was. Here each kernel's numbers are
    # shuffled, first the dense layer's, then the head's, then stage by stage. After that the network knows no classes
    # any more, so an explanation *must* change. The curves show the rank correlation of the absolute values: 1 is
    # the same map, 0 another one. The table has it where the dense layer, the head and stages 7 and 6 are random, 85 %
    # of all kernels' numbers. Which of the three maps hardly notices? What can it then be showing?
    stages = {"logits": [seen.classifier], "head": [seen.head_conv]}
    stages |= {f"stage {number}": seen.blocks[number - 1] for number in range(len(seen.blocks), 0, -1)}
    stages["stem"] = [seen.stem_conv]
    gradient_at = InputGradient(score, images.shape)
    with relu_rule(seen, "guided"):
        guided_at = InputGradient(score, images.shape)
        guided_at(images)  # the rule is in force while the step is compiled
    methods = {
        "gradient": lambda: strength(gradient_at(images)),
        "guided": lambda: strength(guided_at(images)),
        "Grad-CAM": lambda: grad_cam(seen, images, classes),
    }
    steps = {name: {"trained": method()} for name, method in methods.items()}
    with cascading_randomisation(seen, stages, run.rng) as randomised:
        for stage in randomised:
            for name, method in methods.items():
                steps[name][stage] = method()
    curves = {
        name: [np.mean([rank_correlation(*pair) for pair in zip(by["trained"], one)]) for one in by.values()]
        for name, by in steps.items()
    }
    half = list(steps["gradient"]).index(f"stage {len(seen.blocks) - 1}")
    for name, metric in {"gradient": "gradient", "guided": "guided", "Grad-CAM": "grad_cam"}.items():
        run.metrics(**{f"{metric}_correlation": curves[name][half]})
    alt = "Rank correlation with the trained network's map, against the stages that are random, for three methods."
    run.figure("correlations", correlations(list(steps["gradient"]), curves), alt=alt)
    shown = {
        name: {stage: enlarged(one[:1], (size, size))[0] for stage, one in by.items()}
        for name, by in steps.items()
    }
    alt = "Maps of the first photograph by three methods, from the trained network to one whose weights are all random."
    run.figure("randomised", randomised_maps(images[0], shown), alt=alt)

    # %% Try it
    # 1. `--image photo.jpg`, a photograph of your own: the network's most probable class and its maps, within
    #    seconds and without training; `--explain 281` explains another class, here tabby cat. `--model my.keras`
    #    takes a classifier of yours, for images in [0, 1].
    # 2. `--epochs 1`: one pass already classifies 99.6 % of the test images. Occlusion finds the square in 95 % of
    #    them, the gradient in 47 % only, where it was 80 %: a network can be right long before its gradients point at
    #    the reason.
    # 3. `--noise 0.5` with the same: SmoothGrad finds it in 77 %, for its copies hide the photograph, not the stripes.
    run.save(
        model,
        signature=(None, None, None, train.images.shape[-1]),
        note="In: images in [0, 1]. Out: logits of horizontal and vertical stripes.",
    )


if __name__ == "__main__":
    saliency.main()
