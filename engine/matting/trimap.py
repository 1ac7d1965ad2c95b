"""From a hard outline to a trimap: subject, background, and a band between them whose width follows the edge.

A sharp edge needs two pixels either way; a blurred one its blur; hair and fur as far as their colours reach over the
outline. All three are read from the picture beside the outline.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

# The band to either side of the outline, in pixels and as a share of the picture's longer side.
_LEAST_PX = 2.0
_MOST_OF_SIDE = 0.03
# An edge's width is told by its contrast this far to either side.
_PROBE_OF_SIDE = 0.012
# The contrast (of 0 … 1) below which an edge's width cannot be told.
_LEAST_CONTRAST = 0.04
# How many of the colours of its own side a pixel must differ by to be in doubt.
_DOUBT = 0.5


def trimap_of(picture: Floats, subject: Flags) -> Floats:
    """(H, W) float32: 1 subject, 0 background, 0.5 unknown.

    Args:
        picture: (H, W, 3) float32 0 … 1. subject: (H, W) True where the subject is.
    """
    inside = subject.astype(np.uint8)
    trimap = subject.astype(np.float32)
    if not subject.any() or subject.all():
        return trimap
    side = max(subject.shape)
    most = max(_LEAST_PX + 1, _MOST_OF_SIDE * side)
    to_outline = np.minimum(_distance(inside), most + 1) + np.minimum(_distance(1 - inside), most + 1)
    width = np.clip(_edge_width(picture, subject, side), _LEAST_PX, most)
    doubted = _doubted(picture, subject, to_outline, most)
    unknown = (to_outline <= width) | doubted
    trimap[unknown] = 0.5
    return _with_both_sides(trimap, subject, to_outline)


def _distance(flags: npt.NDArray[np.uint8]) -> Floats:
    """Of each pixel that is set, the way to the nearest that is not."""
    return np.asarray(cv2.distanceTransform(flags, cv2.DIST_L2, 3), np.float32)


def _mean_where(values: Floats, where: Floats, reach: int) -> tuple[Floats, Floats]:
    """Normalised box means of (H, W[, C]) over ``where``, and their weight."""
    side = (2 * reach + 1, 2 * reach + 1)
    weight = np.asarray(cv2.blur(where, side, borderType=cv2.BORDER_REFLECT), np.float32)
    scaled = values * (where[..., None] if values.ndim == 3 else where)
    summed = np.asarray(cv2.blur(scaled, side, borderType=cv2.BORDER_REFLECT), np.float32)
    divisor = np.maximum(weight, np.float32(1e-6))
    return np.asarray(summed / (divisor[..., None] if values.ndim == 3 else divisor), np.float32), weight


def _edge_width(picture: Floats, subject: Flags, side: int) -> Floats:
    """(H, W): pixels to either side of the outline in which the edge goes from one side's colour to the other's.

    Contrast across the outline over the steepest slope near it; smoothed along it.
    """
    reach = max(3, round(_PROBE_OF_SIDE * side))
    ours, _ = _mean_where(picture, subject.astype(np.float32), reach)
    theirs, _ = _mean_where(picture, (~subject).astype(np.float32), reach)
    contrast = np.sqrt(np.square(ours - theirs).sum(-1))
    dy = np.asarray(cv2.Sobel(picture, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8), np.float32)
    dx = np.asarray(cv2.Sobel(picture, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8), np.float32)
    slope = np.sqrt(np.square(dx).sum(-1) + np.square(dy).sum(-1))
    rim = cv2.morphologyEx(subject.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    steepest = np.asarray(cv2.dilate(slope, np.ones((2 * (reach // 2) + 1,) * 2, np.uint8)), np.float32)
    told = rim & (contrast > _LEAST_CONTRAST)
    width = contrast / np.maximum(steepest, np.float32(1e-3)) / 2 + 1
    smooth, weight = _mean_where(np.where(told, width, 0).astype(np.float32), told.astype(np.float32), 2 * reach)
    return np.where(weight > 0, smooth, np.float32(_LEAST_PX))


def _doubted(picture: Floats, subject: Flags, to_outline: Floats, most: float) -> Flags:
    """Pixels near the outline that look more like the other side, and what lies between them and the outline."""
    near = to_outline <= most
    reach = max(4, round(1.5 * most))
    sure_inside = subject & ~near
    sure_outside = ~subject & ~near
    ours, our_weight = _mean_where(picture, sure_inside.astype(np.float32), 2 * reach)
    theirs, their_weight = _mean_where(picture, sure_outside.astype(np.float32), 2 * reach)
    known = (our_weight > 0.01) & (their_weight > 0.01)
    apart = np.square(ours - theirs).sum(-1)
    # 0: the background's colour, 1: the subject's.
    share = ((picture - theirs) * (ours - theirs)).sum(-1) / np.maximum(apart, np.float32(1e-4))
    unlike = np.asarray(np.where(subject, 1 - share, share), np.float32) > np.float32(_DOUBT)
    odd = np.asarray(unlike & known & near & (apart > _LEAST_CONTRAST**2), np.bool_)
    # Single pixels are grain: a doubt needs neighbours that doubt.
    many = np.asarray(cv2.blur(odd.astype(np.float32), (5, 5)), np.float32) > 0.3
    doubts = (odd & many).astype(np.uint8)
    return (np.asarray(cv2.dilate(doubts, np.ones((3, 3), np.uint8))) > 0) & near


def _with_both_sides(trimap: Floats, subject: Flags, to_outline: Floats) -> Floats:
    """A thin subject keeps its middle, and a narrow gap its own: else nothing would say what colour they are."""
    for own, value in ((subject, 1.0), (~subject, 0.0)):
        ridge = own & (to_outline >= cv2.dilate(np.where(own, to_outline, 0), np.ones((3, 3), np.uint8)))
        ridge &= to_outline > 1
        trimap[ridge] = value
    return trimap
