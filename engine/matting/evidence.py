"""How likely each patch is the subject's, given a rough selection round it or strokes on it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.matting.superpixels import Superpixels, geodesic_distances

Floats = npt.NDArray[np.float32]

# Weights of `likely_inside`, the bias first, fitted by logistic regression to patches in loose boxes, every picture
# counting the same: to 150 pictures composed of photographs that are free to train on, 50 of other photographs held out
# (`python -m engine.training.subjects --seed 1 --count 200`; photographs and figures in engine/training/subjects.json).
# Held out, patches likelier than a half overlap the truth by 0.82 (IoU), the fitted ones by 0.83.
WEIGHTS = (1.429, 2.194, 0.595, 0.429, 1.142, 0.287, -2.749, -2.669, -0.83)
# Widths of the kernels: in Lab steps; in half sides of the box.
_FINE_COLOUR, _COARSE_COLOUR = 8.0, 25.0
_NEAR, _MIDDLE = 0.5, 0.5
_LEAST_DENSITY = 0.003
_LEAST_WEIGHT = 1e-6


def likely_inside(patches: Superpixels, inside: Floats, where: Floats) -> Floats:
    """(N,) 0 … 1 for a selection round the subject: a logistic model of `cues_inside`.

    Args:
        inside: (N,) share of each patch that is selected. where: (N, 2) row and column in half sides from the
            selection's middle.
    """
    selected = inside >= 0.5
    if not selected.any():
        return np.zeros(len(inside), np.float32)
    return logistic(cues_inside(patches, inside, where), WEIGHTS, selected)


def logistic(cues: Floats, weights: tuple[float, ...], selected: npt.NDArray[np.bool_]) -> Floats:
    """(N,) 0 … 1 from (N, C) cues; 0 where not selected.

    Args:
        weights: C + 1, the bias first.
    """
    score = weights[0] + cues @ np.array(weights[1:], np.float32)
    return np.where(selected, 1 / (1 + np.exp(-np.clip(score, -30, 30))), 0).astype(np.float32)


def cues_inside(patches: Superpixels, inside: Floats, where: Floats) -> Floats:
    """(N, 8), in the order of their weights; at least one patch must be selected (``inside`` of 0.5 or more).

    The way from outside the selection over colour edges (geodesic saliency, Wei et al. 2012); unlike what is outside,
    near and anywhere; like what is in the middle of the selection, finely and coarsely; how far across, down, and to
    its rim.
    """
    selected = inside >= 0.5
    outside = ~selected
    if not outside.any():
        outside = patches.border > 0
    weight = patches.count / patches.count.mean()
    colour = np.square(patches.colour[:, None] - patches.colour[None]).sum(-1)
    place = np.square(where[:, None] - where[None]).sum(-1)
    a, b = patches.edges[:, 0], patches.edges[:, 1]
    ways = geodesic_distances(patches, np.sqrt(colour[a, b]).astype(np.float32))[:, outside].min(1)
    ways = np.where(np.isfinite(ways), ways, 0)
    low, high = np.percentile(ways[selected], [10, 90])
    fine = np.exp(-colour / (2 * _FINE_COLOUR**2))
    coarse = np.exp(-colour / (2 * _COARSE_COLOUR**2))
    near = np.exp(-place / (2 * _NEAR**2)) * weight[None]
    middle = np.exp(-np.square(where).sum(1) / (2 * _MIDDLE**2)) * inside * weight
    across, down = np.abs(where[:, 1]), np.abs(where[:, 0])
    cues = (
        (ways - low) / max(float(high - low), 1e-3),
        -_log_share(fine * near, outside, near),
        -_log_share(fine * weight[None], outside, np.broadcast_to(weight[None], fine.shape)),
        _log_mean(fine, middle),
        _log_mean(coarse, middle),
        across**2,
        down**2,
        np.maximum(across, down),
    )
    return np.stack(cues, 1).astype(np.float32)


def _log_share(alike: Floats, among: npt.NDArray[np.bool_], every: Floats) -> Floats:
    """Of the weight ``among`` those patches, how much is alike; its logarithm."""
    share = alike[:, among].sum(1) / np.maximum(every[:, among].sum(1), _LEAST_WEIGHT)
    return np.log(share + np.float32(_LEAST_DENSITY))


def _log_mean(alike: Floats, weight: Floats) -> Floats:
    return np.log(alike @ weight / max(float(weight.sum()), _LEAST_WEIGHT) + np.float32(_LEAST_DENSITY))


def likely_stroked(patches: Superpixels, stroked: Floats) -> Floats:
    """(N,) 0 … 1 for strokes on the subject: nearer, over colour edges, to a stroke than to the border (Bai and Sapiro
    2007), and in the strokes' colours rather than the border's.

    Args:
        stroked: (N,) share of each patch under a stroke.
    """
    on = stroked > 0
    border = (patches.border > 0) & ~on
    if not on.any():
        return np.zeros(len(stroked), np.float32)
    if not border.any():
        return np.ones(len(stroked), np.float32)
    colour = np.square(patches.colour[:, None] - patches.colour[None]).sum(-1)
    a, b = patches.edges[:, 0], patches.edges[:, 1]
    # A step costs a little even where nothing changes, so that on plain ground the nearer one wins.
    ways = geodesic_distances(patches, np.sqrt(colour[a, b]).astype(np.float32) + 1)
    to_stroke, to_border = ways[:, on].min(1), ways[:, border].min(1)
    weight = patches.count / patches.count.mean()
    alike = np.exp(-colour / (2 * (1.5 * _FINE_COLOUR) ** 2))
    score = (
        3 * (to_border - to_stroke) / np.maximum(to_border + to_stroke, 1e-6)
        + _log_mean(alike, stroked * weight)
        - _log_mean(alike, patches.border * ~on)
    )
    return np.where(on, 1, 1 / (1 + np.exp(-np.clip(score, -30, 30)))).astype(np.float32)
