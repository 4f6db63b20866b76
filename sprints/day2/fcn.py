"""FCN: a classification network gives every pixel a class, and skip connections sharpen the boundaries.

You will be able to:

- turn the dense layers of a classifier into convolutions, so that it scores an image of any size;
- upsample scores with a transposed convolution that starts as bilinear interpolation;
- add the scores of finer maps, and measure what that does near the boundaries.

Before: `day1.convolution`, `day1.architectures`.

J. Long, E. Shelhamer, T. Darrell, "Fully Convolutional Networks for Semantic Segmentation", CVPR 2015, sections 3
and 4; E. Shelhamer, J. Long, T. Darrell, the same title, IEEE Transactions on Pattern Analysis and Machine
Intelligence 39(4), 2017 (PAMI).
"""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.baselines.pixel_forest import PixelForest
from keras_cv_course.data.masks import VOID, mask_classes
from keras_cv_course.layers.upsampling_conv2d import UpsamplingConv2D
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.boundary import trimap_mean_iou
from keras_cv_course.metrics.mean_iou import mean_iou
from keras_cv_course.metrics.parameter_count import parameter_count
from keras_cv_course.segment.fcn import FCN, Bilinear, bilinear_kernel
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day2.figures import fcn as figures


def averaged_truth(masks, stride, classes):
    """The true masks as scores `stride` pixels apart, upsampled: what a network without any error would predict."""
    shares = keras.ops.average_pool(keras.ops.one_hot(masks, classes), stride, stride)
    upsample = keras.layers.UpSampling2D(stride, interpolation="bilinear")
    return keras.ops.convert_to_numpy(keras.ops.argmax(upsample(shares), axis=-1))


@lesson(
    quick=dict(limit=24, size=32, epochs=1),
    full=dict(
        dataset="tfds:oxford_iiit_pet", limit=None, size=224, blocks=(2, 2, 3, 3, 3),
        filters=(64, 128, 256, 512, 512), head_filters=(1024, 1024), epochs=50, learning_rate=1e-3,
    ),
    batch_size=16,
    limit=2000,
    targets={
        "shapes:patterned": dict(
            gain_8s_over_16s=at_least(0.05), gain_16s_over_32s=at_least(0.05), gain_over_forest=at_least(0.2),
            parameter_error=at_most(0), ramp_error=at_most(1e-4),
        ),
    },
)  # fmt: skip
def fcn(
    run,
    dataset: str = "shapes:patterned",
    size: int = 64,
    blocks: tuple[int, ...] = (1, 1, 2, 2, 1),
    filters: tuple[int, ...] = (8, 16, 32, 48, 64),
    head_filters: tuple[int, ...] = (64,),
    learn_last: bool = False,
    epochs: int = 5,
    learning_rate: float = 1e-2,
):
    """Train one network with three outputs: scores 32, 16 and 8 pixels apart, each upsampled to full size.

    Args:
        dataset: shapes:patterned is drawn; camvid (with a folder) and tfds:oxford_iiit_pet are photographs.
        size: images are brought to size x size pixels, a multiple of 32.
        blocks: convolutions in each of the five blocks; (2, 2, 3, 3, 3) is VGG16.
        filters: channels of each block.
        head_filters: channels of the dense layers that became convolutions.
        learn_last: let the last upsampling learn; the paper fixes it to bilinear interpolation.
        epochs: passes over the training images.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.

    Metrics:
        parameters: of FCN-8s on VGG16 with 21 classes, upsampling included.
        parameter_error: how far they are from the 134,489,759 that the paper's layers have.
        ramp_error: largest difference between an upsampled ramp and the straight line.
        mean_iou: of FCN-8s on the test images.
        trimap_mean_iou: the same over the pixels within 2 pixels of a boundary.
        gain_8s_over_16s: trimap_mean_iou of FCN-8s minus that of FCN-16s.
        gain_16s_over_32s: trimap_mean_iou of FCN-16s minus that of FCN-32s.
        gain_over_forest: mean_iou minus that of the random forest.
    """
    # %% A classifier slides over the image
    # A classifier has one label for a whole image; segmentation asks for the class of every pixel. The network that
    # you need is almost there. In VGG16 the first dense layer multiplies 7×7×512 numbers by a matrix with 4,096
    # columns. A convolution with 4,096 kernels of 7×7×512 computes the same numbers from the same weights, but its
    # kernels also slide over larger maps. So every dense layer becomes a convolution (7×7, then 1×1), the last one
    # scores the 21 classes at every place, and an image of any size gives a map of scores. It is coarse: after five
    # poolings, neighbouring scores are $2^5 = 32$ pixels apart.
    run.metrics(parameters=parameter_count(lambda: FCN(learn_last=True), (None, 32, 32, 3)))
    run.metrics(parameter_error=abs(run.values["parameters"] - 134_489_759))

    # %% Back to the pixels: bilinear upsampling
    # A transposed convolution of stride $f$ adds a copy of its kernel $k$ to the output for every input pixel $x_j$,
    # $f$ pixels apart: $y_i = \sum_j x_j\, k_{i - fj}$ along one axis. With the triangle $k_i = 1 - |i + 1/2 - f| / f$,
    # $i = 0 \dots 2f - 1$, that is bilinear interpolation (section 3.3). In the figure, the grey copies add up to
    # the blue points. Look at the ends: up to half an input pixel from the outermost centres, a copy is missing.
    factor, ramp = 4, np.arange(8, dtype="float32")
    layer = UpsamplingConv2D(1, factor, use_bias=False, kernel_initializer=Bilinear())
    fine = keras.ops.convert_to_numpy(layer(np.tile(ramp[None, :, None, None], (1, 1, 8, 1))))[
        0, :, 2 * factor, 0
    ]
    line = (np.arange(len(fine)) + 0.5) / factor - 0.5
    run.metrics(ramp_error=np.abs(fine - line)[factor // 2 : -(factor // 2)].max())
    figure = figures.upsampled_ramp(ramp, fine, bilinear_kernel(factor).sum(axis=0) / factor)
    alt = "Triangles, one for each input pixel, and their sum: points on a line."
    run.figure("bilinear", figure, alt=alt)

    # %% The network: one body, skip connections, three outputs
    # 64×64×3 → 32×32×8 → 16×16×16 → 8×8×32 (pool3) → 4×4×48 (pool4) → 2×2×64 (pool5) → 2×2×64 (the head). With $u$
    # for upsampling by 2 and $c$ for a 1×1 convolution that scores a map,
    # $s_{32} = c(\mathrm{head})$, $s_{16} = u(s_{32}) + c(\mathrm{pool4})$, $s_8 = u(s_{16}) + c(\mathrm{pool3})$.
    # The coarse map has seen most of the image and knows what is there; the finer ones know better where. Each of the
    # three is upsampled to full size by fixed bilinear interpolation, which makes it FCN-32s, FCN-16s or FCN-8s. The
    # new scores $c$ of the skips start at zero, so that FCN-8s starts as FCN-16s. The paper trains the three one after
    # another, each from the one before. Here one body learns for all of them at once, with the sum of three losses.
    train, validation, test = loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    names = mask_classes(loaded)
    network = FCN(
        8, blocks, filters, head_filters, head_kernel=3, dropout=0.0, batch_norm=True, learn_last=learn_last,
        classes=len(names),
    )  # fmt: skip
    network.build((None, *train.images.shape[1:]))
    run.show(network)
    inputs = keras.Input(train.images.shape[1:])
    maps, outputs = network.endpoints(inputs), {}
    last = dict(use_bias=False, kernel_initializer=Bilinear(), trainable=learn_last)
    for stride in (32, 16):
        outputs[f"FCN-{stride}s"] = UpsamplingConv2D(len(names), stride, **last)(maps[f"score{stride}"])
    model = keras.Model(inputs, {**outputs, "FCN-8s": maps["logits"]})

    # %% Training
    # The loss of each output is the mean over all pixels of $-\log p(\mathrm{true\ class})$; pixels of class 255 (void)
    # do not count.
    def for_all_outputs(masks):
        return dict.fromkeys(model.output, masks)

    batches = run.batches(train.images, train.masks)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=VOID)
    optimizer = adam_with_warmup(learning_rate, epochs * len(batches))
    model.compile(optimizer, for_all_outputs(loss), **run.compile_options)
    model.fit(
        batches.map(lambda images, masks: (images, for_all_outputs(masks))), epochs=epochs,
        validation_data=(validation.images, for_all_outputs(validation.masks)), validation_batch_size=100,
        callbacks=run.callbacks(),
    )  # fmt: skip

    # %% How much is gained, and where?
    # Intersection over union of class $i$ is $n_{ii} / (\sum_j n_{ij} + \sum_j n_{ji} - n_{ii})$, where $n_{ij}$ pixels
    # of class $i$ are predicted as class $j$; its mean over the classes is the mean IoU. Most pixels lie inside a
    # region, so it says little about outlines. Count only the pixels within 2 pixels of a boundary, and you see
    # what the skips are for. `true masks` is what appendix A of the PAMI paper takes for a bound: the truth itself,
    # averaged over squares of 8×8 pixels and upsampled. What is missing from there to 1 is the price of the stride.
    # The random forest classifies every pixel by colour, edges and texture up to 16 pixels away, learned from 100,000
    # pixels of 1,000 of the same images. Such a forest follows outlines well where the colour tells the class. Here
    # both sides have patterns.
    test = test[:200]
    logits = model.predict(test.images, batch_size=100, verbose=0)
    forest = PixelForest(seed=run.seed).fit(train.images, train.masks)
    methods = {
        **{name: logits[name].argmax(axis=-1) for name in ("FCN-8s", "FCN-16s", "FCN-32s")},
        "random forest": forest.predict(test.images),
        "true masks, stride 8": averaged_truth(test.masks, 8, len(names)),
    }
    whole = run.compare(mean_iou, test.masks, methods, ours="FCN-8s")
    near = run.compare(trimap_mean_iou, test.masks, methods, ours="FCN-8s")
    run.metrics(
        gain_8s_over_16s=near["FCN-8s"] - near["FCN-16s"],
        gain_16s_over_32s=near["FCN-16s"] - near["FCN-32s"],
        gain_over_forest=whole["FCN-8s"] - whole["random forest"],
    )
    for stride, published in ((32, 0.636), (16, 0.650), (8, 0.655)):
        run.paper("mean_iou", f"FCN-{stride}s, PAMI code, PASCAL VOC 2011 validation", published)
    alt = "Mean IoU against the distance from a boundary: three networks, the forest, the bound of stride 8."
    run.figure("near_boundaries", figures.near_boundaries(test.masks, methods), alt=alt)

    # %% Look at the scores
    # The maps show the probability of each image's object class. Compare the outlines: at 32 pixels apart, four scores
    # have to describe the whole object.
    figure = figures.score_maps(test[:5], {name: maps[:5] for name, maps in logits.items()}, names)
    alt = "A row an image: the image, its mask, and three maps of the object's probability, finer from left to right."
    run.figure("score_maps", figure, alt=alt)

    # %% Try it
    # 1. `--learn-last`: the last upsampling of each output learns. FCN-32s rises from a mean IoU of 0.24 to 0.66,
    #    FCN-16s from 0.62 to 0.75, FCN-8s from 0.72 to 0.77. Kernels of 64×64 weights draw from 2×2 scores what
    #    interpolation cannot. The order stays: within 2 pixels of a boundary it is 0.39, 0.47 and 0.51.
    # 2. `--epochs 2`: FCN-8s has a mean IoU of 0.35, not far from the forest's 0.26, and FCN-32s has 0.13. After the
    #    usual five epochs it is 0.72 and 0.24.
    # 3. `--preset full` trains on photographs of pets at 224 pixels and needs a GPU. It has VGG16's convolutions but
    #    not their weights from ImageNet, where the paper starts, nor PASCAL VOC's images: no result of it is promised.
    run.save(
        network, signature=(None, None, None, test.images.shape[-1]),
        note=f"In: images in [0, 1], sides multiples of 32. Out: logits of {', '.join(names)} for every pixel.",
    )  # fmt: skip


if __name__ == "__main__":
    fcn.main()
