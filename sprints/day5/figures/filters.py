"""Figures of day5.filters."""

import textwrap

import numpy as np
from matplotlib.figure import Figure
from skimage import transform

from keras_cv_course.errors import InputError
from keras_cv_course.explain.feature_maps import chosen_maps, feature_maps
from keras_cv_course.explain.top_patches import activation_threshold, cut, top_patches, unit_mask
from keras_cv_course.plot.style import BLUE, GREY, ORANGE

SMALLEST, LONGEST = 32, 320  # pixels of the sides of an image of one's own
DARK = 0.4  # brightness of what lies outside a mask


def kernel_sheet(kernels, title):
    """Draw the filters of a first layer, each with its own contrast: grey is 0.

    Args:
        kernels: (height, width, 3, filters).
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    count = min(kernels.shape[-1], 64)
    columns = min(count, 16)
    rows = -(-count // columns)
    figure = Figure(figsize=(8, 0.55 * rows + 0.9), layout="constrained")
    figure.suptitle(title, fontsize=12)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axis in grid.ravel():
        axis.axis("off")
    for number, axis in zip(range(count), grid.ravel(), strict=False):
        kernel = kernels[..., number]
        axis.imshow(0.5 + kernel / (2 * max(np.abs(kernel).max(), 1e-12)))
        axis.set_title(str(number), fontsize=7, pad=2)
    return figure


def draw_masked(axis, image, mask):
    """Draw the image (H, W, 3), dark outside a mask (H, W), and the mask's outline."""
    axis.imshow(np.clip(image * np.where(mask, 1.0, DARK)[..., None], 0, 1))
    if mask.any() and not mask.all():
        axis.contour(mask, [0.5], colors=[ORANGE], linewidths=0.8)


def patch_rows(rows, images, title, heading="mask of the unit"):
    """Draw units, one a row: an image under the unit's mask, then the patches that excite it most.

    A patch that is larger than the image is shown as the image, dark outside the unit's mask.

    Args:
        rows: [(label, field, mask of images[place], place, patches, masks of the patches' images)].
        images: (N, H, W, 3) in [0, 1].
        title: what the figure shows, in words.
        heading: of the first column.

    Returns:
        A matplotlib `Figure`.
    """
    most = max(len(patches) for *_, patches, _ in rows)
    figure = Figure(figsize=(2.2 + 1.05 * (most + 1), 0.9 + 1.12 * len(rows)), layout="constrained")
    figure.suptitle(textwrap.fill(title, 90), fontsize=12)
    grid = figure.subplots(len(rows), most + 1, squeeze=False)
    for axis in grid.ravel():
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    grid[0, 0].set_title(heading, fontsize=8)
    grid[0, 1].set_title("strongest patches", fontsize=8, loc="left")
    for axes, (label, field, mask, place, patches, masks) in zip(grid, rows, strict=True):
        draw_masked(axes[0], images[place], mask)
        axes[0].set_ylabel(label, rotation=0, ha="right", va="center", fontsize=8)
        larger = any(span.size > length for span, length in zip(field, images.shape[1:3], strict=True))
        for axis, patch, own in zip(axes[1:], patches, masks, strict=False):
            image = images[patch.image]
            if larger:
                draw_masked(axis, image, own)
            else:
                axis.imshow(np.clip(cut(image, patch.box), 0, 1))
    return figure


def auc_by_layer(names, trained, random, singles, title):
    """Draw how well the best unit of each layer tells a class, beside single features without a network.

    Args:
        names: of the maps, from the first to the last.
        trained, random: areas under the ROC curve of the two networks, one a map.
        singles: {kind of single feature: area}.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axis = figure.subplots()
    axis.set_title(title, fontsize=12)
    places = np.arange(len(names))
    axis.plot(places, trained, "o-", color=BLUE, label="trained on ImageNet")
    axis.plot(places, random, "s--", color=ORANGE, label="random weights")
    for area in singles.values():
        axis.axhline(area, color=GREY, linewidth=0.8, linestyle=":")
    # Labels of lines that are close share a line of text.
    spread = spread_out(np.array(list(singles.values())), 0.022)
    for (kind, area), height in zip(singles.items(), spread, strict=True):
        axis.annotate(
            f"{kind} {area:.3f}", (places[-1] + 0.15, height), fontsize=8, va="center", annotation_clip=False
        )
    axis.axhline(0.5, color="black", linewidth=0.6)
    axis.annotate("chance", (places[-1] + 0.15, 0.5), fontsize=8, va="center", annotation_clip=False)
    axis.set(
        xticks=places,
        xlim=(-0.3, places[-1] + 0.1),
        ylim=(0.4, 1.01),
        ylabel="area under the ROC curve, test images",
    )
    axis.set_xticklabels(names, rotation=30, ha="right", fontsize=9)
    axis.set_xlabel("layer of the best unit (chosen on other images)")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, 0.94))
    return figure


def spread_out(heights, least):
    """Heights moved apart as little as their order needs so that no two are closer than `least`."""
    order = np.argsort(heights)
    moved = heights.astype(float).copy()
    for below, above in zip(order, order[1:], strict=False):
        moved[above] = max(moved[above], moved[below] + least)
    return moved - (moved.mean() - heights.mean())


def units_of_image(model, image, most=6, count=5, share=0.02):
    """Draw, for an image of one's own, one unit of each of a few maps: the one that stands out most in it.

    Args:
        model: a network with named endpoints, or any other with convolutions.
        image: (H, W, 3) in [0, 1], of any size.
        most: number of maps.
        count: patches a unit.
        share: of the image that the unit's mask covers.

    Returns:
        A matplotlib `Figure`.

    Raises:
        InputError: the image is too small, or the model has no convolution.
    """
    image = fitted(image)
    fields = chosen_maps(model, image.shape, most=most)
    maps, rows = feature_maps(model, image[None], fields), []
    for name, field in fields.items():
        values = maps[name]
        spread = np.maximum(values.std(axis=(0, 1, 2)), 1e-6)
        unit = int(np.argmax((values.max(axis=(0, 1, 2)) - values.mean(axis=(0, 1, 2))) / spread))
        one = values[..., unit]
        mask = unit_mask(one[0], field, image.shape[:2], activation_threshold(one, share))
        patches = top_patches(one, field, count)
        label = f"{name}\nunit {unit}\nsees {field.rows.size} x {field.columns.size}"
        rows.append((label, field, mask, 0, patches, [mask] * len(patches)))
    return patch_rows(
        rows, image[None], "The unit of each map that stands out most, and its strongest patches"
    )


def fitted(image):
    """The image at most `LONGEST` pixels long.

    Raises:
        InputError: a side is shorter than `SMALLEST` then.
    """
    scale = min(1.0, LONGEST / max(image.shape[:2]))
    shape = tuple(round(side * scale) for side in image.shape[:2])
    if min(shape) < SMALLEST:
        raise InputError(
            f"an image must have {SMALLEST} pixels or more on either side once its longer one has at most {LONGEST}, "
            f"received {image.shape[1]}x{image.shape[0]}: take a larger or a squarer one"
        )
    if scale < 1:
        image = transform.resize(image, shape, order=1, anti_aliasing=True)
    return np.clip(image, 0, 1).astype("float32")
