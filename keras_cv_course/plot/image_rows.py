"""Rows of the same images in several versions, one under the other."""

from matplotlib.figure import Figure

from keras_cv_course.metrics.psnr import psnr


def image_rows(rows, title, columns=10, against=None):
    """Draw the first images of every version, one version a row.

    Args:
        rows: {label of the row: (N, H, W) or (N, H, W, 1 or 3) images in [0, 1]}.
        title: what the figure shows, in words.
        columns: at most so many images a row.
        against: the true images; each other row's label then ends in its peak signal-to-noise ratio.

    Returns:
        A matplotlib `Figure`.
    """
    columns = min(columns, *(len(images) for images in rows.values()))
    figure = Figure(figsize=(1.8 + 0.9 * columns, 0.6 + 0.95 * len(rows)), layout="constrained")
    figure.suptitle(title, fontsize=12)
    grid = figure.subplots(len(rows), columns, squeeze=False)
    for axes, (label, images) in zip(grid, rows.items(), strict=True):
        for axis, image in zip(axes, images, strict=False):
            axis.imshow(image, cmap="gray", vmin=0, vmax=1)
            axis.set(xticks=[], yticks=[])
        if against is not None and images is not against:
            label = f"{label}\n{psnr(against, images[: len(against)]):.1f} dB"
        axes[0].set_ylabel(label, rotation=0, ha="right", va="center", fontsize=10)
    return figure
