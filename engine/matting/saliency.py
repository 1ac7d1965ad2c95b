"""Where the subject is when nobody says: robust background detection (Zhu, Liang, Wei and Sun 2014).

What touches the picture's border along much of its own outline is background; what differs from the background, near
by more than far away, is the subject. Three such hints a patch are brought to agree by least squares. A weak pull to
the middle is added: photographers put subjects there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.matting.superpixels import Superpixels, geodesic_distances

Floats = npt.NDArray[np.float32]

# The paper's, in Lab steps and in shares of the picture's side.
_SIGMA_COLOUR, _SIGMA_PLACE, _SIGMA_CONNECTED = 10.0, 0.4, 1.0
_SMOOTH_FLOOR = 0.1
# Standard deviation of the pull to the middle, in half sides.
_SIGMA_MIDDLE = 0.75


def salience(patches: Superpixels, height: int, width: int) -> Floats:
    """(N,) 0 … 1: how much each patch stands out; all 0 when nothing does."""
    number = len(patches.count)
    if number < 3 or len(patches.edges) == 0:
        return np.zeros(number, np.float32)
    a, b = patches.edges[:, 0], patches.edges[:, 1]
    apart = _distances(patches.colour)
    step = apart[a, b]
    # Small steps are shading: left out, or a long smooth slope would add up to an edge.
    cost = np.maximum(step - _usual_least_step(patches, apart), 0).astype(np.float32)
    on_border = (patches.border > 0).astype(np.float32)
    away = _joined_along_the_border(patches, geodesic_distances(patches, cost), on_border)
    near = np.exp(-np.square(away) / (2 * _SIGMA_COLOUR**2))
    connected = near @ on_border / np.sqrt(near.sum(1))
    background = 1 - np.exp(-np.square(connected) / (2 * _SIGMA_CONNECTED**2))
    place = patches.centre / np.float32(max(height, width))
    beside = np.exp(-np.square(_distances(place)) / (2 * _SIGMA_PLACE**2))
    contrast = (apart * beside) @ background
    middle = (patches.centre + 0.5) / np.array([height, width], np.float32) * 2 - 1
    contrast = contrast * np.exp(-np.square(middle).sum(1) / (2 * _SIGMA_MIDDLE**2))
    if contrast.max() <= 1e-6:
        return np.zeros(number, np.float32)
    contrast = _spread(contrast.astype(np.float32))
    return _agreed(patches, step, background.astype(np.float32), contrast)


def _distances(values: Floats) -> Floats:
    """(N, N) between (N, D)."""
    return np.sqrt(np.square(values[:, None] - values[None]).sum(-1))


def _usual_least_step(patches: Superpixels, apart: Floats) -> float:
    """The mean, over the patches, of the step to their most similar neighbour."""
    least = np.full(len(patches.count), np.inf, np.float32)
    a, b = patches.edges[:, 0], patches.edges[:, 1]
    step = apart[a, b]
    np.minimum.at(least, a, step)
    np.minimum.at(least, b, step)
    return float(least[np.isfinite(least)].mean())


def _joined_along_the_border(patches: Superpixels, away: Floats, on_border: Floats) -> Floats:
    """Ways that may also run along the border: a subject that cuts it in two does not part the background.

    Only patches of like colour on the border are joined (the paper joins them all).
    """
    rim = np.flatnonzero(on_border > 0)
    jump = _distances(patches.colour[rim])
    to_rim = away[:, rim]
    through = np.full((len(rim), len(away)), np.inf, np.float32)
    for number in range(len(rim)):
        through[number] = (jump[number][:, None] + to_rim.T).min(0)
    joined = away
    for number in range(len(rim)):
        joined = np.minimum(joined, to_rim[:, number, None] + through[number][None])
    return joined


def _spread(values: Floats) -> Floats:
    """Stretched so that the highest tenth is 1 and the lowest is 0."""
    low, high = np.percentile(values, [5, 95])
    return np.clip((values - low) / max(high - low, 1e-6), 0, 1).astype(np.float32)


def _agreed(patches: Superpixels, step: Floats, background: Floats, contrast: Floats) -> Floats:
    """The values that are low on background, high on contrast and smooth between like neighbours."""
    a, b = patches.edges[:, 0], patches.edges[:, 1]
    tie = np.exp(-np.square(step) / (2 * _SIGMA_COLOUR**2)) + _SMOOTH_FLOOR
    system = np.diag(background + contrast + 1e-6).astype(np.float64)
    np.add.at(system, (a, a), tie)
    np.add.at(system, (b, b), tie)
    np.add.at(system, (a, b), -tie)
    np.add.at(system, (b, a), -tie)
    return np.clip(np.linalg.solve(system, contrast.astype(np.float64)), 0, 1).astype(np.float32)
