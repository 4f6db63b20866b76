"""CycleGAN: orange things into striped ones, without a single pair to learn from."""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.balance import Balance
from keras_cv_course.generate.cyclegan import CycleGAN, ResidualGenerator
from keras_cv_course.generate.patch_discriminator import PatchDiscriminator
from keras_cv_course.generate.pix2pix import Pix2Pix
from keras_cv_course.lesson import at_most, lesson
from keras_cv_course.metrics.parameter_count import parameter_count
from keras_cv_course.metrics.translation_error import translation_error
from keras_cv_course.plot.image_rows import image_rows
from keras_cv_course.plot.image_sheet import eight_bits, image_sheet
from keras_cv_course.plot.player_losses import player_losses
from keras_cv_course.training.schedules import LinearDecay
from keras_cv_course.training.snapshots import Snapshots
from sprints.day4.figures.translated import translated

# Both discriminators together; 0.5 where neither can tell, since least squares are 0.25 at an answer of 0.5.
HEALTHY = {"discriminator_loss": (0.05, 0.7)}


@lesson(
    quick=dict(limit=32, epochs=2, filters=4, blocks=1, patch_filters=(8, 16)),
    full=dict(
        dataset="tfds:cycle_gan/horse2zebra", size=256, filters=64, blocks=9,
        patch_filters=(64, 128, 256, 512), identity=5.0, epochs=200, batch_size=1, learning_rate=2e-4,
    ),
    batch_size=4,
    targets={
        "stripes": dict(
            share_of_doing_nothing=at_most(0.7),
            share_of_no_cycle=at_most(0.7),
        )
    },
    image_figure=translated,
)  # fmt: skip
def cyclegan(
    run,
    dataset: str = "stripes",
    size: int = 24,
    filters: int = 8,
    blocks: int = 1,
    patch_filters: tuple[int, ...] = (16, 32, 64),
    pairs_filters: tuple[int, ...] = (24, 48, 64),
    cycle: float = 10.0,
    identity: float = 0.0,
    pool: int = 50,
    epochs: int = 10,
    learning_rate: float = 2e-3,
):
    """Train two translators against two critics, with the promise that there and back is where one was.

    Args:
        dataset: stripes is drawn; unpaired is a folder of yours, tfds:cycle_gan/horse2zebra photographs.
        size: images are size x size pixels, a multiple of 4; of 8 where the pairs are known.
        filters: first channels of the generators; the paper has 64.
        blocks: residual blocks of the generators; the paper has 9.
        patch_filters: channels of the discriminators; three judge patches of 34x34 pixels, four 70x70.
        pairs_filters: channels of the generator of a pix2pix that is shown the pairs, to compare with.
        cycle: weight of the cycle's L1 distance.
        identity: weight of the identity's; it keeps colours, and costs a third more time.
        pool: made images that each discriminator's pool remembers.
        epochs: passes over the training images; from the middle on the learning rate falls to 0.
        learning_rate: of all players; the paper's is 2e-4 for networks eight times as wide.
    """
    # %% The data: two heaps of images. No image of one has its partner in the other.
    train, _, test = loaded = data.load(dataset, file=run.file, limit=run.limit, size=size)
    if set(np.unique(train.labels)) != {0, 1}:
        raise InputError(f"this lesson needs images of two domains, labels 0 and 1; {dataset} has others")
    first, second = loaded.info.classes
    heaps = [train.images[train.labels == label] for label in (0, 1)]
    a, b = (np.resize(np.arange(len(heap)), max(map(len, heaps))) for heap in heaps)
    a, b = heaps[0][a], heaps[1][b]
    tests = [test[test.labels == label] for label in (0, 1)]

    # %% The players at the paper's size, counted: two of each are trained.
    run.metrics(
        generator_at_256=parameter_count(ResidualGenerator, (None, 256, 256, 3)),
        discriminator_at_256=parameter_count(PatchDiscriminator, (None, 256, 256, 3)),
    )

    # pix2pix, which will be shown the pairs where they are known, is built now: a size that does not fit it
    # is to be refused before the games.
    paired = "partners" in test.fields
    if paired:
        taught = Pix2Pix(3, pairs_filters, patch_filters, dropped=0, distance=100.0)
        taught.build((None, *a.shape[1:]))

    def play(name, cycle):
        keras.utils.set_random_seed(run.seed)
        model = CycleGAN(3, filters, blocks, patch_filters, cycle, identity, pool)
        model.build((None, *a.shape[1:]))
        batches = run.batches(a, b)
        steps = epochs * len(batches)
        rate = LinearDecay(learning_rate, steps // 2, steps)
        model.compile(keras.optimizers.Adam(rate, beta_1=0.5), **run.compile_options)
        kept = Snapshots(model.to_b, tests[0].images[:10], run.work / "checkpoints" / name, run.batch_size)
        model.fit(batches, epochs=epochs, callbacks=[Balance(HEALTHY), kept, *run.callbacks(name)])
        return model, kept.images()

    def translate(network, images):
        return np.concatenate([network(images[start : start + 50]) for start in range(0, len(images), 50)])

    # %% The game with the cycle, and the same one without: to pass for real is all that counts there.
    model, learning = play("cycle", cycle)
    without, _ = play("no_cycle", 0.0)
    asked = eight_bits(tests[0].images[:10])
    frames = [
        image_sheet(np.concatenate([asked, made]), enlarge=max(1, 128 // size)) for made in learning.values()
    ]
    run.animation("training", frames, alt="training")
    runs = {"with the cycle": run.history("cycle"), "without": run.history("no_cycle")}
    for weight, losses in zip((cycle, 0.0), runs.values(), strict=True):
        distances = weight * np.array(losses["cycle_l1"]) + identity * np.array(losses["identity_l1"])
        losses["generator_loss"] = losses["generator_loss"] - distances
    bands = {**HEALTHY, "generator_loss": (0.3, 2.0)}
    title = "Neither loss falls to nothing: each side goes on learning (dotted: nobody could tell)"
    run.figure("losses", player_losses(runs, bands, title, dict.fromkeys(bands, 0.5)), alt=title)

    # %% There and back: what does not come back was lost on the way.
    there = {
        (one, label): translate(network, tests[label].images)
        for one, networks in (("cycle", model), ("none", without))
        for label, network in enumerate((networks.to_b, networks.to_a))
    }
    back = translate(model.to_a, there["cycle", 0]), translate(model.to_b, there["cycle", 1])
    run.metrics(there_and_back=translation_error(back[0], tests[0].images)["error"])
    for label, (own, other) in enumerate(((first, second), (second, first))):
        part, made = tests[label], there["cycle", label]
        truth = {"true partner": part.partners} if "partners" in part.fields else {}
        rows = {own: part.images, f"made {other}": made, **truth, "and back": back[label]}
        title = f"From {own} to {other} and back: what comes back cannot have been lost on the way"
        run.figure(f"{own}_to_{other}", image_rows(rows, title), alt=title)

    # %% The true partners, from which CycleGAN has not learnt. pix2pix may: how much is a pair worth?
    if paired:
        pairs = train[train.labels == 0]
        taught.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), **run.compile_options)
        batches = run.batches(pairs.images, pairs.partners)
        taught.fit(batches, epochs=max(1, epochs // 2), callbacks=run.callbacks("pix2pix"))
        part, made = tests[0], {"CycleGAN": there["cycle", 0], "no cycle": there["none", 0]}
        made |= {"pix2pix, pairs": translate(taught, part.images), "doing nothing": part.images}
        found = {name: translation_error(one, part.partners, part.masks) for name, one in made.items()}
        ours = found.pop("CycleGAN")
        run.metrics(
            **ours,
            share_of_doing_nothing=ours["error"] / found["doing nothing"]["error"],
            share_of_no_cycle=ours["error"] / found["no cycle"]["error"],
        )
        for name, errors in found.items():
            for metric, value in errors.items():
                run.baseline(metric, name, value)
        worst = np.argsort(-np.abs(made["CycleGAN"] - part.partners).mean(axis=(1, 2, 3)))[:10]
        rows = {"asked": made.pop("doing nothing"), **made, "true partner": part.partners}
        rows = {name: images[worst] for name, images in rows.items()}
        title = "The ten worst translations; without the cycle nothing holds a shape to what was asked for"
        run.figure("worst", image_rows(rows, title), alt=title)

    # %% Keep both translators: images of any size that is a multiple of 4.
    shape = (None, None, None, 3)
    run.save(
        model,
        signature=shape,
        note=f"In: images in [0, 1], sides multiples of 4. Out: {first} translated to {second}; `to_a` back.",
        endpoints={"to_a": (model.to_a, shape)},
    )


if __name__ == "__main__":
    cyclegan.main()
