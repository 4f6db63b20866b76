"""pix2pix: what is right on average looks like nothing; a critic makes a picture of it."""

import functools

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.data.scenes.label_maps import coloured
from keras_cv_course.generate.adversarial.balance import Balance
from keras_cv_course.generate.patch_discriminator import PatchDiscriminator
from keras_cv_course.generate.pix2pix import Pix2Pix, UNetGenerator
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.parameter_count import parameter_count
from keras_cv_course.metrics.sharpness import gradient_energy, power_spectrum, spectrum_distance
from keras_cv_course.plot.image_rows import image_rows
from keras_cv_course.plot.image_sheet import eight_bits, image_sheet
from keras_cv_course.plot.player_losses import player_losses
from keras_cv_course.plot.spread_curves import spread_curves
from keras_cv_course.training.schedules import LinearDecay
from keras_cv_course.training.snapshots import Snapshots
from sprints.day4.figures.translated import translated

# Half of the discriminator's cross-entropies, and the generator's: ln 2 each where nobody can tell.
HEALTHY = {"discriminator_loss": (0.1, 0.8), "generator_loss": (0.4, 4.0)}


@lesson(
    quick=dict(limit=32, epochs=2, filters=(8, 8, 8), patch_filters=(8, 16)),
    full=dict(
        dataset="camvid", size=256, filters=(64, 128, 256, 512, 512, 512, 512, 512), dropped=3,
        patch_filters=(64, 128, 256, 512), distance=100.0, epochs=200, batch_size=1, learning_rate=2e-4,
    ),
    batch_size=4,
    targets={
        "label_maps": dict(
            sharpness=at_least(0.8), over_l1_alone=at_least(0.45), spectrum_share=at_most(0.25)
        )
    },
    image_figure=translated,
)  # fmt: skip
def pix2pix(
    run,
    dataset: str = "label_maps",
    size: int = 32,
    filters: tuple[int, ...] = (24, 48, 64, 64),
    dropped: int = 1,
    patch_filters: tuple[int, ...] = (24, 48, 64),
    distance: float = 10.0,
    epochs: int = 9,
    learning_rate: float = 5e-4,
):
    """Paint pictures of label maps twice: with the L1 distance alone, and with a critic beside it.

    Args:
        dataset: label_maps is drawn; camvid and side_by_side are folders of yours, named with --file.
        size: images are size x size pixels, a multiple of 2 ** (number of filters).
        filters: channels of the generator's floors, from the top.
        dropped: on how many of its lowest floors it drops half of the outputs in training.
        patch_filters: channels of the discriminator; three judge patches of 34x34 pixels, four 70x70.
        distance: weight of the L1 distance; the paper has 100.
        epochs: passes over the training pairs; from the middle on the learning rate falls to 0.
        learning_rate: of all players; the paper's is 2e-4.
    """
    # %% The data: pairs. A map says what is where; how it looks is partly up to chance.
    loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    classes = len(loaded.info.extra.get("mask_classes", ()))
    maps, pictures = [
        [coloured(part.masks, classes) if "masks" in part.fields else part.inputs for part in loaded],
        [part.images for part in loaded],
    ]
    run.metrics(
        generator_at_256=parameter_count(UNetGenerator, (None, 256, 256, 3)),
        discriminator_at_256=parameter_count(
            functools.partial(PatchDiscriminator, norm="batch"), (None, 256, 256, 6)
        ),
    )

    # %% First the distance alone: the safest guess for a pixel that may be dark or light lies in between.
    batches = run.batches(maps[0], pictures[0])
    steps = epochs * len(batches)
    rate = LinearDecay(learning_rate, steps // 2, steps)
    alone = UNetGenerator(3, filters, dropped=dropped)
    alone.build((None, *maps[0].shape[1:]))
    alone.compile(keras.optimizers.Adam(rate, beta_1=0.5), loss="mae", **run.compile_options)
    alone.fit(batches, epochs=epochs, callbacks=run.callbacks("l1_alone"))

    # %% Then the same with a critic, who sees map and picture side by side and knows a guess from a picture.
    model = Pix2Pix(3, filters, patch_filters, dropped=dropped, distance=distance)
    model.build((None, *maps[0].shape[1:]))
    model.compile(keras.optimizers.Adam(rate, beta_1=0.5), **run.compile_options)
    shown = maps[2][:10]
    kept = Snapshots(model.generator, shown, run.work / "checkpoints" / "painted", run.batch_size)
    watch = Balance({"discriminator_loss": HEALTHY["discriminator_loss"]})
    model.fit(batches, epochs=epochs, callbacks=[watch, kept, *run.callbacks("pix2pix")])
    frames = [
        image_sheet(np.concatenate([eight_bits(shown), made]), enlarge=max(1, 128 // size))
        for made in kept.images().values()
    ]
    run.animation("training", frames, alt="training")
    losses = run.history("pix2pix")
    losses["generator_loss"] = np.array(losses["generator_loss"]) - distance * np.array(losses["l1"])
    title = "Both go on learning: neither loss falls to nothing (dotted: nobody could tell)"
    run.figure(
        "losses",
        player_losses({"pix2pix": losses}, HEALTHY, title, dict.fromkeys(HEALTHY, np.log(2))),
        alt=title,
    )

    # %% Held-out maps: L1 alone is nearer to the one true picture, and looks like none.
    truth = pictures[2]
    made = {
        name: np.concatenate([network(maps[2][i : i + 50]) for i in range(0, len(truth), 50)])
        for name, network in (("L1 alone", alone), ("pix2pix", model))
    }
    rows = {"label map": maps[2], "true picture": truth, **made}
    title = "One map, many right pictures: the mean of them all is a blur, the critic asks for one of them"
    run.figure("pictures", image_rows(rows, title), alt=title)

    # %% How sharp? The energy of the gradients, and the power of every frequency, beside true pictures'.
    sharp = {name: gradient_energy(images) / gradient_energy(truth) for name, images in made.items()}
    gaps = {name: spectrum_distance(images, truth) for name, images in made.items()}
    off = {name: np.abs(images - truth).mean() for name, images in made.items()}
    run.metrics(
        sharpness=sharp["pix2pix"],
        over_l1_alone=sharp["pix2pix"] - sharp["L1 alone"],
        spectrum_distance=gaps["pix2pix"],
        spectrum_share=gaps["pix2pix"] / gaps["L1 alone"],
        l1=off["pix2pix"],
    )
    for metric, values in (("sharpness", sharp), ("spectrum_distance", gaps), ("l1", off)):
        run.baseline(metric, "L1 alone", values["L1 alone"])
    lines = {name: power_spectrum(images) for name, images in {"true pictures": truth, **made}.items()}
    frequencies = np.arange(1, 1 + len(lines["pix2pix"]))
    title = "Power by frequency: L1 alone leaves the fine structure out, pix2pix has it"
    axes = dict(xlabel="periods across the picture", ylabel="share of the true pictures' power")
    lines = {name: [power / lines["true pictures"]] for name, power in lines.items()}
    run.figure("spectrum", spread_curves(frequencies, lines, title, **axes), alt=title)
    run.save(
        model,
        signature=(None, None, None, 3),
        note=f"In: label maps as pictures in [0, 1], sides multiples of {2 ** len(filters)}. Out: pictures.",
    )


if __name__ == "__main__":
    pix2pix.main()
