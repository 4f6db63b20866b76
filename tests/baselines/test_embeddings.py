"""Embeddings in the plane: what each keeps of a flat and of a rolled-up sheet."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.spatial.transform import Rotation

from keras_cv_course.baselines.embeddings import isomap_embedding, pca_embedding, tsne_codes

rng = np.random.default_rng(0)
sheet = rng.uniform(0, 1, (400, 2)) * [6, 2]
flat = Rotation.random(random_state=0).apply(np.column_stack([sheet, np.zeros(400)])) + [5, -3, 1]
angle = 1 + sheet[:, 0] / 2  # a quarter turn and more of a cylinder of radius 2: arc length 2 angle
bent = np.column_stack([2 * np.cos(angle), sheet[:, 1], 2 * np.sin(angle)])


def test_pca_keeps_a_flat_sheet_and_gives_the_projection_by_singular_vectors():
    pca = pca_embedding(flat)
    np.testing.assert_allclose(pdist(pca.encode(flat)), pdist(sheet), atol=1e-9)
    np.testing.assert_allclose(pca.decode(pca.encode(flat)), flat, atol=1e-9)
    centre = bent.mean(axis=0)
    axes = np.linalg.svd(bent - centre, full_matrices=False)[2][:2]
    pca = pca_embedding(bent)
    expected = centre + (bent - centre) @ axes.T @ axes
    np.testing.assert_allclose(pca.decode(pca.encode(bent)), expected, atol=1e-9)


def test_isomap_keeps_the_distances_along_a_bent_sheet_and_finds_the_way_back():
    isomap = isomap_embedding(bent[:300])
    codes = isomap.encode(bent)
    # Paths along the graph are somewhat longer than the straight line on the sheet.
    ratios = pdist(codes) / pdist(sheet)
    assert np.median(ratios) == pytest.approx(1, abs=0.05)
    assert np.corrcoef(pdist(codes), pdist(sheet))[0, 1] > 0.995
    assert np.corrcoef(pdist(pca_embedding(bent).encode(bent)), pdist(sheet))[0, 1] < 0.98
    new, pca = bent[300:], pca_embedding(bent)
    flattened = np.mean((pca.decode(pca.encode(new)) - new) ** 2)
    assert np.mean((isomap.decode(codes[300:]) - new) ** 2) < 0.1 * flattened


def test_tsne_keeps_neighbours_and_repeats_itself():
    groups = np.repeat(np.eye(3), 30, axis=0) * 20 + rng.normal(size=(90, 3))
    codes = tsne_codes(groups, seed=0)
    np.testing.assert_array_equal(codes, tsne_codes(groups, seed=0))
    assert codes.shape == (90, 2)
    nearest = np.linalg.norm(codes[:, None] - codes[None], axis=-1) + 1e9 * np.eye(90)
    assert (nearest.argmin(axis=1) // 30 == np.arange(90) // 30).all()
