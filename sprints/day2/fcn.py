"""FCN: a classifier slides over the picture, and finer maps tell it where the borders are."""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.baselines.pixel_forest import PixelForest
from keras_cv_course.layers.upsampling_conv2d import UpsamplingConv2D
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.boundary import trimap_mean_iou
from keras_cv_course.metrics.mean_iou import confusion, iou_by_class, mean_iou
from keras_cv_course.metrics.parameter_count import parameter_count
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.mask_panels import mask_panels
from keras_cv_course.plot.text_table import text_table
from keras_cv_course.segment import VOID
from keras_cv_course.segment.fcn import FCN, Bilinear, bilinear_kernel
from keras_cv_course.training.schedules import warmup_cosine
from sprints.day2.figures.fcn import ramp_enlarged


@lesson(
    quick=dict(limit=128, epochs=1, forest=4),
    full=dict(
        dataset="tfds:oxford_iiit_pet", size=224, blocks=(2, 2, 3, 3, 3), filters=(64, 128, 256, 512, 512),
        head_filters=(1024, 1024), epochs=50, learning_rate=1e-3,
    ),
    batch_size=16,
    targets={
        "shapes:paper": dict(
            parameters_off=at_most(0),
            ramp_error=at_most(1e-4),
            boundary_8s_over_16s=at_least(0.05),
            boundary_16s_over_32s=at_least(0.05),
        ),
    },
)  # fmt: skip
def fcn(
    run,
    dataset: str = "shapes:paper",
    size: int = 64,
    blocks: tuple[int, ...] = (1, 1, 2, 2, 1),
    filters: tuple[int, ...] = (8, 16, 32, 48, 64),
    head_filters: tuple[int, ...] = (64,),
    head_kernel: int = 3,
    epochs: int = 6,
    learning_rate: float = 1e-2,
    width: int = 2,
    forest: int = 60,
):
    """Train one body whose scores are enlarged three times: 32 pixels apart, 16 with a skip, 8 with two.

    Args:
        dataset: shapes:paper is drawn, on bright paper; camvid and tfds:oxford_iiit_pet are photographs.
        size: pictures are size x size pixels, a multiple of 32.
        blocks: convolutions in each of the five blocks; (2, 2, 3, 3, 3) is VGG16.
        filters: channels of each block.
        head_filters: channels of the dense layers that became convolutions.
        head_kernel: kernel of the first of them.
        epochs: passes over the training pictures.
        learning_rate: the highest one; it warms up to it and then falls to zero.
        width: pixels on either side of a border that boundary mIoU judges.
        forest: pictures that the peer, a random forest on pixels, learns from and is judged on.
    """
    # %% How large the paper's network is: VGG16 with 21 classes, counted without making room for it.
    run.metrics(parameters_off=abs(parameter_count(lambda: FCN(learn_last=True), (None, 32, 32, 3)) - 134_489_759))

    # %% The way back to pixels: a transposed convolution that starts as bilinear enlarging. Is a ramp a ramp?
    factor, ramp = 4, np.arange(8, dtype="float32")
    enlarge = UpsamplingConv2D(1, factor, use_bias=False, kernel_initializer=Bilinear())
    fine = np.asarray(enlarge(np.tile(ramp[None, :, None, None], (1, 1, 8, 1))))[0, :, 2 * factor, 0]
    places = (np.arange(len(fine)) + 0.5) / factor - 0.5
    # Half a coarse pixel beyond the outermost centres there is nothing to interpolate.
    inside = slice(factor // 2, -(factor // 2))
    run.metrics(ramp_error=np.abs(fine - places)[inside].max())
    weights = bilinear_kernel(factor).sum(axis=0) / factor
    title = f"Overlapping kernels of {2 * factor} pixels, {factor} apart, add up to a straight line"
    run.figure("bilinear", ramp_enlarged(ramp, fine, weights, title), alt=title)

    # %% The data: pictures, and the class of each of their pixels.
    train, validation, test = loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    names = loaded.info.extra["mask_classes"]

    # %% One body, three answers: the scores 32 pixels apart alone, with one skip, and with two.
    net = FCN(8, blocks, filters, head_filters, head_kernel, dropout=0.0, batch_norm=True, classes=len(names))
    net.build((None, *train.images.shape[1:]))
    inputs = keras.Input(train.images.shape[1:])
    maps = net.endpoints(inputs)
    answers = {
        f"FCN-{apart}s": UpsamplingConv2D(len(names), apart, use_bias=False, kernel_initializer=Bilinear())(
            maps[f"score{apart}"]
        )
        for apart in (32, 16)
    }
    model = keras.Model(inputs, {**answers, "FCN-8s": maps["logits"]})

    def thrice(masks):
        return dict.fromkeys(model.output, masks)

    batches = run.batches(train.images, train.masks)
    rate = warmup_cosine(learning_rate, steps=epochs * len(batches))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=VOID)
    model.compile(keras.optimizers.Adam(rate), thrice(loss), **run.compile_options)
    model.fit(
        batches.map(lambda images, masks: (images, thrice(masks))),
        epochs=epochs,
        validation_data=(validation.images, thrice(validation.masks)),
        validation_batch_size=100,
        callbacks=run.callbacks(),
    )

    # %% Of all pixels, and of those near a border: mean intersection over union on pictures never seen.
    logits = model.predict(test.images, batch_size=100, verbose=0)
    told = {name: maps.argmax(axis=-1) for name, maps in logits.items()}
    whole = {name: mean_iou(test.masks, masks, len(names), VOID) for name, masks in told.items()}
    near = {name: trimap_mean_iou(test.masks, masks, len(names), width, VOID) for name, masks in told.items()}
    run.metrics(
        mean_iou=whole["FCN-8s"],
        boundary_iou_8s=near["FCN-8s"],
        boundary_8s_over_16s=near["FCN-8s"] - near["FCN-16s"],
        boundary_16s_over_32s=near["FCN-16s"] - near["FCN-32s"],
    )
    for name, published in (("FCN-32s", 0.594), ("FCN-16s", 0.624), ("FCN-8s", 0.627)):
        run.baseline("mean_iou", f"{name} of the paper on PASCAL VOC 2011", published)
    some = test[:forest]
    trees = PixelForest(seed=run.seed).fit(train.images[:forest], train.masks[:forest]).predict(some.images)
    run.baseline("mean_iou", "random forest on pixels", mean_iou(some.masks, trees, len(names), VOID))
    run.baseline(
        "boundary_iou_8s",
        "random forest on pixels",
        trimap_mean_iou(some.masks, trees, len(names), width, VOID),
    )

    # %% The nearer to a border, the more it matters how far apart the scores are.
    some, widths = test[:200], (1, 2, 3, 4, 6, 8, 12)
    lines = {
        name: [trimap_mean_iou(some.masks, masks[:200], len(names), one, VOID) for one in widths]
        for name, masks in told.items()
    }
    title = "Each skip tells more pixels right, at the borders and away from them"
    axes = "judged: pixels within so many pixels of a border", "mean IoU of these pixels"
    run.figure("near_borders", curves(widths, lines, title, *axes, mark=(width, "boundary mIoU")), alt=title)
    tables = [iou_by_class(confusion(test.masks, masks, len(names), VOID)) for masks in told.values()]
    rows = [[name, *(f"{number:.3f}" for number in row)] for name, *row in zip(names, *tables)]
    rows.append(["mean", *(f"{number:.3f}" for number in whole.values())])
    run.figure(
        "classes",
        text_table(["class", *told], rows, "Intersection over union of each class"),
        alt="Intersection over union of each class",
    )

    # %% Look at it: how sure each network is of the picture's main class, 32, 16 and 8 pixels apart.
    shown = test[:5]
    main = [np.bincount(mask[mask != VOID], minlength=2)[1:].argmax() + 1 for mask in shown.masks]
    columns = {"picture": shown.images, "truth": shown.masks}
    for name, maps in logits.items():
        sure = np.asarray(keras.ops.softmax(maps[: len(shown)]))
        columns[name] = np.stack([maps[..., one] for maps, one in zip(sure, main, strict=True)])
    title = "The same object, scored 32, 16 and 8 pixels apart; the line is its true outline"
    bar = "probability of the picture's main class"
    run.figure("score_maps", mask_panels(columns, names, title, shown.masks, bar), alt=title)
    run.save(
        net,
        signature=(None, None, None, test.images.shape[-1]),
        note="In: images in [0, 1], sides multiples of 32. Out: logits of the classes "
        f"{', '.join(names)} for every pixel.",
    )


if __name__ == "__main__":
    fcn.main()
