"""DeepLabv3+: kernels with holes see far without losing places, and a CRF finds the borders that are left."""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.baselines.edge_watershed import edge_watershed
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.boundary import mean_boundary_f1
from keras_cv_course.metrics.mean_iou import mean_iou
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.mask_panels import mask_panels
from keras_cv_course.segment import VOID
from keras_cv_course.segment.deeplab import DeepLab, SeparableConvolution, effective_kernel
from keras_cv_course.segment.dense_crf import dense_crf, mean_field
from keras_cv_course.training.schedules import warmup_cosine
from sprints.day2.figures.deeplab import footprints


@lesson(
    quick=dict(limit=64, epochs=1, judged=4, tried=2),
    full=dict(
        dataset="tfds:oxford_iiit_pet", size=256, filters=(128, 256, 728, 1024), stem=64, depth=3,
        output_stride=16, pyramid=256, rates=(6, 12, 18), detail=48, epochs=60, learning_rate=2e-3,
    ),
    batch_size=16,
    targets={
        "shapes:three": dict(
            kernels_off=at_most(0),
            separable_difference=at_most(1e-4),
            boundary_f1_gain=at_least(0.1),
        ),
    },
)  # fmt: skip
def deeplab(
    run,
    dataset: str = "shapes:three",
    size: int = 64,
    filters: tuple[int, ...] = (24, 48, 64),
    stem: int = 16,
    depth: int = 1,
    output_stride: int = 8,
    pyramid: int = 48,
    rates: tuple[int, ...] = (1, 2),
    detail: int = 16,
    epochs: int = 4,
    learning_rate: float = 1e-2,
    width: float = 1,
    steps: int = 6,
    tried: int = 12,
    judged: int = 60,
):
    """Train a small DeepLabv3+, then let every pixel's belief be swayed by pixels of like colour.

    Args:
        dataset: shapes:three is drawn; camvid and tfds:oxford_iiit_pet are photographs.
        size: pictures are size x size pixels, a multiple of the output stride.
        filters: channels of the body's blocks.
        stem: channels of the first convolution.
        depth: separable convolutions in a block.
        output_stride: pixels that one pixel of the pyramid's map stands for.
        pyramid: channels of the pyramid and the decoder.
        rates: of the pyramid's kernels at output stride 16; they double at 8.
        detail: channels of the fine map that the decoder adds.
        epochs: passes over the training pictures.
        learning_rate: the highest one; it warms up to it and then falls to zero.
        width: pixels that an outline may be off and still be right.
        steps: mean field steps of the CRF.
        tried: validation pictures that choose the CRF's settings.
        judged: test pictures that the CRF is judged on; it takes a tenth of a second for each.
    """
    # %% Holes: nine weights, and how far they see. A bright pixel is smeared to where the kernel looked from.
    seen, spans = {}, []
    dot = np.zeros((1, 41, 41, 1), "float32")
    dot[0, 20, 20] = 1
    for rate in (1, 6, 12, 18):
        layer = SeparableConvolution(1, rate=rate)
        layer.build(dot.shape)
        layer.depthwise.set_weights([np.ones((3, 3, 1, 1))])
        seen[f"rate {rate}"] = pixels = np.asarray(layer.depthwise(dot))[0, ..., 0] > 0
        spans.append(np.ptp(pixels.nonzero()[0]) + 1 - effective_kernel(3, rate))
    run.metrics(kernels_off=np.abs(spans).max())
    run.figure(
        "footprints",
        footprints(seen, "The same nine weights see 3, 13, 25 and 37 pixels far"),
        alt="The same nine weights see 3, 13, 25 and 37 pixels far",
    )

    # %% Depthwise, then pointwise: the same numbers as Keras' separable convolution.
    maps = np.random.default_rng(run.seed).standard_normal((2, 24, 24, 8)).astype("float32")
    twin = keras.layers.SeparableConv2D(5, 3, padding="same", dilation_rate=2, use_bias=False)
    layer = SeparableConvolution(5, rate=2)
    layer.build(maps.shape)
    twin.build(maps.shape)
    twin.set_weights([layer.depthwise.kernel, layer.pointwise.kernel])
    run.metrics(separable_difference=np.abs(layer.pointwise(layer.depthwise(maps)) - twin(maps)).max())

    # %% The data: pictures, and the class of each of their pixels.
    train, validation, test = loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    names = loaded.info.extra["mask_classes"]

    # %% The network: its pyramid sees 8 pixels as one, its decoder 4, and the last step only enlarges.
    model = DeepLab(
        filters, stem, depth, output_stride, pyramid, rates, detail, dropout=0.0, classes=len(names)
    )
    model.build((None, *train.images.shape[1:]))
    batches = run.batches(train.images, train.masks)
    rate = warmup_cosine(learning_rate, steps=epochs * len(batches))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=VOID)
    model.compile(keras.optimizers.Adam(rate), loss, **run.compile_options)
    model.fit(
        batches,
        epochs=epochs,
        validation_data=(validation.images, validation.masks),
        validation_batch_size=100,
        callbacks=run.callbacks(),
    )

    def sure(images):
        """Images -> probabilities (N, H, W, classes)."""
        return np.asarray(keras.ops.softmax(model.predict(images, batch_size=100, verbose=0)))

    # %% The CRF's settings are chosen on validation pictures.
    some = validation[:tried]
    beliefs = sure(some.images)
    settings = [
        dict(appearance=appearance, sigma_rgb=sigma_rgb, sigma_xy=4, radius=5, smoothness=1, smooth_sigma=1)
        for appearance in (5, 10)
        for sigma_rgb in (0.1, 0.2)
    ]

    def reached(setting):
        pairs = zip(beliefs, some.images, strict=True)
        told = [dense_crf(belief, image, 5, **setting).argmax(-1) for belief, image in pairs]
        return mean_boundary_f1(some.masks, told, width, VOID)

    best = max(settings, key=reached)

    # %% On test pictures: how well are outlines told, after 0, 1, 2 ... steps?
    shown = test[:judged]
    beliefs = sure(shown.images)
    fields = [mean_field(belief, image, **best) for belief, image in zip(beliefs, shown.images, strict=True)]
    told = [np.stack([next(field).argmax(-1) for field in fields]) for _ in range(steps + 1)]
    f1 = [mean_boundary_f1(shown.masks, masks, width, VOID) for masks in told]
    flooded = [edge_watershed(mask, image) for mask, image in zip(told[0], shown.images, strict=True)]
    run.metrics(
        mean_iou=mean_iou(shown.masks, told[0], len(names), VOID),
        mean_iou_crf=mean_iou(shown.masks, told[-1], len(names), VOID),
        boundary_f1=f1[0],
        boundary_f1_crf=f1[-1],
        boundary_f1_gain=f1[-1] - f1[0],
        chosen_appearance=best["appearance"],
        chosen_sigma_rgb=best["sigma_rgb"],
    )
    watershed = mean_boundary_f1(shown.masks, flooded, width, VOID)
    run.baseline("boundary_f1_crf", "watershed of the picture's edges", watershed)
    lines = {"CRF": f1, "watershed": [watershed] * len(f1), "the network alone": [f1[0]] * len(f1)}
    title = "Most of what the CRF can do for the borders it does in a few steps"
    axes = "mean field steps", f"boundary F1 within {width:g} pixel"
    run.figure("steps", curves(range(len(f1)), lines, title, *axes), alt=title)

    # %% Look at it: the pictures whose answer changes most.
    changed = np.argsort(-np.mean(told[0] != told[-1], axis=(1, 2)), kind="stable")[:4]
    columns = {
        "picture": shown.images[changed],
        "truth": shown.masks[changed],
        "network": told[0][changed],
        "network + CRF": told[-1][changed],
    }
    title = "The CRF moves the answer's borders to the picture's; the line is the truth"
    run.figure("before_after", mask_panels(columns, names, title, columns["truth"]), alt=title)
    run.save(
        model,
        signature=(None, *test.images.shape[1:]),
        note=f"In: images in [0, 1]. Out: logits of the classes {', '.join(names)} for every pixel.",
    )


if __name__ == "__main__":
    deeplab.main()
