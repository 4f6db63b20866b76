"""What the figures of day2.proposals show: regions after mergers, curves, frames."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from sprints.day2.figures.proposals import (
    best_proposals,
    detections,
    gradient_histograms,
    mean_colours,
    merged_segments,
    merging_steps,
    recall_curves,
)

SEGMENTS = np.array([[0, 1], [2, 3]])
PARENTS = np.array([[1, 2], [0, 4], [3, 5]])


def test_segments_after_mergers():
    assert merged_segments(SEGMENTS, PARENTS[:0]).tolist() == SEGMENTS.tolist()
    assert merged_segments(SEGMENTS, PARENTS[:1]).tolist() == [[0, 4], [4, 3]]
    assert merged_segments(SEGMENTS, PARENTS[:2]).tolist() == [[5, 5], [5, 3]]
    assert merged_segments(SEGMENTS, PARENTS).tolist() == [[6, 6], [6, 6]]
    image = np.arange(12.0).reshape(2, 2, 3) / 12
    np.testing.assert_allclose(mean_colours(image, SEGMENTS), image)
    np.testing.assert_allclose(mean_colours(image, np.full((2, 2), 6))[0, 1], image.mean(axis=(0, 1)))


def test_every_figure_is_drawn():
    rng = np.random.default_rng(0)
    image = rng.random((24, 24, 3))
    segments = np.kron(SEGMENTS, np.ones((12, 12), int))
    boxes = np.float32([[[2, 2, 12, 12], [-1] * 4]])
    found = {"one": (boxes, np.array([[0.9, 0.0]]), np.array([[1, -1]]))}
    merging = merging_steps(image, segments, PARENTS, lefts=(9, 2))
    assert [axis.get_title() for axis in merging.axes] == ["image", "4 regions", "2 regions"]
    curves = recall_curves((1, 10), {"ours": [0.5, 1.0], "other": [0.2, 0.4]})
    assert [line.get_label() for line in curves.axes[0].lines] == ["ours", "other"]
    best = best_proposals(image[None], boxes, [np.float32([[0, 0, 9, 9], [2, 2, 12, 12]])], 1)
    assert best.axes[0].texts[0].get_text() == "IoU 0.37" and best.axes[0].get_title() == "1 objects"
    shown = detections(image[None], found, ("a", "b"), 0.5)
    assert shown.axes[0].texts[0].get_text() == "b 0.90" and shown.axes[0].get_title() == "one: 1"
    for figure in (merging, curves, best, shown, gradient_histograms(image[None], 6)):
        FigureCanvasAgg(figure).draw()
