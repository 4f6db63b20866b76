"""Figures of day4.dcgan."""

import keras
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from keras_cv_course.generate.adversarial.gan_monitor import AT_CHANCE, HEALTHY
from keras_cv_course.generate.adversarial.noise_walk import noise_walk
from keras_cv_course.metrics.nearest_neighbour import nearest_neighbours
from keras_cv_course.plot.gan_losses import gan_losses
from keras_cv_course.plot.image_rows import image_rows
from keras_cv_course.plot.image_sheet import image_sheet
from keras_cv_course.plot.style import BLUE
from keras_cv_course.plot.text_table import text_table

COLUMNS = 12  # images in a row


def losses(history):
    """Both losses over epochs, from a training log {name: (epochs,) numbers}."""
    return gan_losses({"": history}, HEALTHY, "Losses by epoch (dotted: D = 1/2)", AT_CHANCE)


def sheets(frames):
    """A uint8 sheet of sixty images for each epoch, from {epoch: (N, H, W, C) uint8 images}."""
    enlarge = max(1, 64 // next(iter(frames.values())).shape[1])
    return [image_sheet(images[:60], columns=COLUMNS, enlarge=enlarge) for images in frames.values()]


def learning(generated):
    """Images of the same noise in six epochs at most, ever farther apart: {epoch: (N, H, W, C) images in [0, 1]}."""
    last = max(generated)
    chosen = sorted({round(last ** (place / 5)) for place in range(6)})
    rows = {f"epoch {epoch}": generated[epoch] for epoch in chosen}
    return image_rows(rows, "Images generated from the same noise", columns=COLUMNS)


def measures(measured):
    """A table of measures, one generator a row: {generator: {measure: number}}."""
    names = next(iter(measured.values()))
    rows = [[name, *values.values()] for name, values in measured.items()]
    return text_table(["generator", *names], rows, "Generated images, measured on test images")


def generators(generated, training, others):
    """Rows of generated images, of their nearest training images, and of other generators' {name: images}."""
    _, nearest = nearest_neighbours(generated[:COLUMNS], training)
    rows = {"generated": generated, "nearest in\ntraining": training[nearest]}
    rows |= {name.replace(", ", ",\n"): images for name, images in others.items()}
    return image_rows(
        rows, "Generated images, their nearest training images, other generators", columns=COLUMNS
    )


def walks(generator, noise, count=4):
    """Images along arcs from each of the first noise vectors (N, latent) to the next one."""
    arcs = {f"walk {row + 1}": noise_walk(noise[row], noise[row + 1], COLUMNS) for row in range(count)}
    rows = {name: keras.ops.convert_to_numpy(generator(arc)) for name, arc in arcs.items()}
    return image_rows(rows, "Images along four arcs from one noise vector to another", columns=COLUMNS)


def distance_curve(distances, levels):
    """Draw Fréchet distances over epochs on a logarithmic axis, with a dotted line for each level.

    Args:
        distances: {epoch: number above 0}.
        levels: {name: number above 0}, each named at the right of its line.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(8, 4.4), layout="constrained")
    axis = figure.subplots()
    axis.plot(list(distances), list(distances.values()), "o-", color=BLUE, markersize=4)
    numbers = [*distances.values(), *levels.values()]
    lowest, highest = min(numbers) / 1.5, max(numbers) * 1.5
    # Labels of lines that lie close together move up, each by 5 % of the axis above the one below.
    label, gap = 0.0, (highest / lowest) ** 0.05
    for name, number in sorted(levels.items(), key=lambda level: level[1]):
        axis.axhline(number, color="black", linestyle=":", linewidth=1.2)
        label = max(number, label * gap)
        axis.annotate(
            f"{name}: {number:.3g}", (1, label), xycoords=("axes fraction", "data"), xytext=(4, 0),
            textcoords="offset points", fontsize=10, ha="left", va="center", annotation_clip=False,
        )  # fmt: skip
    axis.set(yscale="log", ylim=(lowest, highest), xlabel="epoch", ylabel="Fréchet distance")
    axis.set_title("DCGAN by epoch; dotted: other generators")
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    axis.spines[["top", "right"]].set_visible(False)
    return figure
