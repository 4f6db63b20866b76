"""Feature spaces without a network in which to look for neighbours, each at its best setting.

Pixels; principal components; histograms of oriented gradients (Dalal and Triggs, CVPR 2005) and their principal
components; histograms of colours (M. Swain, D. Ballard, "Color Indexing", IJCV 1991); local binary patterns (T. Ojala,
M. Pietikainen, T. Maenpaa, "Multiresolution Gray-Scale and Rotation Invariant Texture Classification", IEEE TPAMI
2002). Histograms are compared by the roots of their entries, that is, by Hellinger's distance.
"""

import numpy as np
from skimage.feature import local_binary_pattern
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from keras_cv_course.baselines.classifiers import oriented_gradients, pixels
from keras_cv_course.explain.neighbours import nearest, same_class_share

COMPONENTS = (5, 10, 20, 50)


def colour_histograms(images, bins):
    """(N, bins^3): roots of the shares of the colours, `bins` steps of red, green and blue."""
    steps = np.minimum((images * bins).astype(int), bins - 1).reshape(len(images), -1, 3)
    codes = (steps[..., 0] * bins + steps[..., 1]) * bins + steps[..., 2]
    return np.sqrt([np.bincount(row, minlength=bins**3) / len(row) for row in codes])


def binary_patterns(images, radii):
    """(N, 10 * radii): roots of the shares of the ten uniform patterns of eight neighbours at each radius."""
    grey, found = np.rint(255 * images.mean(axis=-1)).astype("uint8"), []
    for image in grey:
        codes = [local_binary_pattern(image, 8, radius, "uniform").astype(int).ravel() for radius in radii]
        found.append(np.concatenate([np.sqrt(np.bincount(code, minlength=10) / code.size) for code in codes]))
    return np.array(found)


def reduced(rows):
    """{(components, whitened): principal components of each array of rows}, fitted to the first array."""
    most = min(max(COMPONENTS), *(side - 1 for side in rows[0].shape))
    with threadpool_limits(2):
        pca = PCA(most, svd_solver="randomized", random_state=0).fit(rows[0])
    codes, found = [pca.transform(some) for some in rows], {}
    for components in COMPONENTS:
        if components <= most:
            cut = [some[:, :components] for some in codes]
            scale = np.sqrt(np.maximum(pca.explained_variance_[:components], 1e-12))
            found[components, False], found[components, True] = cut, [some / scale for some in cut]
    return found


def spaces(parts, names):
    """{name: {setting: [features of the gallery, the validation part, the test part]}}."""
    images = [part.images for part in parts]
    flat = [pixels(some) for some in images]
    found = {"pixels": {"": flat}, "PCA": reduced(flat)}
    side = images[0].shape[1]
    gradients = {
        cell: [oriented_gradients(some, cell) for some in images]
        for cell in (max(side // 6, 2), max(side // 3, 3))
    }
    found["HOG"] = dict(gradients)
    for cell, rows in gradients.items():
        found["HOG"] |= {(cell, *setting): values for setting, values in reduced(rows).items()}
    if "colour histogram" in names:
        found["colour histogram"] = {
            bins: [colour_histograms(some, bins) for some in images] for bins in (4, 6, 8)
        }
    if "local binary patterns" in names:
        found["local binary patterns"] = {
            radii: [binary_patterns(some, radii) for some in images]
            for radii in ((1,), (1, 2, 4), (1, 2, 4, 8))
        }
    return {name: found[name] for name in names}


def tuned_neighbours(gallery, validation, test, count=5, names=("pixels", "PCA", "HOG")):
    """Neighbours in each space, whose setting and distance have the largest same-class share on validation images.

    Args:
        gallery, validation, test: parts with `images` (N, S, S, 1 or 3) in [0, 1] and `labels`.
        count: neighbours of each query.
        names: which spaces; "colour histogram" and "local binary patterns" take images of three colours.

    Returns:
        {name: (M, count) neighbours of the test images in the gallery}.
    """
    found = {}
    for name, settings in spaces((gallery, validation, test), names).items():
        shares = {
            (setting, cosine): same_class_share(
                nearest(rows[1], rows[0], count, cosine), validation.labels, gallery.labels
            )
            for setting, rows in settings.items()
            for cosine in (True, False)
        }
        setting, cosine = max(shares, key=shares.get)
        found[name] = nearest(settings[setting][2], settings[setting][0], count, cosine)
    return found
