"""U-Net: down to see what is there, up to say where, with a skip connection at every level.

You will be able to:

- follow an image through a contracting and an expanding path, and count what unpadded convolutions lose;
- train with the sum of cross-entropy, which counts pixels, and Dice, which counts regions;
- segment an image of any size tile by tile, and weigh the gaps between touching objects.

Before: `day1.convolution`, `day2.fcn`.

O. Ronneberger, P. Fischer, T. Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015,
figures 1 and 2, eq. 2. Dice loss: F. Milletari, N. Navab, S. Ahmadi, "V-Net", 3DV 2016, section 3; its sum with
cross-entropy: F. Isensee et al., "nnU-Net", Nature Methods 18, 2021.
"""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.baselines.pixel_forest import PixelForest
from keras_cv_course.data.masks import mask_classes
from keras_cv_course.inference.overlap_tile import overlap_tile
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.losses.border_weights import border_weights
from keras_cv_course.losses.cross_entropy_dice import CrossEntropyDice
from keras_cv_course.metrics.boundary import mean_boundary_f1
from keras_cv_course.metrics.mean_iou import confusion, iou_by_class, mean_iou
from keras_cv_course.metrics.parameter_count import parameter_count
from keras_cv_course.segment.unet import UNet
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day2.figures import unet as figures


def one_pass(network, image, tile, margin):
    """The logits of a whole image at once: mirrored as `overlap_tile` mirrors it, one forward pass, cropped."""
    pads = [(margin, margin + -side % tile) for side in image.shape[:2]]
    logits = keras.ops.convert_to_numpy(network(np.pad(image, (*pads, (0, 0)), mode="reflect")[None])[0])
    cut = margin - network.margin
    return logits[cut : cut + image.shape[0], cut : cut + image.shape[1]]


@lesson(
    quick=dict(limit=24, filters=(4, 6, 8, 10), steps=10, batch_size=4),
    full=dict(
        dataset="tfds:oxford_iiit_pet", size=128, filters=(64, 128, 256, 512, 1024), steps=6000, learning_rate=1e-3
    ),
    batch_size=32,
    targets={
        "shapes:patterned": dict(
            mean_iou=at_least(0.90), gain_over_forest=at_least(0.5), parameter_error=at_most(0),
            tile_difference=at_most(1e-3),
        ),
    },
    image_figure=figures.segmented_image,
)  # fmt: skip
def unet(
    run,
    dataset: str = "shapes:patterned",
    size: int = 32,
    filters: tuple[int, ...] = (8, 16, 32, 64),
    dice: float = 1.0,
    steps: int = 1350,
    learning_rate: float = 1e-2,
):
    """Train a small U-Net, then segment an image of another size with the same weights.

    Args:
        dataset: shapes:patterned is drawn; camvid (with a folder) and tfds:oxford_iiit_pet are photographs.
        size: images are brought to size x size pixels, a multiple of 8 for four levels.
        filters: channels of each level, from the top to the lowest.
        dice: weight of the Dice loss beside the cross-entropy.
        steps: training steps.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.

    Metrics:
        parameters: of the published network, from one channel to two classes.
        parameter_error: how far they are from 31,030,658.
        output_of_572: side of its output for an image of 572 pixels.
        mean_iou: mean over the classes of intersection over union, on the test images.
        worst_class_iou: intersection over union of the class with the lowest one.
        boundary_f1: mean F1 of the outlines, within one pixel.
        gain_over_forest: mean_iou minus that of the random forest, on the same images.
        tile_difference: largest difference between the logits of the tiles and those of one pass.
    """
    # %% What, and where
    # Segmentation needs two kinds of knowledge about each pixel. What the object is, you see from a distance: from
    # many pixels at once. Where it ends, you see only close up. Pooling gives the first and loses the second. The
    # scenes make that plain: one of six shapes, in patterns of any colour on patterns of any colour, so that no pixel
    # shows by itself whether it belongs to the object. Each image comes with a mask of the same size: the class of
    # every pixel, 255 (void) where nobody knows it. Mirror images double the training set.
    train, _, test = loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    classes = mask_classes(loaded)
    images, masks = (np.concatenate([some, some[:, :, ::-1]]) for some in (train.images, train.masks))

    # %% The network
    # Down: two 3×3 convolutions with ReLU at every level, then 2×2 pooling; 32×32×8 → 16×16×16 → 8×8×32 → 4×4×64. Up:
    # a transposed convolution doubles the map, the skip connection puts the map of the same level beside it (they are
    # concatenated, where FCN adds scores), and two convolutions mix the two; → 8×8×32 → 16×16×16 → 32×32×8. A 1×1
    # convolution gives 7 logits for every pixel. The published network has 64 to 1,024 channels, no batch
    # normalisation, and no padding: every convolution loses the outermost pixels, because it has an output only where
    # it sees all of its window. So 572 pixels become 388, and each skip is cropped to fit, by 4, 16, 40 and 88 pixels a
    # side. Ours pads, so that the output has the size of the image.
    run.metrics(parameters=parameter_count(UNet, (None, 572, 572, 1)), output_of_572=UNet().output_size(572))
    run.metrics(parameter_error=abs(run.values["parameters"] - 31_030_658))
    options = dict(filters=filters, classes=len(classes), batch_norm=True, dropout=0.0, names=classes)
    model = UNet(padding="same", **options)
    model.build((None, *train.images.shape[1:]))
    run.show(model)

    # %% Two losses
    # With $p_c(x)$ for the softmax of the logits at pixel $x$ and $t_c(x)$ for 1 where the mask says class $c$ and 0
    # elsewhere, cross-entropy is the mean of $-\log p_{t(x)}(x)$ over the pixels: a large object counts more than a
    # small one. Dice compares regions whatever their size:
    # $1 - \frac{1}{C} \sum_c \frac{2 \sum_x p_c t_c + 1}{\sum_x p_c + \sum_x t_c + 1}$, with $C$ classes. The sum of
    # both is what nnU-Net trains with. Void pixels take part in neither.
    batches = run.batches(images, masks)
    epochs = -(-steps // len(batches))
    batches = batches.take(-(-steps // epochs))
    optimizer = adam_with_warmup(learning_rate, epochs * len(batches), beta_2=0.99)
    model.compile(optimizer, CrossEntropyDice(dice), **run.compile_options)
    model.fit(batches, epochs=epochs, callbacks=run.callbacks())

    # %% How good is it?
    # Intersection over union of a class: the pixels that are in both its true and its predicted region, over those
    # that are in either. Beside it stands a random forest: extremely randomised trees that sort pixels by colour, edges
    # and texture up to 16 pixels away, learned from 100,000 pixels of 1,000 of the same training images. Look at the
    # images with the lowest IoU: is the class wrong, or the outline?
    predicted = model.predict(test.images, batch_size=100, verbose=0).argmax(axis=-1)
    iou = iou_by_class(confusion(test.masks, predicted, len(classes)))
    forest = PixelForest(seed=run.seed).fit(train.images, train.masks)
    forest_iou = iou_by_class(confusion(test.masks[:200], forest.predict(test.images[:200]), len(classes)))
    run.metrics(
        mean_iou=np.nanmean(iou), worst_class_iou=np.nanmin(iou),
        boundary_f1=mean_boundary_f1(test.masks, predicted, width=1),
        gain_over_forest=mean_iou(test.masks[:200], predicted[:200]) - np.nanmean(forest_iou),
    )  # fmt: skip
    run.baseline("mean_iou", "random forest, 200 test images", np.nanmean(forest_iou))
    if dataset == "camvid" and len(classes) == 11:  # not for masks of 0 and 255
        run.paper("mean_iou", "unet-camvid-onnx-0001 (OpenVINO), 368x480 pixels, validation", 0.7195)
    sheet = figures.first_and_lowest(test, predicted, classes)
    alt = "A column an image: the image, its true classes, the predicted classes."
    run.figure("predictions", sheet, alt=alt)
    bars = figures.class_bars(classes, {"U-Net": iou, "random forest": forest_iou}, "Test images, by class")
    alt = "Intersection over union of each class: a bar each for U-Net and the forest."
    run.figure("class_iou", bars, alt=alt)

    # %% An image of any size
    # A network without padding covers a large image tile by tile. To predict a tile, it is given a window that is
    # larger by a margin on all sides; beyond the image's edge, the margin shows its mirror image. Neighbouring
    # windows overlap, and the tiles fit exactly: the logits are those of one pass over the whole image. The weights
    # are the trained ones; only the padding is gone. The new scene has six objects as large as those that the
    # network has learned. Look for predicted objects where there are none: every training image had one.
    tiled = UNet(padding="valid", **options)
    tiled.build((None, None, None, images.shape[-1]))
    tiled.set_weights(model.get_weights())
    drawn = dataset == "shapes:patterned"
    image = (data.load("shapes:crowd", size=4 * size, limit=1).test if drawn else test).images[0][:-5, :-2]
    tile, margin = tiled.tile_and_margin(image.shape[0] // 3)
    logits = overlap_tile(tiled, image, tile, margin)
    run.metrics(tile_difference=np.abs(logits - one_pass(tiled, image, tile, margin)).max())
    figure = figures.overlap_tiles(image, logits.argmax(axis=-1), classes, tile, margin)
    alt = "The image with its mirrored margin and tiles; one window; the predicted classes."
    run.figure("tiles", figure, alt=alt)

    # %% Touching objects
    # Where two objects of one class touch, a few wrong pixels join them. The paper weighs each pixel of the background
    # by $w(x) = w_c(x) + w_0 \exp(-(d_1(x) + d_2(x))^2 / (2 \sigma^2))$, with $d_1$ and $d_2$ the distances to the
    # nearest and the second nearest object, $w_0 = 10$ and $\sigma = 5$ pixels; $w_c$ balances the classes.
    # `CrossEntropyDice` takes such weights as `sample_weight`. They are drawn here and not used: our scenes have one
    # object.
    scene = data.load("shapes:touching", size=96, limit=1).test
    image, instances = scene.images[0], scene.instances[0]
    figure = figures.weight_map(image, instances, border_weights(instances), "Weights of the pixels, eq. 2")
    alt = "Nine objects, and weights that are high in the gaps between them."
    run.figure("border_weights", figure, alt=alt)

    # %% Try it
    # 1. `--steps 800`: a good half of the training. The mean IoU is 0.87, the boundary F1 0.96: outlines are learned
    #    before the shapes they belong to. With `--steps 1600` the two are 0.92 and 0.98.
    # 2. `--steps 1600 --dice 0`: cross-entropy alone, and the mean IoU is 0.93. Here no class is rare or small, and
    #    Dice adds nothing; it is meant for data where one is.
    # 3. More data do not save the forest: from 300 images (40,000 pixels), 600 (60,000) and 1,000 (100,000) it has a
    #    mean IoU of 0.25, 0.30 and 0.32, and with 50 trees still 0.32.
    # 4. `--preset full` trains the published widths on photographs of pets at 128 pixels, padded, and needs a GPU. The
    #    paper's data are 30 images of cells with 512 pixels a side; no result of it is promised.
    run.save(
        model, signature=(None, None, None, images.shape[-1]),
        note=f"In: images in [0, 1], sides multiples of {2 ** (len(filters) - 1)}. "
        f"Out: logits of {', '.join(classes)}.",
    )  # fmt: skip


if __name__ == "__main__":
    unet.main()
