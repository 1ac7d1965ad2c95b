"""A first, coarse look at a picture with a selection round its subject: what every cue is told from.

The product and `engine.training.subjects`, which fits the cues' weights, look through this alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.geometry import PixelRect, Size
from engine.imaging.mask import bounding_box
from engine.matting.cut import grab_cut
from engine.matting.picture import lab_of, resized
from engine.matting.superpixels import Superpixels, superpixels

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Check = Callable[[], None]

# Longer side at which the subject is looked for.
_COARSE_SIDE_PX = 256
PATCHES_IN_SELECTION = 500
# Around a selection, this much of its side is seen too: what the background looks like.
_AROUND = 0.6
_LEAST_AROUND_PX = 4
# Less likely than this is never tried as subject; more likely is taken as known.
NEVER, ALWAYS = 0.03, 0.97
# With more allowed: the cut that begins from this much more likely.
_MORE, _NEVER_OF_MORE = 0.3, 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """``small``: (h, w, 3) float32 sRGB 0 … 1; ``lab``: it in Lab. ``out``: (h, w) True where nothing is selected.

    ``inside``: (N,) share of each patch that is selected. ``where``: (N, 2) row and column of its middle, in half sides
    from the selection's middle.
    """

    small: Floats
    lab: Floats
    patches: Superpixels
    inside: Floats
    where: Floats
    out: Flags


def coarse_size(rgb: Floats) -> Size:
    """The size at which a subject is looked for."""
    scale = min(1.0, _COARSE_SIDE_PX / max(rgb.shape[:2]))
    return Size(max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))


def window_of(hint: Floats) -> tuple[PixelRect, PixelRect]:
    """The box of a selection (H, W), and that box with what is looked at around it."""
    box = bounding_box(hint > 0.5 if (hint > 0.5).any() else hint > 0)
    around = max(round(_AROUND * max(box.width, box.height)), _LEAST_AROUND_PX)
    return box, box.grow(around).intersect(Size(hint.shape[1], hint.shape[0]).rect)


def look_at(rgb: Floats, selected: Floats, box: PixelRect, window: PixelRect, check: Check = lambda: None) -> Look:
    """Of the window's pixels.

    Args:
        rgb: (H, W, 3) sRGB 0 … 1. selected: (H, W) 0 … 1. box, window: as `window_of` gives them.
    """
    size = coarse_size(rgb)
    small = resized(rgb, size.width, size.height)
    lab = lab_of(small)
    patches = superpixels(lab, PATCHES_IN_SELECTION)
    smaller = resized(selected, size.width, size.height)
    check()
    where = _from_middle(patches, box, window, size)
    return Look(small, lab, patches, patches.mean_of(smaller), where, smaller < 0.5)


def first_cuts(look: Look, prior: Floats, check: Check = lambda: None) -> tuple[Flags, Flags, Flags]:
    """Three (h, w) cuts that begin differently: as told, in another colour space, with more allowed.

    Args:
        prior: (N,) 0 … 1, how likely each patch is the subject's.
    """
    likely = prior[look.patches.labels]
    never, always = look.out | (likely < NEVER), (likely > ALWAYS) & ~look.out
    more = np.clip(likely + _MORE, 0, 1).astype(np.float32)
    return (
        grab_cut(look.small, likely, never, always, check),
        grab_cut(_as_colours(look.lab), likely, never, always, check),
        grab_cut(look.small, more, look.out | (likely < _NEVER_OF_MORE), always, check),
    )


def _as_colours(lab: Floats) -> Floats:
    """Lab in 0 … 1, for what takes it for RGB."""
    return np.clip(lab / np.array([100, 120, 120]) + np.array([0, 0.5, 0.5]), 0, 1).astype(np.float32)


def _from_middle(patches: Superpixels, box: PixelRect, window: PixelRect, size: Size) -> Floats:
    """(N, 2) rows and columns of the patches, in half sides of the box from its middle."""
    shrunk = np.array([size.height / window.height, size.width / window.width], np.float32)
    middle = np.array([box.y0 + box.y1, box.x0 + box.x1], np.float32) / 2 - np.array([window.y0, window.x0])
    half = np.array([max(box.height, 1), max(box.width, 1)], np.float32) / 2
    return ((patches.centre + 0.5 - middle * shrunk) / (half * shrunk)).astype(np.float32)
