"""DeepLabv3+: atrous convolutions see far and keep the map fine; a dense CRF then moves its boundaries to the edges.

You will be able to:

- say how far an atrous kernel reaches, and how many weights a separable convolution saves;
- build an atrous pyramid and a decoder from them;
- refine a network's probabilities with a fully connected CRF, and compare it with simpler methods.

Before: `day1.convolution`, `day2.fcn`, `day2.unet`.

L.-C. Chen, Y. Zhu, G. Papandreou, F. Schroff, H. Adam, "Encoder-Decoder with Atrous Separable Convolution for Semantic
Image Segmentation", ECCV 2018, sections 3.1 and 3.2; P. Krähenbühl, V. Koltun, "Efficient Inference in Fully Connected
CRFs with Gaussian Edge Potentials", NIPS 2011, eq. 3 and algorithm 1. DeepLab used this CRF up to its second version
(L.-C. Chen et al., "DeepLab", PAMI 40(4), 2018).
"""

from itertools import product

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.baselines.boundary_refiners import best_setting, tuned_refiners
from keras_cv_course.data.masks import VOID, mask_classes
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.boundary import mean_boundary_f1
from keras_cv_course.metrics.mean_iou import mean_iou
from keras_cv_course.segment.deeplab import DeepLab, SeparableConvolution, effective_kernel
from keras_cv_course.segment.dense_crf import dense_crf, mean_field
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day2.figures import deeplab as figures

STEPS = 6  # of the mean field
SETTINGS = [
    dict(appearance=weight, sigma_rgb=colour, sigma_xy=5, radius=7, smoothness=1, smooth_sigma=1)
    for weight, colour in product((5, 10, 20), (0.05, 0.1, 0.15))
]


def reached_pixels(rate, size=41):
    """The pixels (size, size) that a 3x3 kernel of this rate multiplies for the pixel in the middle."""
    layer = keras.layers.Conv2D(
        1, 3, dilation_rate=rate, padding="same", kernel_initializer="ones", use_bias=False
    )
    image = np.zeros((1, size, size, 1), "float32")
    image[0, size // 2, size // 2] = 1
    return keras.ops.convert_to_numpy(layer(image))[0, ..., 0] > 0


@lesson(
    quick=dict(limit=24, size=32, epochs=1, eval_images=4, tuning_images=2),
    full=dict(
        dataset="tfds:oxford_iiit_pet", size=256, filters=(128, 256, 728, 1024), block_depth=3,
        output_stride=16, rates=(6, 12, 18), epochs=60, learning_rate=2e-3,
    ),
    batch_size=16,
    targets={
        "shapes:three": dict(
            gain=at_least(0.1), gain_over_best=at_least(0.0), kernel_error=at_most(0),
            separable_difference=at_most(1e-4),
        ),
    },
)  # fmt: skip
def deeplab(
    run,
    dataset: str = "shapes:three",
    size: int = 64,
    filters: tuple[int, ...] = (24, 48, 64),
    block_depth: int = 1,
    output_stride: int = 8,
    rates: tuple[int, ...] = (1, 2),
    epochs: int = 4,
    learning_rate: float = 1e-2,
    tuning_images: int = 20,
    eval_images: int = 60,
):
    """Train a small DeepLabv3+, then refine its boundaries with a CRF and with two simpler methods.

    Args:
        dataset: shapes:three is drawn; camvid (with a folder) and tfds:oxford_iiit_pet are photographs.
        size: images are brought to size x size pixels, a multiple of the output stride.
        filters: channels of the backbone's blocks; the first convolution has a quarter of the second's, the
            pyramid and the decoder have as many as the second.
        block_depth: separable convolutions in a block.
        output_stride: pixels of the image for one pixel of the pyramid's map.
        rates: of the pyramid's kernels at output stride 16; they double at 8.
        epochs: passes over the training images.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.
        tuning_images: validation images that choose the settings of all refinements.
        eval_images: test images that they are measured on; the CRF takes some time for each.

    Metrics:
        kernel_error: largest difference between the measured and the computed span of a kernel, in pixels.
        separable_difference: largest difference from Keras' separable convolution.
        boundary_f1: mean F1 of the outlines within one pixel, network and CRF, test images.
        gain: boundary_f1 minus that of the network alone.
        gain_over_best: boundary_f1 minus that of the best simpler method.
        mean_iou: mean intersection over union of network and CRF.
        appearance, sigma_rgb: the CRF's setting, chosen on the validation images.
    """
    # %% Holes in the kernel
    # A network that has to know what is where wants two things that pooling plays against each other: a wide view and
    # a fine map. An atrous ("with holes") convolution has both. Its weights are $r$ pixels apart,
    # $y(i) = \sum_k x(i + r k)\, w(k)$, so that $k$ weights span $k + (k - 1)(r - 1)$ pixels: 13, 25 and 37 for three
    # weights at the rates 6, 12 and 18, at the cost of nine multiplications. The figure shows what they reach.
    reached = {f"rate {rate}": reached_pixels(rate) for rate in (1, 6, 12, 18)}
    spans = np.array([np.ptp(pixels.nonzero()[0]) + 1 for pixels in reached.values()])
    run.metrics(kernel_error=np.abs(spans - [effective_kernel(3, rate) for rate in (1, 6, 12, 18)]).max())
    alt = "Nine pixels each, spanning 3, 13, 25 and 37 pixels."
    run.figure("footprints", figures.footprints(reached), alt=alt)

    # %% Depthwise, then pointwise
    # A convolution with $k × k$ weights from $C$ to $F$ channels has $k^2 C F$ of them. A separable one first filters
    # each channel by itself ($k^2 C$ weights) and then mixes the channels at every pixel ($C F$). With 3×3 weights and
    # 256 channels that is 67,840 in place of 589,824. Ours is Keras' `SeparableConv2D` with a normalisation and a ReLU
    # after each half; without these the numbers are the same.
    maps = run.rng.standard_normal((2, 24, 24, 8)).astype("float32")
    theirs = keras.layers.SeparableConv2D(5, 3, padding="same", dilation_rate=2, use_bias=False)
    ours = SeparableConvolution(5, rate=2)
    ours.build(maps.shape)
    theirs.build(maps.shape)
    theirs.set_weights([ours.depthwise.kernel, ours.pointwise.kernel])
    difference = keras.ops.convert_to_numpy(ours.pointwise(ours.depthwise(maps)) - theirs(maps))
    run.metrics(separable_difference=np.abs(difference).max())

    # %% The network
    # Backbone: 64×64×3 → 32×32×12 → 16×16×24 → 8×8×48 → 8×8×64; the last block would halve the map once more, but at
    # output stride 8 it keeps it and doubles its rate instead. Pyramid: a 1×1 convolution, one atrous convolution for
    # each rate, and the mean over the whole image, side by side, mixed to 8×8×48. Decoder: upsampled to 16×16 and put
    # beside the backbone's map of that size, two convolutions, a 1×1 convolution to 4 logits, and bilinear upsampling
    # to 64×64. That last step cannot know where an edge is: the finest map is 4 pixels apart.
    train, validation, test = loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    names = mask_classes(loaded)
    model = DeepLab(
        filters, filters[1] // 4, block_depth, output_stride, filters[1], rates, filters[1] // 3, dropout=0.0,
        classes=len(names),
    )  # fmt: skip
    model.build((None, *train.images.shape[1:]))
    run.show(model)
    batches = run.batches(train.images, train.masks)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=VOID)
    model.compile(adam_with_warmup(learning_rate, epochs * len(batches)), loss, **run.compile_options)
    model.fit(
        batches, epochs=epochs, validation_data=(validation.images, validation.masks),
        validation_batch_size=100, callbacks=run.callbacks(),
    )  # fmt: skip

    # %% A fully connected CRF
    # The image shows edges that the network has lost. Mean field inference lets the pixels vote: in each step, the
    # probability of class $l$ at pixel $i$ becomes proportional to $p_i(l) \exp(\sum_m w_m\, \bar{q}^{(m)}_i(l))$. Here
    # $p$ is the network's probability and $\bar{q}^{(m)}_i$ the mean of all other pixels' current probabilities,
    # weighted by a kernel: $k^{(1)} = \exp(-|x_i - x_j|^2 / 2\sigma_{xy}^2 - |c_i - c_j|^2 / 2\sigma_{rgb}^2)$ for
    # pixels that are near and of similar colour $c$, and $k^{(2)} = \exp(-|x_i - x_j|^2 / 2\sigma^2)$ for near ones.
    # So pixels take the class of similar pixels nearby. Validation images choose the weight $w_1$ and the width
    # $\sigma_{rgb}$; the same images choose the settings of two rivals: a watershed that floods the image's edges
    # from the network's own regions, and the guided filter, which fits the probabilities by a linear function of
    # colour in every window.
    def probabilities(images):
        return keras.ops.convert_to_numpy(keras.ops.softmax(model.predict(images, batch_size=100, verbose=0)))

    def with_crf(one, image, setting):
        return dense_crf(one, image, STEPS, **setting).argmax(axis=-1)

    some = validation[:tuning_images]
    tuning = probabilities(some.images), some.images, some.masks
    best = best_setting(with_crf, SETTINGS, *tuning)
    rivals = tuned_refiners(*tuning)
    run.metrics(appearance=best["appearance"], sigma_rgb=best["sigma_rgb"])

    # %% Whose boundaries are the best?
    # Boundary F1 asks for the outlines only. Recall is the share of the true outline's pixels that have a predicted
    # one within one pixel, precision the share of the predicted ones that have a true one; F1 is $2PR / (P + R)$.
    test = test[:eval_images]
    start = probabilities(test.images)
    fields = [mean_field(one, image, **best) for one, image in zip(start, test.images, strict=True)]
    steps = [np.stack([next(field).argmax(axis=-1) for field in fields]) for _ in range(STEPS + 1)]
    methods = {"network and CRF": steps[-1], "network": steps[0]}
    methods |= {name: method(start, test.images) for name, method in rivals.items()}

    def boundary_f1(masks, predicted):
        return mean_boundary_f1(masks, predicted, width=1)

    found = run.compare(boundary_f1, test.masks, methods, ours="network and CRF")
    run.compare(mean_iou, test.masks, methods, ours="network and CRF")
    run.metrics(
        gain=found["network and CRF"] - found["network"],
        gain_over_best=found["network and CRF"] - max(found[name] for name in rivals),
    )
    figure = figures.mean_field_steps([boundary_f1(test.masks, masks) for masks in steps], found)
    alt = "Boundary F1 against the steps of the CRF; level lines for the network alone and the two other methods."
    run.figure("steps", figure, alt=alt)

    # %% Look at the boundaries
    # These are the test images that the CRF changes most; the line is the true outline. Where object and background
    # have one colour, the CRF has nothing to go by.
    figure = figures.before_and_after(test, steps[0], steps[-1], names)
    alt = "A row an image: image, truth, the network's mask, and the refined one."
    run.figure("before_after", figure, alt=alt)

    # %% Try it
    # 1. `--output-stride 16`: the last block halves the map, and the pyramid sees 4×4 pixels in place of 8×8. Boundary
    #    F1 falls from 0.62 to 0.55 for the network and from 0.82 to 0.70 with the CRF, the mean IoU of the two from
    #    0.66 to 0.53. Atrous convolutions save that map.
    # 2. `--epochs 8`: trained twice as long, the network has a boundary F1 of 0.80, and the CRF lifts it to 0.90. So
    #    does the guided filter, in a fraction of the time: what is left to gain shrinks as the network improves. The
    #    third version of DeepLab dropped the CRF.
    # 3. `--preset full` trains on photographs of pets at 256 pixels and needs a GPU. It has the paper's output stride
    #    and rates, but neither its backbone (a modified Xception, pretrained on ImageNet) nor its data; no result of
    #    it is promised.
    run.save(
        model, signature=(None, *test.images.shape[1:]),
        note=f"In: images in [0, 1]. Out: logits of the classes {', '.join(names)} for every pixel.",
    )  # fmt: skip


if __name__ == "__main__":
    deeplab.main()
