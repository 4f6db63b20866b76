"""Filters: what a unit sees is arithmetic, what it answers to you find by looking, and deep units answer to things.

You will be able to:

- compute the receptive field of any unit, and check it by a gradient;
- find the patches of many photographs that excite a unit most, cut to what it sees, and mask where it is active;
- measure what a unit answers to, and say against what such a number has to stand.

Before: `day1.convolution`, `day1.cnn`.

M. Zeiler, R. Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.1 (patches).
D. Bau et al., "Network Dissection", CVPR 2017, section 2.2 (masks). A. Araujo, W. Norris, J. Sim, "Computing Receptive
Fields of Convolutional Neural Networks", Distill 2019. Q. Le et al., "Building High-Level Features Using Large Scale
Unsupervised Learning", ICML 2012, section 4 (the best unit for faces). G. Huang et al., "Learning to Align from
Scratch", NIPS 2012 (the faces).
"""

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression

from keras_cv_course import data
from keras_cv_course.baselines.classifiers import oriented_gradients
from keras_cv_course.baselines.single_features import best_single_features
from keras_cv_course.errors import InputError
from keras_cv_course.explain.column_auc import column_auc
from keras_cv_course.explain.feature_maps import chosen_maps, feature_maps, gradient_columns
from keras_cv_course.explain.top_patches import activation_threshold, top_patches, unit_mask
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.training.pretrained import efficientnet_lite0
from sprints.day5.figures import filters as figures


def with_random_weights(model):
    """The same network with new weights."""
    twin = type(model).from_config(model.get_config())
    twin.build((None, 64, 64, 3))
    return twin


def strongest(maps):
    """The largest value of each unit over all places, (N, units)."""
    return maps.max(axis=(1, 2))


@lesson(
    quick=dict(limit=12, size=64, face_size=32, layers=("stem", "stage2", "stage4"), patches=4),
    full=dict(size=512, face_size=160),
    batch_size=None,
    targets={
        "photos": dict(
            face_auc=at_least(0.95),
            gain_over_single_features=at_least(0.03),
            gain_over_random_network=at_least(0.1),
            field_mismatches=at_most(0),
            outside_effect=at_most(1e-3),
        )
    },
    image_figure=figures.units_of_image,
    image_model=efficientnet_lite0,
)
def filters(
    run,
    dataset: str = "photos",
    layers: tuple[str, ...] = (),
    size: int = 256,
    face_size: int = 112,
    share: float = 0.02,
    patches: int = 8,
):
    """Look at filters, maps and strongest patches of a network, and find the unit that answers to faces.

    Args:
        dataset: photos is built in; folder is your own photographs (--file names it).
        layers: names of the maps to look at; by default the network's endpoints.
        size: photographs are size x size pixels.
        face_size: faces and pieces of photographs are enlarged to so many pixels.
        share: of all places in all photographs that a unit's masks cover; in [0.0001, 0.5].
        patches: patches a unit.

    Metrics:
        face_auc: probability that the chosen unit answers more to a face than to a piece of a photograph without
            people; unit and layer are chosen on the training and validation images, this is on the test images.
        gain_over_single_features: face_auc minus that of the best single feature without a network.
        gain_over_random_network: face_auc minus that of the best unit of the same network with random weights.
        field_mismatches: maps whose computed receptive field is not the extent of the gradient.
        outside_effect: largest change of an activation, as a share of it, when all that its unit does not see is
            replaced by noise.
    """
    # %% A network, photographs, first filters
    # EfficientNet-Lite0 has learned ImageNet's 1,000 classes from 1.2 million photographs; nobody told it what its
    # units should be. Only the first layer's filters can be drawn as they are: 32 kernels of 3×3×3 numbers over
    # red, green and blue. Look for pairs of opposite edges, for colours against their opposites, and for filters
    # that hardly do anything. From the second layer on a kernel works on maps, not on colours, and drawing it says
    # nothing. So you ask the other way round: to which images does a unit answer?
    network = efficientnet_lite0()
    kernels = keras.ops.convert_to_numpy(network.stem_conv.kernel)
    parts = data.load(dataset, file=run.file, size=size)
    if "images" not in parts.train.fields:
        raise InputError(f"this lesson needs photographs, such as photos or folder; {dataset} has none")
    photographs = np.concatenate([part.images for part in parts])[: run.limit]
    if photographs.shape[-1] == 1:
        photographs = np.repeat(photographs, 3, axis=-1)
    title = f"{kernels.shape[-1]} filters of the first layer, {kernels.shape[0]}x{kernels.shape[1]} pixels"
    alt = "Small coloured squares: edges in several directions, spots of colour."
    run.figure("first_filters", figures.kernel_sheet(kernels, title), alt=alt)

    # %% What a unit sees
    # Unit $i$ of a map sees the pixels from $j\,i + a$ on, $r$ of them. The image itself has $j = 1, a = 0, r = 1$; a
    # layer with kernel $k$, stride $s$ and $p$ zeros in front makes of that
    #
    # $$j' = j s, \qquad a' = a - j p, \qquad r' = r + j (k - 1).$$
    #
    # The stem ($k = 3, s = 2$) sees 3 pixels, the first depthwise convolution $3 + 2 · 2 = 7$; after sixteen blocks
    # the last map sees 851, more than the image has. The check is a gradient: on a strip of noise, which columns of
    # pixels move the units in the middle column of a map? They must be exactly the ones that the arithmetic names.
    strip = (32, 1024, 3) if run.preset != "quick" else (32, 128, 3)
    fields, wrong = chosen_maps(network, photographs.shape[1:], layers), 0
    for name, field in chosen_maps(network, strip, tuple(fields)).items():
        span = field.columns
        column = strip[1] // span.step // 2
        first = span.step * column + span.start
        expected = max(first, 0), min(first + span.size, strip[1]) - 1
        wrong += gradient_columns(network, name, strip, column, run.rng) != expected
        print(f"{name}: {span.size} pixels, one unit every {span.step}")

    # %% A unit that answers to faces?
    # No class of ImageNet is "face". Does a unit answer to faces all the same? Each of 160 test images is one of 40
    # faces, 25×25 pixels enlarged, or a piece of a photograph without people, made as coarse, as grey and as rich in
    # contrast. A unit's answer $u(x)$ is its largest value over all places. You measure
    # $\mathrm{AUC} = P(u(\text{face}) > u(\text{piece}))$: 0.5 is chance. Among thousands of units one is good by
    # chance, so the unit and its layer are chosen on other faces and other photographs.
    small = data.load("faces", limit=run.limit)
    large = data.load("faces", size=face_size, limit=run.limit)
    labels = np.concatenate([small.train.labels, small.validation.labels])
    keras.utils.set_random_seed(run.seed)
    found = {}
    for kind, some in {"trained": network, "random": with_random_weights(network)}.items():
        seen, chosen, test = (
            feature_maps(some, np.repeat(part.images, 3, axis=-1), fields, strongest, 40) for part in large
        )
        for name in fields:
            areas = column_auc(np.concatenate([seen[name], chosen[name]]), labels)
            unit = int(np.argmax(areas))
            area = float(column_auc(test[name][:, [unit]], small.test.labels)[0])
            found.setdefault(kind, {})[name] = (float(areas[unit]), unit, area)
    best = {kind: max(units, key=units.get) for kind, units in found.items()}
    auc, random_auc = (found[kind][best[kind]][2] for kind in ("trained", "random"))

    # %% Against what does that number stand?
    # A deep map has more units to choose from, a large field, a maximum over places: perhaps that is all it takes? The
    # same network with random weights has these, too. And perhaps faces are easy: then one pixel, one principal
    # component, one cell of HOG, one of Viola and Jones' Haar-like features or the likeness to the mean face would do,
    # each chosen on the same images as the unit. The last line of the table below is no single feature: a
    # classifier that is trained on HOG of these faces, which the unit never was.
    singles = best_single_features(*small)
    fit, held = (oriented_gradients(part.images, 5) for part in (small.train, small.test))
    classifier = LogisticRegression(max_iter=500).fit(fit, small.train.labels)
    fitted_auc = column_auc(classifier.decision_function(held)[:, None], small.test.labels)[0]
    others = {"best unit, random weights": random_auc, "HOG + logistic regression": fitted_auc}
    for kind, area in (singles | others).items():
        run.baseline("face_auc", kind, area)
    run.metrics(face_auc=auc, gain_over_single_features=auc - max(singles.values()))
    run.metrics(gain_over_random_network=auc - random_auc, field_mismatches=wrong)
    lines = [[found[kind][name][2] for name in fields] for kind in ("trained", "random")]
    title = "The best unit of each layer: faces against pieces of photographs"
    alt = "Area under the ROC curve by layer for two networks; dotted lines for single features."
    run.figure("face_units", figures.auc_by_layer(list(fields), *lines, singles, title), alt=alt)

    # %% The patches that excite it, and its masks
    # Now ask the photographs. For the best unit of each layer you see the places of its largest values over all of
    # them, cut to exactly what the unit sees there, and on the left one photograph with everything dark but its mask:
    # where it exceeds the value that `share` of all places exceed. Once a field is larger than the photograph, the
    # patch is the photograph, dark outside the mask. Go down the rows: what do the patches of a row have in common,
    # and can you still say it in terms of colours and edges? A last check of the arithmetic: all that a unit does not
    # see is replaced by noise, and its value must not move.
    maps = feature_maps(network, photographs, fields)
    rows, effects = [], [0.0]
    for name, field in fields.items():
        unit = found["trained"][name][1]
        one = maps[name][..., unit]
        top = top_patches(one, field, patches)
        threshold = activation_threshold(one, share)
        masks = [unit_mask(some, field, photographs.shape[1:3], threshold) for some in one]
        label = f"{name}, unit {unit}\nsees {field.rows.size} x {field.columns.size}"
        shown = int(
            np.argmax(np.max(maps[best["trained"]][..., found["trained"][best["trained"]][1]], (1, 2)))
        )
        rows.append((label, field, masks[shown], shown, top, [masks[patch.image] for patch in top]))
        y0, x0, y1, x1 = (max(side, 0) for side in top[0].box)
        alone = run.rng.random(photographs.shape[1:], dtype="float32")
        alone[y0:y1, x0:x1] = photographs[top[0].image, y0:y1, x0:x1]
        again = feature_maps(network, alone[None], [name])[name][0, top[0].row, top[0].column, unit]
        effects.append(abs(again - top[0].activation) / max(abs(top[0].activation), 1e-6))
    run.metrics(outside_effect=max(effects))
    title = "The unit of each layer that tells faces best, and the patches that excite it most"
    alt = "Rows of patches: from edges through textures to heads of people and of a cat."
    run.figure("patches", figures.patch_rows(rows, photographs, title), alt=alt)

    # %% Try it
    # 1. `--face-size 56`: the faces are half as large, and no unit has them in its field as it learned them. The AUC
    #    falls from 0.972 to 0.884, below that of a Haar-like feature (0.923) and of the mean face (0.893).
    # 2. `--layers stage4_block1 stage4_block2 stage4_block3`: the blocks of one stage.
    # 3. `--image photo.jpg` draws the units that stand out most in a photograph of yours, `--model FILE.keras` looks
    #    into another network.


if __name__ == "__main__":
    filters.main()
