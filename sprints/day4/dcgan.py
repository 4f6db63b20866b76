"""DCGAN: one network paints, one judges, and by beating each other they learn what no one has shown them."""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.baselines.gaussian_generator import gaussian_images
from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.generate.adversarial.balance import CANNOT_TELL, HEALTHY, Balance
from keras_cv_course.generate.adversarial.noise_walk import noise_walk
from keras_cv_course.generate.adversarial.quality import Judge
from keras_cv_course.generate.dcgan import DCGAN, DCGANDiscriminator, DCGANGenerator
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.metrics.frechet_distance import frechet_distance
from keras_cv_course.metrics.nearest_neighbour import nearest_neighbours
from keras_cv_course.metrics.parameter_count import parameter_count
from keras_cv_course.plot.image_rows import image_rows
from keras_cv_course.plot.image_sheet import eight_bits, image_sheet
from keras_cv_course.plot.player_losses import player_losses
from keras_cv_course.training.inception_features import InceptionFeatures
from keras_cv_course.training.restart import Restart
from keras_cv_course.training.snapshots import Snapshots
from sprints.day4.figures.dcgan import distance_curve


@lesson(
    quick=dict(limit=200, epochs=2, passes=2, broken_epochs=1, samples=100, judge_epochs=2),
    full=dict(
        dataset="mnist", size=32, latent=100, filters=(512, 256, 128), smooth=0.0, epochs=30, passes=1,
        batch_size=128, learning_rate=2e-4, broken_rate=2e-2, broken_epochs=3, judge_epochs=5, samples=2000,
    ),
    batch_size=32,
    targets={
        "digits": dict(
            frechet=at_most(7.0),
            times_closer_than_normal=at_least(2.5),
            coverage=at_least(1.0),
            copying=at_most(0.6),
        ),
        "mnist": dict(times_closer_than_normal=at_least(2.0), coverage=at_least(1.0), copying=at_most(0.6)),
    },
)  # fmt: skip
def dcgan(
    run,
    dataset: str = "digits",
    size: int | None = None,
    latent: int = 32,
    filters: tuple[int, ...] = (64, 32),
    smooth: float = 0.1,
    epochs: int = 30,
    passes: int = 2,
    learning_rate: float = 2e-3,
    broken_rate: float = 1e-1,
    broken_epochs: int = 4,
    judge_epochs: int = 12,
    samples: int = 720,
    inception: bool = False,
):
    """Train a generator and a discriminator against each other, and measure what is made.

    Args:
        dataset: digits and shapes are built in; mnist, fashion_mnist, tfds:celeb_a are downloaded once.
        size: bring images to size x size pixels; None leaves each set its own size.
        latent: random numbers that an image is made of.
        filters: channels of the generator's maps, from the smallest; each doubles the map.
        smooth: the discriminator is to call real images 1 - smooth, so that it is never too sure.
        epochs: after each of them the same noise is painted again.
        passes: how often an epoch goes through the training images.
        learning_rate: of both players; the paper's is 2e-4 for networks ten times as wide.
        broken_rate: of a second game, which is to go wrong.
        broken_epochs: how long that one lasts.
        judge_epochs: passes over the training images of the classifier that judges.
        samples: images that are made to be measured.
        inception: also measure what InceptionV3 sees; its weights are downloaded once.
    """
    eyes = InceptionFeatures() if inception else None  # first: weights that are missing are to be missed now
    # %% The data, and a judge: a classifier of the real images, which will say what it sees in made ones.
    train, validation, test = loaded = data.load(dataset, limit=run.limit, size=size)
    shape, classes = train.images.shape[1:], len(loaded.info.classes)
    classifier = ConvolutionalClassifier(filters=(16, 32), units=(64,), classes=classes)
    classifier.build((None, *shape))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    classifier.compile(keras.optimizers.Adam(3e-3), loss, **run.compile_options)
    batches = run.batches(train.images, train.labels, batch_size=2 * run.batch_size)
    classifier.fit(batches, epochs=judge_epochs, callbacks=run.callbacks("judge"))
    judge = Judge(classifier, train.images)
    run.metrics(judge_accuracy=np.mean(judge.labels(test.images) == test.labels))

    # %% Two players of the same plan, one mirrored. At the paper's size they have millions of parameters.
    run.metrics(
        generator_at_64=parameter_count(DCGANGenerator, (None, 100)),
        discriminator_at_64=parameter_count(DCGANDiscriminator, (None, 64, 64, 3)),
    )

    # %% The game: no pixel is ever called right or wrong, only the other player's answer counts.
    noise = np.random.default_rng(run.seed).uniform(-1, 1, (samples, latent)).astype("float32")
    model = DCGAN(shape, latent, filters, smooth)
    model.build((None, *shape))
    model.compile(keras.optimizers.Adam(learning_rate, beta_1=0.5), **run.compile_options)
    start, restart = model.get_weights(), Restart(model)

    def play(name, rate, epochs):
        restart(start)
        model.optimizer.learning_rate = rate
        batches = run.batches(train.images).repeat(passes)
        kept = Snapshots(model.generator, noise, run.work / "checkpoints" / name)
        model.fit(batches, epochs=epochs, callbacks=[Balance(), kept, *run.callbacks(name)])
        return {epoch: images / np.float32(255) for epoch, images in kept.images().items()}

    broken = play("broken", broken_rate, broken_epochs)
    made = play("sound", learning_rate, epochs)
    chosen = sorted({round(epochs ** (place / 5)) for place in range(6)})
    rows = {f"epoch {epoch}": made[epoch] for epoch in chosen}
    run.figure(
        "learning",
        image_rows(rows, "The same noise, painted as training goes on", columns=12),
        alt="The same noise, painted as training goes on",
    )
    pages = [eight_bits(images[:60]) for images in made.values()]
    enlarge = max(1, 40 // shape[0])
    run.animation(
        "training", [image_sheet(page, columns=10, enlarge=enlarge) for page in pages], alt="training"
    )

    # %% Neither loss goes down for good, as the other player learns, too: both are to stay in a band.
    runs = {
        f"learning rate {rate:g}": run.history(name)
        for name, rate in (("sound", learning_rate), ("broken", broken_rate))
    }
    title = "A game that both go on learning from, and one that is lost (dotted: nobody could tell)"
    run.figure("losses", player_losses(runs, HEALTHY, title, CANNOT_TELL), alt=title)

    # %% Epoch by epoch, how far is what the judge sees in made images from what it sees in real ones?
    real = train.images[:samples]
    simple = gaussian_images(train.images, samples, np.random.default_rng(run.seed))
    levels = {"normal distribution": simple, "real images": real}
    levels = {name: judge.frechet(images, validation.images) for name, images in levels.items()}
    distances = {epoch: judge.frechet(images, validation.images) for epoch, images in made.items()}
    title = "Made images come closer to real ones in the eyes of the judge"
    run.figure(
        "distance",
        distance_curve(distances, levels, title, "Fréchet distance to validation images"),
        alt=title,
    )

    # %% Once at the end, on test images: good ones? of all kinds? and new ones, or learnt by heart?
    made, broken = made[epochs], broken[broken_epochs]
    run.metrics(**judge.quality(made, test.images, classes))
    others = {"real images": real, "normal distribution": simple, "the lost game": broken}
    found = {name: judge.quality(images, test.images, classes) for name, images in others.items()}
    for name, values in found.items():
        run.baseline("frechet", name, values["frechet"])
        run.baseline("coverage", name, values["coverage"])
    run.metrics(times_closer_than_normal=found["normal distribution"]["frechet"] / run.values["frechet"])
    if inception:
        seen = eyes(test.images)
        run.metrics(frechet_inception=frechet_distance(seen, eyes(made)))
        run.baseline("frechet_inception", "real images", frechet_distance(seen, eyes(real)))
    _, nearest = nearest_neighbours(made[:12], train.images)
    rows = {"made": made[:12], "nearest in\ntraining": train.images[nearest]}
    title = "A made image is closer to its nearest training image than a new real one in "
    title += f"{run.values['copying']:.0%} of pairs (copies: 100%)"
    run.figure("neighbours", image_rows(rows, title, columns=12), alt=title)

    # %% A walk through the noise: every point on the way is an image.
    walks = {f"walk {row + 1}": noise_walk(noise[row], noise[row + 1], steps=12) for row in range(4)}
    rows = {name: keras.ops.convert_to_numpy(model.generator(walk)) for name, walk in walks.items()}
    title = "From noise to noise: what lies between is painted, too"
    run.figure("walk", image_rows(rows, title, columns=12), alt=title)
    run.save(
        model,
        signature=(None, *shape),
        endpoints={"generate": (model.generator, (None, latent))},
        note=f"serve judges images: above 0 is real. generate makes one of {latent} numbers in (-1, 1).",
    )


if __name__ == "__main__":
    dcgan.main()
