"""Superpixels: a picture as some hundred patches of one colour each (SLIC, Achanta et al. 2012), and their graph.

What costs pixels times pixels costs patches times patches here, so the cues of `engine.matting` can compare every
patch with every other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int32]

_ROUNDS = 6
# Colour steps (of Lab, 0 … 100) that count as much as one patch's side: the usual compactness.
_COMPACTNESS = 12.0


@dataclass(frozen=True, slots=True, eq=False)
class Superpixels:
    """A picture in N patches.

    Attributes:
        labels: (H, W) int32, 0 … N-1. colour: (N, 3) mean Lab. centre: (N, 2) mean row and column in pixels.
        count: (N,) pixels. edges: (E, 2) int32, pairs of neighbours, each once.
        border: (N,) pixels on the picture's border.
    """

    labels: Labels
    colour: Floats
    centre: Floats
    count: Floats
    edges: Labels
    border: Floats

    def mean_of(self, values: Floats) -> Floats:
        """(N,) means of an (H, W) map."""
        sums = np.bincount(self.labels.ravel(), values.ravel(), len(self.count))
        return (sums / self.count).astype(np.float32)


def superpixels(lab: Floats, wanted: int) -> Superpixels:
    """Cut a picture into about ``wanted`` patches.

    Args:
        lab: (H, W, 3) float32 Lab, L 0 … 100.
        wanted: 1 or more; a tiny picture gives fewer.
    """
    height, width = lab.shape[:2]
    step = max(1.0, (height * width / max(wanted, 1)) ** 0.5)
    rows, cols = max(1, round(height / step)), max(1, round(width / step))
    grid_y, grid_x = _cells(height, rows), _cells(width, cols)
    place = np.ascontiguousarray(np.moveaxis(np.indices((height, width), np.float32), 0, -1))
    pixels = np.asarray(np.concatenate([lab, place * np.float32(_COMPACTNESS / step)], -1), np.float32)
    labels: Labels = (grid_y[:, None] * cols + grid_x[None]).astype(np.int32)
    for _ in range(_ROUNDS):
        centres = _means(pixels, labels, rows * cols)
        labels = _nearest(pixels, centres, grid_y, grid_x, rows, cols)
    _, flat = np.unique(labels, return_inverse=True)
    labels = flat.reshape(height, width).astype(np.int32)
    return _described(lab, place, labels)


def _cells(length: int, count: int) -> npt.NDArray[np.int64]:
    """(length,) which of ``count`` equal parts each place is in."""
    return np.array([min(at * count // length, count - 1) for at in range(length)], np.int64)


def _means(pixels: Floats, labels: Labels, count: int) -> Floats:
    """(count, D) mean of each label; labels that are not there are infinitely far away."""
    flat = labels.ravel()
    number = np.bincount(flat, minlength=count)
    sums = [np.bincount(flat, channel.ravel(), count) for channel in np.moveaxis(pixels, -1, 0)]
    means = np.stack(sums, -1) / np.maximum(number, 1)[:, None]
    means[number == 0] = np.inf
    return means.astype(np.float32)


def _nearest(
    pixels: Floats, centres: Floats, grid_y: npt.NDArray[np.intp], grid_x: npt.NDArray[np.intp], rows: int, cols: int
) -> Labels:
    """Of the nine centres around its cell, the one nearest to each pixel."""
    best = np.full(pixels.shape[:2], np.inf, np.float32)
    labels = np.zeros(pixels.shape[:2], np.int32)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            cell = np.clip(grid_y + dy, 0, rows - 1)[:, None] * cols + np.clip(grid_x + dx, 0, cols - 1)[None]
            away = np.square(pixels - centres[cell]).sum(-1)
            nearer = away < best
            best[nearer], labels[nearer] = away[nearer], cell[nearer]
    return labels


def _described(lab: Floats, place: Floats, labels: Labels) -> Superpixels:
    number = int(labels.max()) + 1
    right = np.stack([labels[:, :-1].ravel(), labels[:, 1:].ravel()], -1)
    down = np.stack([labels[:-1].ravel(), labels[1:].ravel()], -1)
    pairs = np.sort(np.concatenate([right, down]), axis=1)
    edges = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).astype(np.int32).reshape(-1, 2)
    rim = np.concatenate([labels[0], labels[-1], labels[1:-1, 0], labels[1:-1, -1]])
    return Superpixels(
        labels=labels,
        colour=_means(lab, labels, number),
        centre=_means(place, labels, number),
        count=np.bincount(labels.ravel(), minlength=number).astype(np.float32),
        edges=edges,
        border=np.bincount(rim, minlength=number).astype(np.float32),
    )


def geodesic_distances(patches: Superpixels, cost: Floats) -> Floats:
    """(N, N): the cheapest way from every patch to every other over the graph (Floyd and Warshall).

    Args:
        cost: (E,) of crossing each edge, at least 0.
    """
    number = len(patches.count)
    away = np.full((number, number), np.inf, np.float32)
    np.fill_diagonal(away, 0.0)
    a, b = patches.edges[:, 0], patches.edges[:, 1]
    away[a, b] = away[b, a] = cost
    for through in range(number):
        np.minimum(away, away[:, through, None] + away[None, through], out=away)
    return away
