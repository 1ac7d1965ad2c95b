"""GrabCut (Rother, Kolmogorov and Blake 2004, OpenCV's), well begun and run coarse to fine."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from engine.matting.picture import resized

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Check = Callable[[], None]

_SEED = 20261124
# GrabCut asks for a box also where labels say more.
_NO_BOX = (0, 0, 1, 1)
_ROUNDS, _FINE_ROUNDS = 4, 2
# At the finer size only this far from the coarse outline is open, in coarse pixels.
_OPEN_COARSE_PX = 3
# GrabCut fits five colours a side: fewer pixels than this on one side, and there is nothing to fit.
_FEWEST = 6


def grab_cut(rgb: Floats, likely: Floats, never: Flags, always: Flags, check: Check = lambda: None) -> Flags:
    """(H, W): the subject, begun from a map of how likely each pixel is one.

    Never fails: a picture too small or too plain for colour models gives the map's own answer.

    Args:
        rgb: (H, W, 3) float32 0 … 1. likely: (H, W) 0 … 1. never, always: (H, W) what is known.
    """
    labels = np.where(likely > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[never], labels[always] = cv2.GC_BGD, cv2.GC_FGD
    return _cut(rgb, labels, _ROUNDS, check)


def finer_cut(rgb: Floats, coarse: Flags, never: Flags, always: Flags, check: Check = lambda: None) -> Flags:
    """(H, W): a coarse answer (h, w) at a larger size; only its outline is open."""
    height, width = rgb.shape[:2]
    up = resized(coarse.astype(np.float32), width, height)
    reach = max(2, round(_OPEN_COARSE_PX * height / max(coarse.shape[0], 1)))
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    inside = (up > 0.5).astype(np.uint8)
    labels = np.where(inside > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    # What is thin keeps its middle: this follows an outline, and takes nothing away.
    core = np.ones((reach + 1, reach + 1), np.uint8)
    labels[cv2.erode(inside, core) > 0] = cv2.GC_FGD
    labels[cv2.dilate(inside, kernel) == 0] = cv2.GC_BGD
    labels[never], labels[always] = cv2.GC_BGD, cv2.GC_FGD
    return _cut(rgb, labels, _FINE_ROUNDS, check)


def _cut(rgb: Floats, labels: npt.NDArray[np.uint8], rounds: int, check: Check) -> Flags:
    inside = (labels & 1) > 0
    picture = np.ascontiguousarray(np.rint(rgb * 255), np.uint8)
    if min(int(inside.sum()), int((~inside).sum())) < _FEWEST:
        return inside
    ours, theirs = np.zeros((1, 65)), np.zeros((1, 65))
    # Its k-means draws from OpenCV's own generator, which remembers the edits before.
    cv2.setRNGSeed(_SEED)
    for number in range(rounds):
        check()
        mode = cv2.GC_INIT_WITH_MASK if number == 0 else cv2.GC_EVAL
        before = labels.copy()
        try:
            cv2.grabCut(picture, labels, _NO_BOX, theirs, ours, 1, mode)
        except cv2.error:  # one side's colours ran out
            return (before & 1) > 0
        if not (labels & 1).any():
            return (before & 1) > 0  # it gave the subject up: the last answer with one in it
        if np.array_equal(before, labels):
            break
    return (labels & 1) > 0
