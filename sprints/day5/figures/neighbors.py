"""Figures of day5.neighbors."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage

from keras_cv_course import data
from keras_cv_course.explain.feature_maps import chosen_maps, feature_maps
from keras_cv_course.explain.neighbours import nearest
from keras_cv_course.explain.own_classifier import fitted
from keras_cv_course.plot.style import BLUE, GREEN, GREY, RED
from sprints.day5.figures.filters import spread_out


def neighbour_rows(test, gallery, found, queries, count, title):
    """Draw queries, one a row, and their nearest neighbours in several spaces; the frame says whose class is right.

    Args:
        test, gallery: parts with `images` and `labels`.
        found: {space: (M, k) neighbours of the test images}.
        queries: which test images.
        count: neighbours of each that are drawn.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    widths = [1.0] + [0.25, *([1.0] * count)] * len(found)
    figure = Figure(figsize=(0.62 * sum(widths) + 0.3, 0.66 * len(queries) + 1.1), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    figure.suptitle(title, fontsize=12)
    grid = figure.subplots(len(queries), len(widths), width_ratios=widths, squeeze=False)
    for axis in grid.ravel():
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    grid[0, 0].set_title("query", fontsize=9)
    for axes, query in zip(grid, queries, strict=True):
        axes[0].imshow(test.images[query], cmap="gray", vmin=0, vmax=1)
        for place, (space, neighbours) in enumerate(found.items()):
            start = 2 + place * (count + 1)
            if query == queries[0]:
                axes[start].set_title(space, fontsize=9, loc="left")
            for axis, row in zip(axes[start : start + count], neighbours[query], strict=False):
                axis.imshow(gallery.images[row], cmap="gray", vmin=0, vmax=1)
                right = gallery.labels[row] == test.labels[query]
                style = "-" if right else (0, (1, 1))
                axis.spines[:].set(visible=True, color=GREEN if right else RED, linewidth=2, linestyle=style)
    figure.supxlabel("solid green: of the query's class; dotted red: of another one", fontsize=8)
    return figure


def thumbnails(planes, images, title, zoom=0.2):
    """Draw images at their places in one or more planes.

    Args:
        planes: {heading: (N, 2) places}.
        images: (N, H, W, C) in [0, 1].
        title: what the figure shows, in words.
        zoom: size of an image.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(6.2 * len(planes), 6.6), layout="constrained")
    figure.suptitle(title, fontsize=13)
    for axis, (heading, places) in zip(
        figure.subplots(1, len(planes), squeeze=False)[0], planes.items(), strict=True
    ):
        axis.set_title(heading, fontsize=11)
        axis.set(xticks=[], yticks=[])
        axis.scatter(*places.T, s=1, alpha=0)
        for place, image in zip(places, images, strict=True):
            drawn = OffsetImage(np.clip(image, 0, 1), zoom=zoom, cmap="gray_r", clim=(0, 1))
            axis.add_artist(AnnotationBbox(drawn, place, frameon=False, pad=0))
    return figure


def share_by_layer(names, shares, others, title):
    """Draw the share of neighbours of the same class in the features of each layer, beside spaces without a network.

    Args:
        names: of the layers, from the first to the last.
        shares: one a layer.
        others: {space: share}.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(8, 4), layout="constrained")
    axis = figure.subplots()
    axis.set_title(title, fontsize=12)
    places = np.arange(len(names))
    axis.plot(places, shares, "o-", color=BLUE, label="mean over the maps of a layer")
    heights = spread_out(np.array(list(others.values())), 0.045)
    for (name, share), height in zip(others.items(), heights, strict=True):
        axis.axhline(share, color=GREY, linestyle=":", linewidth=1)
        axis.annotate(
            f"{name} {share:.2f}", (places[-1] + 0.15, height), fontsize=8, va="center", annotation_clip=False
        )
    axis.set(xlim=(-0.3, places[-1] + 0.1), ylim=(0, 1.02), xticks=places)
    axis.set_xticklabels(names, rotation=30, ha="right", fontsize=9)
    axis.set(xlabel="layer", ylabel="share of neighbours from the query's photograph")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, loc="lower right")
    return figure


def neighbours_of_image(model, image, count=8):
    """Draw an image of one's own and the crops of the photographs that a network takes for most alike.

    Args:
        model: a network with named endpoints, or any other with convolutions.
        image: (H, W, 3) in [0, 1], of any size.
        count: number of crops.

    Returns:
        A matplotlib `Figure`.
    """
    gallery, *_ = data.load("photo_crops")
    size = gallery.images.shape[1]
    query = fitted(model, image, size)
    crops = gallery.images
    if query.shape[1:] != crops.shape[1:]:
        crops = np.concatenate([fitted(model, crop, size) for crop in crops])
    last = [*chosen_maps(model, query.shape[1:])][-1]
    features = [feature_maps(model, images, [last], mean_over_places)[last] for images in (query, crops)]
    rows = nearest(*features, count)[0]
    figure = Figure(figsize=(1.5 * (count + 1), 2.3), layout="constrained")
    figure.suptitle(f"Your image and its nearest crops by the means of {last}", fontsize=11)
    axes = figure.subplots(1, count + 1)
    for axis in axes:
        axis.axis("off")
    axes[0].imshow(np.broadcast_to(query[0], (*query.shape[1:3], 3)))
    for axis, row in zip(axes[1:], rows, strict=True):
        axis.imshow(gallery.images[row])
        axis.set_title(data.load("photo_crops", limit=1).info.classes[gallery.labels[row]], fontsize=9)
    return figure


def mean_over_places(maps):
    """(N, channels)."""
    return maps.mean(axis=(1, 2))
