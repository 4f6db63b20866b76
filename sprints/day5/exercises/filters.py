"""The exercises of day5.filters: receptive fields by arithmetic, strongest patches, masks, and the area of a unit."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect
from keras_cv_course.classroom.remote import value
from keras_cv_course.classroom.shared_checks import all_refused

spans = Exercise(
    "spans",
    "the span of one more layer, of joined maps, and the zeros in front of an axis",
    definitions=("next_span", "union_of_spans", "same_padding"),
    points=3,
    hints=(
        "Units of the new layer are as many pixels apart as the old ones times what? A kernel reaches over k - 1 "
        "gaps, and a gap is so many old units wide as the dilation says. (Step: What a unit sees.)",
        "The union begins at the first of the starts and ends at the last of the ends; the size is the difference.",
        "What to reach: kernel 3, stride 2, one zero in front, on the image: step 2, start -1, size 3. Eight "
        "inputs, kernel 3, stride 2: one zero in all, and it goes behind.",
    ),
)
boxes = Exercise(
    "box",
    "the rectangle of pixels that one unit sees",
    definitions=("ReceptiveField.box",),
    points=1,
    hints=(
        "Each axis has its own span: rows give top and bottom, columns left and right.",
        "What to reach: step 2, start -1, size 5 along the rows: unit 3 sees the rows 5 to 9, so the box is from 5 "
        "to 10.",
    ),
)
patches = Exercise(
    "patches",
    "the strongest places of a unit, far enough apart, and the pixels that it sees there",
    definitions=("top_patches", "cut"),
    points=4,
    hints=(
        "Take the largest value of all maps, note it, then take away what lies too near in the same image; again, "
        "until there are enough or nothing is left. (Step: The patches that excite it.)",
        "Half a field is size / 2 pixels; how many units is that? Too near means too near along both axes.",
        "`cut`: start from a patch full of `outside`; only where box and image overlap are pixels to be copied, and "
        "that place differs in the two by top and left.",
        "What to reach: in a field of 5 pixels with a unit every 2, the neighbouring unit is too near, the next but "
        "one is not.",
    ),
)
masks = Exercise(
    "masks",
    "the threshold that a share of all places exceeds, and the mask in pixels of the image",
    definitions=("activation_threshold", "unit_mask"),
    points=3,
    hints=(
        "A quantile: if 0.5 % lie above, which share lies below?",
        "For every pixel, which unit, as a number with a fraction, has the middle of its field there? The middle of "
        "unit i is step * i + start + (size - 1) / 2. `ndimage.map_coordinates` interpolates at such numbers.",
        "What to reach: a unit that is active alone gives a mask whose middle is the middle of its box.",
    ),
)
area = Exercise(
    "area",
    "the area under the ROC curve of every column, from ranks",
    definitions=("column_auc",),
    points=2,
    hints=(
        "It is the share of pairs (one of the class, one of the rest) in which the first is larger; ties count half.",
        "`rankdata` gives equal numbers their mean rank. The ranks of the class sum to n(n + 1)/2 at least; each rank "
        "above that is one of the rest that lies below. (Step: A unit that answers to faces?)",
        "What to reach: 1 where the class lies above all of the rest, 0 below, 0.5 for a constant column.",
    ),
)

EXERCISES = Exercises(
    "day5.filters",
    sources=(
        "keras_cv_course.explain.receptive_field",
        "keras_cv_course.explain.top_patches",
        "keras_cv_course.explain.column_auc",
    ),
    exercises=(spans, boxes, patches, masks, area),
)


def seen(layers, units):
    """The pixels that the unit sees, layer by layer: {(kernel, stride, dilation, padding)} from the last back."""
    for kernel, stride, dilation, padding in reversed(layers):
        units = {stride * unit - padding + dilation * tap for unit in units for tap in range(kernel)}
    return min(units), max(units)


def numbers(span):
    """(step, start, size) of a span in a worker."""
    return tuple(int(value(number)) for number in (span.step, span.start, span.size))


def field_of(mine, rng):
    """A field with drawn numbers, and its two spans as tuples."""
    rows, columns = (
        (int(rng.integers(2, 5)), -int(rng.integers(0, 6)), int(rng.integers(4, 12))) for _ in "ab"
    )
    return mine.ReceptiveField(mine.Span(*rows), mine.Span(*columns)), rows, columns


@spans.check(points=1)
def check_layer_after_layer(mine, rng):
    """Through several layers, the span names the pixels that units reach when one goes back tap by tap."""
    for _ in range(5):
        layers = [[int(number) for number in rng.integers((1, 1, 1, 0), (6, 4, 4, 4))] for _ in range(4)]
        span = mine.Span(1, 0, 1)
        for kernel, stride, dilation, padding in layers:
            span = mine.next_span(span, kernel, stride, dilation, padding)
        step, start, size = numbers(span)
        for unit in (0, 7):
            first, last = seen(layers, {unit})
            attempt = (
                "step s; start minus the padding times the OLD step; size plus the old step times d (k - 1)"
            )
            received = (step * unit + start, step * unit + start + size - 1)
            equal_to(received, (first, last), f"pixels of unit {unit} behind {layers}", attempt)


@spans.check
def check_joined_maps(mine, rng):
    """Maps that are added see the union; maps of other steps are refused."""
    for _ in range(4):
        step = int(rng.integers(1, 9))
        spans_of = [(step, int(rng.integers(-20, 20)), int(rng.integers(1, 30))) for _ in range(3)]
        start = min(span[1] for span in spans_of)
        end = max(span[1] + span[2] for span in spans_of)
        received = numbers(mine.union_of_spans([mine.Span(*span) for span in spans_of]))
        attempt = "from the first start to the last end, and size is what lies between"
        equal_to(received, (step, start, end - start), f"union of {spans_of}", attempt)
    cases = {"steps 2 and 4": ([mine.Span(2, 0, 3), mine.Span(4, 0, 3)],)}
    all_refused(mine.union_of_spans, cases)


@spans.check(points=1)
def check_zeros_in_front(mine, rng):
    """The padding "same" makes ceil(length / stride) outputs; an odd zero more goes behind."""
    for _ in range(12):
        length, kernel, stride, dilation = (int(n) for n in rng.integers((6, 1, 1, 1), (60, 7, 4, 3)))
        wanted = -(-length // stride)
        zeros = 0
        while (length + zeros - dilation * (kernel - 1) - 1) // stride + 1 < wanted:
            zeros += 1
        attempt = (
            "the last window must fit: count its pixels, take the length away, never below 0, then halve"
        )
        what = f"zeros in front of {length} inputs, kernel {kernel}, stride {stride}, dilation {dilation}"
        equal_to(int(mine.same_padding(length, kernel, stride, dilation)), zeros // 2, what, attempt)


@boxes.check
def check_boxes(mine, rng):
    """Top, left, bottom, right of drawn units of a field that differs along the two axes."""
    for _ in range(4):
        field, rows, columns = field_of(mine, rng)
        row, column = (int(n) for n in rng.integers(0, 20, 2))
        top, left = rows[0] * row + rows[1], columns[0] * column + columns[1]
        received = tuple(int(n) for n in field.box(row, column))
        attempt = "step * i + start for the first pixel; the box ends `size` further, which is excluded"
        equal_to(
            received, (top, left, top + rows[2], left + columns[2]), f"box of ({row}, {column})", attempt
        )


@patches.check(points=2)
def check_strongest_places(mine, rng):
    """The places that one finds by sorting all of them and keeping those that are near to none before."""
    for _ in range(8):
        field, rows, columns = field_of(mine, rng)
        maps = rng.permutation(3 * 7 * 8).reshape(3, 7, 8).astype(float)
        order = sorted(np.ndindex(*maps.shape), key=lambda place: -maps[place])
        expected = []
        for image, row, column in order:
            near = [
                one == image
                and abs(row - r) * rows[0] < rows[2] / 2
                and abs(column - c) * columns[0] < columns[2] / 2
                for one, r, c in expected
            ]
            if not any(near):
                expected.append((image, row, column))
        count = int(rng.integers(6, 14))
        found = mine.top_patches(maps, field, count)
        attempt = (
            "half a field in units: size / 2 / step, for rows and columns apart, and in the same image only"
        )
        equal_to([tuple(int(n) for n in patch[:3]) for patch in found], expected[:count], "places", attempt)
        values = [float(patch[3]) for patch in found]
        close_to(values, [maps[place] for place in expected[:count]], 1e-9, "activations", attempt)


@patches.check
def check_patches_refuse(mine, rng):
    """Maps of another form, numbers that are not finite and a count below 1 are refused; few places give few."""
    field, _, _ = field_of(mine, rng)
    value = float(rng.uniform(1, 2))
    found = mine.top_patches(np.full((1, 1, 1), value), field, 9)
    expect(len(found) == 1, "one patch of a map with one place", len(found), "stop where nothing is left")
    close_to(float(found[0][3]), value, 1e-9, "its activation", "the value before anything was taken away")
    cases = {"maps of two axes": (np.ones((3, 3)), field, 1), "NaN": (np.full((1, 2, 2), np.nan), field, 1)}
    all_refused(mine.top_patches, cases | {"count 0": (np.ones((1, 2, 2)), field, 0)})


@patches.check(points=1)
def check_cut(mine, rng):
    """Pixel by pixel, also where a box leaves the image, and where it misses it."""
    image = rng.random((9, 7, 3), dtype="float32")
    outside = float(rng.uniform(2, 3))
    for top, left in ((2, 1), (-2, 4), (6, -3), (-20, 0), (0, 30)):
        box = (top, left, top + 5, left + 4)
        expected = np.full((5, 4, 3), outside)
        for row, column in np.ndindex(5, 4):
            if 0 <= top + row < 9 and 0 <= left + column < 7:
                expected[row, column] = image[top + row, left + column]
        attempt = "where box and image overlap, in the image's pixels; minus top and left in the patch's"
        close_to(mine.cut(image, box, outside), expected, 1e-6, f"the patch of {box}", attempt)


@masks.check(points=1)
def check_threshold(mine, rng):
    """So many of all places lie above it; shares of 0 and 1 are refused."""
    maps = rng.normal(0, 1, (5, 20, 20))
    for share in (0.01, 0.1, 0.4):
        threshold = mine.activation_threshold(maps, share)
        attempt = "the quantile of 1 - share, over all maps at once"
        close_to(np.mean(maps > threshold), share, 2e-3, "share of places above it", attempt)
    all_refused(mine.activation_threshold, {f"a share of {share}": (maps, share) for share in (0.0, 1.0)})


@masks.check
def check_mask(mine, rng):
    """Where the map, enlarged between the middles of what the units see, exceeds the threshold."""
    for _ in range(3):
        field, rows, columns = field_of(mine, rng)
        unit_map = rng.random((6, 5))
        shape = tuple(int(n) for n in rng.integers(14, 24, 2))
        enlarged = np.zeros(shape)
        for row, column in np.ndindex(*shape):
            places = []
            for pixel, (step, start, size), length in zip(
                (row, column), (rows, columns), (6, 5), strict=True
            ):
                middles = [step * i + start + (size - 1) / 2 for i in range(length)]
                places.append([float(np.interp(pixel, middles, line)) for line in np.eye(length)])
            enlarged[row, column] = np.array(places[0]) @ unit_map @ np.array(places[1])
        ordered = np.sort(enlarged.ravel())
        place = len(ordered) // 2 + int(np.argmax(np.diff(ordered[len(ordered) // 2 : -5])))
        threshold = float(ordered[place : place + 2].mean())
        received = np.asarray(mine.unit_mask(unit_map, field, shape, threshold)).astype(float)
        attempt = "the middle of unit i is step * i + start + (size - 1) / 2; solve for i; beyond the edge the nearest"
        close_to(received, (enlarged > threshold).astype(float), 0.5, "the mask", attempt)


@masks.shows
def image_of_a_mask(mine):
    """The mask of a unit whose map is a round hill."""
    rows, columns = np.indices((9, 9)) - 4
    field = mine.ReceptiveField(mine.Span(8, -2, 11), mine.Span(8, -2, 11))
    return np.asarray(mine.unit_mask(np.exp(-(rows**2 + columns**2) / 8), field, (80, 80), 0.4)).astype(float)


@area.check(points=1)
def check_pair_by_pair(mine, rng):
    """The share of pairs in which the class is larger, ties as half."""
    features = rng.integers(0, 5, (24, 4)).astype(float)
    labels = (np.arange(24) < rng.integers(6, 18)).astype(int)
    ones, zeros = features[labels == 1], features[labels == 0]
    larger = (ones[:, None] > zeros[None]) + 0.5 * (ones[:, None] == zeros[None])
    attempt = "ranks of each column, summed over the class, minus n(n + 1)/2, over the number of pairs"
    close_to(mine.column_auc(features, labels), larger.mean(axis=(0, 1)), 1e-9, "areas", attempt)


@area.check
def check_senseless_input_is_refused(mine, rng):
    """One class alone, labels that are neither 0 nor 1, other lengths and NaN are refused."""
    features = rng.random((4, 2))
    wrong = {"one class": [1, 1, 1, 1], "a label of 2": [0, 1, 2, 0], "three labels": [0, 1, 0]}
    cases = {words: (features, np.array(labels)) for words, labels in wrong.items()}
    spoiled = features.copy()
    spoiled[int(rng.integers(4)), 0] = np.nan
    cases["NaN"] = spoiled, np.array([0, 1, 0, 1])
    all_refused(mine.column_auc, cases)
