"""What several cuts of the same picture agree on: each starts elsewhere, and what all of them find is the subject.

One GrabCut settles in the nearest energy valley, and some end inside out. So three are begun differently and weighed by
how far each confirms what it began from; patches also hear their neighbours and the patches like them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.matting.evidence import logistic
from engine.matting.superpixels import Superpixels

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

# Weights of `agreed`, the bias first, fitted by the expected overlap (soft Jaccard), every picture counting the same,
# to the same composed pictures as those of `evidence`, in the same run. Patches of the 50 held-out pictures: IoU 0.866;
# of the single cuts 0.850, 0.865 and 0.862, of the prior 0.825. Composed subjects are clearer than real ones.
WEIGHTS = (-3.078, 0.254, 3.142, 2.927, 1.251, 3.554, 3.47, 2.326)
# Widths of the kernels: in Lab steps; in half sides of the selection.
_COLOUR, _PLACE, _NEAR = 12.0, 0.3, 0.15
# A side of the selection that is farther than this share of its length from what was found (set by hand: more than
# twice what a box a tenth too large leaves), and what must be as likely as this to be added there (set by hand: less
# than what is a subject's by itself, for a part must be there).
_LEFT_FREE, _LIKELY_THERE = 0.12, 0.30
# A logit beyond this is as sure as can be.
_LEAST = 1e-3


def agreed(patches: Superpixels, inside: Floats, where: Floats, prior: Floats, cuts: tuple[Flags, ...]) -> Floats:
    """(N,) 0 … 1: how likely each patch is the subject's.

    Args:
        inside: (N,) share of each patch that is selected. where: (N, 2) row and column in half sides from the
            selection's middle. prior: (N,) 0 … 1, what the cuts began from.
        cuts: three (H, W), in the order of the weights: as told, in another colour space, with more allowed.
    """
    selected = inside >= 0.5
    if not selected.any():
        return np.zeros(len(inside), np.float32)
    return logistic(cues_agreed(patches, inside, where, prior, cuts), WEIGHTS, selected)


def cues_agreed(patches: Superpixels, inside: Floats, where: Floats, prior: Floats, cuts: tuple[Flags, ...]) -> Floats:
    """(N, 7), in the order of their weights; arguments as of `agreed`.

    The prior's logit; its mean over the patches that are alike, and over those near; each cut's vote, as far as that
    cut is trusted; the trusted cuts' mean.
    """
    selected = inside >= 0.5
    weight = patches.count / patches.count.mean()
    votes = np.stack([patches.mean_of(cut.astype(np.float32)) for cut in cuts], 1)
    trust = np.array([max(_correlation(vote, prior, weight * selected), 0.0) for vote in votes.T], np.float32)
    together = (votes * trust).sum(1) / max(float(trust.sum()), _LEAST)
    colour = np.square(patches.colour[:, None] - patches.colour[None]).sum(-1)
    place = np.square(where[:, None] - where[None]).sum(-1)
    alike = np.exp(-colour / (2 * _COLOUR**2) - place / (2 * _PLACE**2)) * (weight * (inside > 0))[None]
    near = np.exp(-place / (2 * _NEAR**2)) * weight[None]
    sure = np.clip(prior, _LEAST, 1 - _LEAST)
    cues = (
        np.log(sure / (1 - sure)),
        _share(alike, prior),
        _share(near, prior),
        *((votes - 0.5) * trust).T,
        together,
    )
    return np.stack(cues, 1).astype(np.float32)


def reaching(found: Flags, likely: Floats, allowed: Flags) -> Flags:
    """What was found, and towards each side of the selection that it leaves free, what else may be the subject.

    A box is drawn round all of a subject (the tightness prior of Lempitsky et al. 2009): a foot of another colour, or a
    tail under a bench, is missing there. A side on the picture's own border says nothing.

    Args:
        found, allowed: (H, W); ``allowed``: the selection. likely: (H, W) 0 … 1.
    """
    if not found.any():
        return found
    out = found.copy()
    for turns in range(4):  # the view makes each side the top one in turn
        have, may, whole = np.rot90(found, turns), np.rot90(allowed, turns), np.rot90(out, turns)
        chance = np.rot90(likely, turns)
        rows = np.flatnonzero(may.any(1))
        first, first_found = int(rows[0]), int(np.flatnonzero(have.any(1))[0])
        if first > 0 and first_found - first >= _LEFT_FREE * len(rows):
            whole[:first_found] |= (chance[:first_found] > _LIKELY_THERE) & may[:first_found]
    return out


def _share(kernel: Floats, values: Floats) -> Floats:
    return np.asarray(kernel @ values / np.maximum(kernel.sum(1), 1e-6), np.float32)


def _correlation(one: Floats, other: Floats, weight: Floats) -> float:
    """Of two maps over the patches; 0 when one is flat."""
    total = max(float(weight.sum()), 1e-6)
    a, b = one - float((one * weight).sum()) / total, other - float((other * weight).sum()) / total
    spread = float((a * a * weight).sum()) * float((b * b * weight).sum())
    return float((a * b * weight).sum()) / max(spread, 1e-9) ** 0.5
