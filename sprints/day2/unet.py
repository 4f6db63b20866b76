"""U-Net: down to what a picture shows, up to where it is, and on every floor a bridge for the outlines."""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.baselines.pixel_forest import PixelForest
from keras_cv_course.inference.overlap_tile import overlap_tile
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.losses.border_weights import border_weights
from keras_cv_course.losses.cross_entropy_dice import CrossEntropyDice
from keras_cv_course.metrics.boundary import mean_boundary_f1
from keras_cv_course.metrics.mean_iou import confusion, iou_by_class, mean_iou
from keras_cv_course.metrics.parameter_count import parameter_count
from keras_cv_course.segment.unet import UNet
from keras_cv_course.training.schedules import warmup_cosine
from sprints.day2.figures.unet import answer_sheet, class_bars, overlap_tiles, seen_classes, weight_map


@lesson(
    quick=dict(limit=24, filters=(4, 6, 8, 10), steps=10, batch_size=4, judged=12),
    full=dict(
        dataset="tfds:oxford_iiit_pet",
        size=128,
        filters=(64, 128, 256, 512, 1024),
        steps=6000,
        batch_size=32,
        learning_rate=1e-3,
    ),
    batch_size=32,
    targets={
        "shapes:patterned": dict(
            mean_iou=at_least(0.90),
            wrong_counts=at_most(0),
            tiles_from_whole=at_most(1e-3),
        ),
    },
    image_figure=seen_classes,
)
def unet(
    run,
    dataset: str = "shapes:patterned",
    size: int = 32,
    filters: tuple[int, ...] = (8, 16, 32, 64),
    dice: float = 1.0,
    steps: int = 800,
    learning_rate: float = 1e-2,
    judged: int = 60,
):
    """Give every pixel of a picture its class, learn it in a minute, then answer a picture of any size.

    Args:
        dataset: shapes:patterned is drawn: a large one on bright paper; camvid (with a folder) and
            tfds:oxford_iiit_pet are photographs.
        size: images are size x size pixels, a multiple of 8 for four floors.
        filters: channels of each floor, from the top to the bottom of the U.
        dice: weight of the Dice loss beside the cross-entropy.
        steps: training steps.
        learning_rate: the highest one; it warms up to it and then falls to zero.
        judged: pictures that the peer, a random forest on pixels, learns from and is judged on.
    """
    # %% The published network, counted: unpadded convolutions answer the middle 388 of 572 pixels.
    published = {31_030_658: (UNet, 1), 31_033_045: (lambda: UNet(classes=21), 3)}
    counts = [parameter_count(make, (None, 572, 572, channels)) for make, channels in published.values()]
    run.metrics(
        parameters=counts[0],
        wrong_counts=sum(count != known for count, known in zip(counts, published, strict=True)),
        output_of_572=UNet().output_size(572),
    )

    # %% Pictures, and masks as large as they are: a class for every pixel, 255 where nobody knows it.
    train, _, test = loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    classes = loaded.info.extra["mask_classes"]
    shape = train.images.shape[1:]
    # The mirror image of each picture is there, too.
    images, masks = (np.concatenate([some, some[:, :, ::-1]]) for some in (train.images, train.masks))

    # %% A small U-Net, padded so that it answers every pixel. Its loss asks about pixels and about regions.
    kind = dict(filters=filters, classes=len(classes), batch_norm=True, dropout=0.0, names=classes)
    model = UNet(padding="same", **kind)
    model.build((None, *shape))
    batches = run.batches(images, masks)
    epochs = -(-steps // len(batches))
    batches = batches.take(-(-steps // epochs))
    rate = warmup_cosine(learning_rate, steps=epochs * len(batches))
    model.compile(
        keras.optimizers.Adam(rate, beta_2=0.99),
        CrossEntropyDice(dice),
        **run.compile_options,
    )
    model.fit(batches, epochs=epochs, callbacks=run.callbacks())

    # %% How well? Intersection over union of each class, and how near the outlines are.
    def answered(images):
        pieces = np.array_split(images, -(-len(images) // 100))
        return np.concatenate([np.asarray(model(some)).argmax(axis=-1) for some in pieces])

    told = answered(test.images)
    by_class = iou_by_class(confusion(test.masks, told, len(classes)))
    run.metrics(
        mean_iou=np.nanmean(by_class), worst_class_iou=np.nanmin(by_class),
        boundary_f1=mean_boundary_f1(test.masks, told, width=1),
    )  # fmt: skip
    each = np.array([mean_iou(*some, len(classes)) for some in zip(test.masks, told, strict=True)])
    shown = np.concatenate([np.arange(6), np.argsort(each)[:5]])
    notes = [f"{'' if place < 6 else 'worst: '}{each[row]:.2f}" for place, row in enumerate(shown)]
    title = f"Mean IoU {run.values['mean_iou']:.2f}: six test pictures as they come, and the five worst"
    pictures = test.images[shown], test.masks[shown], told[shown]
    run.figure("answers", answer_sheet(*pictures, classes, title, notes), alt=title)

    # %% The peer sorts pixels by what is around them: it tells figure from ground, and knows no shape.
    forest = PixelForest(seed=run.seed).fit(train.images[:judged], train.masks[:judged])
    guessed = forest.predict(test.images[:judged])
    peer = iou_by_class(confusion(test.masks[:judged], guessed, len(classes)))
    run.baseline("mean_iou", f"random forest on pixels, {judged} test pictures", np.nanmean(peer))
    if dataset == "camvid":
        # OpenVINO's model zoo: 31 million weights trained from scratch at 368x480, validation part.
        run.baseline("mean_iou", "unet-camvid-onnx-0001, full size, validation pictures", 0.7195)
    ways = {"U-Net": by_class, "random forest on pixels": peer}
    title = "What is around a pixel does not tell its shape; the bottom of the U sees all of it"
    run.figure("class_iou", class_bars(classes, ways, title, "intersection over union"), alt=title)

    # %% A picture of any size: the same weights without padding answer tiles, and see a mirror at the edge.
    tiled = UNet(padding="valid", **kind)
    tiled.build((None, None, None, shape[-1]))
    tiled.set_weights(model.get_weights())
    # Of a new picture with twelve objects as large as those it has learnt, or of a test picture, an odd part.
    drawn = dataset == "shapes:patterned"
    wide = data.load("shapes:crowd", size=4 * size).test if drawn else test
    picture = wide.images[0][:-5, :-2]
    tile, margin = tiled.tile_and_margin(picture.shape[0] // 3)
    logits = overlap_tile(tiled, picture, tile, margin)
    ends = [(margin, margin + -length % tile) for length in picture.shape[:2]]
    once = tiled(np.pad(picture, (*ends, (0, 0)), mode="reflect")[None])[0]
    cut = margin - tiled.margin
    once = np.asarray(once)[cut : cut + picture.shape[0], cut : cut + picture.shape[1]]
    run.metrics(tiles_from_whole=np.abs(logits - once).max())
    title = "Overlap tiles: every window sees what lies around its tile, beyond the edge the picture's mirror"
    run.figure(
        "tiles", overlap_tiles(picture, logits.argmax(axis=-1), classes, tile, margin, title), alt=title
    )

    # %% Touching objects of one class: the paper weighs the thin ground between them. Drawn, not used here.
    close = data.load("shapes:touching", size=96, limit=1).test
    weights = border_weights(close.instances[0])
    title = "Border weights: ground that parts two objects counts up to ten times as much"
    run.figure("border_weights", weight_map(close.images[0], close.instances[0], weights, title), alt=title)
    run.save(
        model,
        signature=(None, None, None, shape[-1]),
        note=f"In: images in [0, 1], sides multiples of {2 ** (len(filters) - 1)}. "
        f"Out: logits of the classes {', '.join(classes)}.",
    )


if __name__ == "__main__":
    unet.main()
