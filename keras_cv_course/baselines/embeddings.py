"""Embeddings in the plane that need no network: PCA and Isomap, with a way back into space, and t-SNE.

K. Pearson, "On Lines and Planes of Closest Fit to Systems of Points in Space", Philosophical Magazine 1901;
J. Tenenbaum, V. de Silva, J. Langford, "A Global Geometric Framework for Nonlinear Dimensionality Reduction",
Science 290, 2000; L. van der Maaten, G. Hinton, "Visualizing Data using t-SNE", JMLR 9, 2008. scikit-learn fits
them.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.decomposition import PCA
from sklearn.kernel_ridge import KernelRidge
from sklearn.manifold import TSNE, Isomap
from threadpoolctl import threadpool_limits


class Embedding(NamedTuple):
    """A fitted embedding.

    Attributes:
        encode: function of points (N, D) -> codes (N, 2).
        decode: function of codes (N, 2) -> points (N, D).
    """

    encode: Callable
    decode: Callable


def pca_embedding(points):
    """The plane of largest variance of (N, D) points."""
    pca = PCA(n_components=2).fit(points)
    return Embedding(pca.transform, pca.inverse_transform)


def isomap_embedding(points, neighbours=10):
    """Isomap: positions in the plane whose distances are those along the graph of nearest neighbours.

    Isomap has no decoder: kernel ridge regression (Gaussian kernel) from the codes to the points is ours.

    Args:
        points: (N, D), the neighbours in one piece.
        neighbours: edges of each point in the graph.
    """
    with threadpool_limits(1):  # several threads take longer here
        isomap = Isomap(n_neighbors=neighbours, n_components=2).fit(points)
        codes = isomap.embedding_
        ridge = KernelRidge(alpha=1e-3, kernel="rbf", gamma=3 / np.var(codes, axis=0).min())
        ridge.fit(codes, points)
    return Embedding(isomap.transform, ridge.predict)


def tsne_codes(points, seed):
    """t-SNE's codes (N, 2) of (N, D) points: it has no map for other points, and no way back."""
    with threadpool_limits(1):
        return TSNE(max_iter=500, random_state=seed).fit_transform(points)
