"""Where the subject is: from a rough selection round it, from strokes on it, or from nothing at all.

Coarse to fine: patches tell where it is likely, GrabCut finds its outline small, then follows it at a larger size. Any
size of picture gives an answer of that bounded size; a picture of a few pixels too.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from engine.api import Mask
from engine.geometry import PixelRect, Size
from engine.matting.agreement import agreed, reaching
from engine.matting.cut import finer_cut, grab_cut
from engine.matting.evidence import likely_inside, likely_stroked
from engine.matting.hints import Hint, hint_of
from engine.matting.look import NEVER, PATCHES_IN_SELECTION, coarse_size, first_cuts, look_at, window_of
from engine.matting.picture import Picture, lab_of, resized
from engine.matting.saliency import salience
from engine.matting.superpixels import superpixels
from engine.models import figure
from engine.models.figure import likely_figure

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Check = Callable[[], None]

# Longer side at which the subject's outline is followed.
_FINE_SIDE_PX = 640
_PATCHES = 300
# Without a hint contrast and the network (`engine.models.figure`) have an equal say.
_TOLD = 0.5
# Once the cuts agree: from where on a patch is the subject's by itself, and how two last cuts begin (how much more
# likely, never below, always above). Set by hand, a little below a half: two more votes are needed still, and what is
# missing is worse to mend than a rim too much.
AGREED = 0.4
_LAST_CUTS = ((0.0, 0.08, 0.95), (0.12, 0.15, 0.85))
# Below this opacity a pixel belongs to no subject.
_SEEN = 0.05
# Parts and holes smaller than this share of the subject are dropped and filled.
_SPECK = 0.004


def find_subject(
    picture: Picture, mask: Mask | None = None, check: Check = lambda: None, *, by_contrast_alone: bool = False
) -> Flags:
    """(h, w) True where the subject is, of the picture's proportions and at most 640 px long.

    Args:
        mask: H×W uint8 rough selection, read by `hints.hint_of`; None, empty or full: no hint.
        check: called between steps; raises to stop.
        by_contrast_alone: without a hint no network is asked, as its training (`engine.training.pasted`) needs it.

    Returns:
        everything that is visible when nothing stands out.
    """
    kind = Hint.NONE if mask is None else hint_of(mask)
    scale = min(1.0, _FINE_SIDE_PX / max(picture.height, picture.width))
    fine = Size(max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    seen = resized(picture.opacity, fine.width, fine.height) > _SEEN
    rgb = np.clip(resized(picture.rgb, fine.width, fine.height), 0, 1)
    # A thin stroke may not survive averaging.
    hint = None if mask is None else resized((mask > 0).astype(np.float32), fine.width, fine.height)
    check()
    if hint is None or kind is Hint.NONE:
        found = _by_itself(rgb, seen, check, by_contrast_alone=by_contrast_alone)
    elif kind is Hint.AROUND:
        found = _within(rgb, seen, hint, check)
    else:
        found = _from_strokes(rgb, seen, hint, check)
    found = _tidy(found & seen)
    return found if found.any() else seen & (hint > 0.5 if hint is not None and kind is Hint.AROUND else True)


def _within(rgb: Floats, seen: Flags, hint: Floats, check: Check) -> Flags:
    whole = np.zeros(seen.shape, np.bool_)
    box, window = window_of(hint)
    rows, cols = window.slices()
    whole[rows, cols] = _in_window(rgb[rows, cols], seen[rows, cols], hint[rows, cols], box, window, check)
    return whole


def _in_window(rgb: Floats, seen: Flags, hint: Floats, box: PixelRect, window: PixelRect, check: Check) -> Flags:
    look = look_at(rgb, hint * seen, box, window, check)
    patches = look.patches
    prior = likely_inside(patches, look.inside, look.where)
    check()
    cuts = first_cuts(look, prior, check)
    likelier = agreed(patches, look.inside, look.where, prior, cuts)[patches.labels]
    found = _majority(look.small, likelier, (cuts[0], cuts[2]), look.out, check)
    if not found.any():
        found = (prior[patches.labels] > 0.5) & ~look.out
    return finer_cut(rgb, found, (hint < 0.5) | ~seen, np.zeros_like(seen), check)


def _majority(rgb: Floats, likely: Floats, cuts: tuple[Flags, Flags], out: Flags, check: Check) -> Flags:
    """Where three of five say so: the patches, two earlier cuts and two that begin from the patches."""
    votes = (likely > AGREED).astype(np.uint8) + cuts[0] + cuts[1]
    for more, least, most in _LAST_CUTS:
        raised = np.clip(likely + more, 0, 1).astype(np.float32)
        votes += grab_cut(rgb, raised, out | (likely < least), (likely > most) & ~out, check)
    return reaching((votes >= 3) & ~out, likely, ~out)


def _by_itself(rgb: Floats, seen: Flags, check: Check, *, by_contrast_alone: bool) -> Flags:
    if not seen.all() and seen.any():
        return seen  # a layer with holes has been cut out already: what is there is the subject
    size = coarse_size(rgb)
    small = resized(rgb, size.width, size.height)
    patches = superpixels(lab_of(small), _PATCHES)
    check()
    contrast = salience(patches, size.height, size.width)
    check()
    if contrast.max() <= 0:
        return np.ones(seen.shape, np.bool_)
    told = contrast if by_contrast_alone else patches.mean_of(likely_figure(figure.load(), small))
    check()
    likely = np.asarray(_TOLD * told + (1 - _TOLD) * contrast, np.float32)[patches.labels]
    level, _ = cv2.threshold(np.rint(likely * 255).astype(np.uint8), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    share = level / 255
    centred = np.clip(0.5 + (likely - share), 0, 1).astype(np.float32)
    # The network is coarse, sky between wings is wing to it: only what also stands out (more than not) is sure.
    sure = (likely > 0.5 + share / 2) & (contrast[patches.labels] > 0.5)
    found = grab_cut(small, centred, likely < share * 0.3, sure, check)
    return finer_cut(rgb, found, np.zeros_like(seen), np.zeros_like(seen), check)


def _from_strokes(rgb: Floats, seen: Flags, hint: Floats, check: Check) -> Flags:
    size = coarse_size(rgb)
    small = resized(rgb, size.width, size.height)
    patches = superpixels(lab_of(small), PATCHES_IN_SELECTION)
    stroke = resized(hint, size.width, size.height)
    check()
    likely = likely_stroked(patches, patches.mean_of(stroke))[patches.labels]
    check()
    hidden = resized(seen.astype(np.float32), size.width, size.height) < 0.5
    found = grab_cut(small, likely, (likely < NEVER) | hidden, (stroke > 0.5) & ~hidden, check)
    found = _touching(found | (stroke > 0.5), stroke > 0)
    return finer_cut(rgb, found, ~seen, (hint > 0.5) & seen, check)


def _touching(found: Flags, strokes: Flags) -> Flags:
    """The parts of what was found that a stroke touches."""
    _, labels = cv2.connectedComponents(found.astype(np.uint8), connectivity=8)
    kept = np.unique(labels[strokes & found])
    return np.isin(labels, kept[kept > 0])


def _tidy(found: Flags) -> Flags:
    """Without specks and pinholes."""
    least = _SPECK * found.sum()
    out = _without_small(found, least)
    return ~_without_small(~out, least)


def _without_small(flags: Flags, least: float) -> Flags:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(flags.astype(np.uint8), connectivity=8)
    large = np.zeros(count, np.bool_)
    large[1:] = stats[1:, cv2.CC_STAT_AREA] >= least
    return large[np.asarray(labels, np.int64)]
