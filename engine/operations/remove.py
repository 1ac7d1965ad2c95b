"""Take away what is selected and continue what surrounds it."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from engine.api import Alpha, Depth, EditFacts, EditRequest, EditResult, LayerFormat
from engine.errors import EmptySelection, NothingToCopyFrom
from engine.geometry import Size
from engine.imaging.composite import composite
from engine.imaging.layer import Flags, Working, to_stored, to_working
from engine.imaging.mask import bounding_box, hole_of
from engine.models.exemplar import regenerate
from engine.operations.model_report import ModelReport
from engine.operations.report import Report, SilentReport

_WARM_UP_SIDE_PX = 512
_WARM_UP_HOLE_PX = 128


def run(
    request: EditRequest,
    report: Report,
    device: torch.device | str,
    *,
    guess: Callable[[Working, Flags, EditRequest], Tensor] | None = None,
) -> EditResult:
    """Fill the selection with the exemplar model.

    Args:
        guess: what another model would put there, (H, W, C), to begin with. None in the product: `bench fill` shows
            how little the built-in model's guess changes.

    Returns:
        the patch of the selection's bounding box, in layer coordinates and the layer's own format.

    Raises:
        EmptySelection: no pixel is selected.
        NothingToCopyFrom: no usable pixel is left outside the selection.
        Cancelled: by ``report.check``.
    """
    began = time.perf_counter()
    report.check()
    hole = hole_of(request.mask)
    box = bounding_box(hole)
    if box.is_empty:
        raise EmptySelection("Nothing is selected, so there is nothing to remove.")
    working = to_working(request.pixels, request.format)
    if bool((hole | working.broken).all()):
        raise NothingToCopyFrom(_why_nothing(request, working))
    report.progress(0.02, "looking at the surroundings")
    filled = regenerate(
        torch.from_numpy(working.pixels).to(device),
        torch.from_numpy(hole).to(device),
        seed=request.seed,
        report=ModelReport(request, report, box),
        unusable=torch.from_numpy(working.broken).to(device),
        has_alpha=request.format.alpha is not Alpha.NONE,
        guess=None if guess is None else guess(working, hole, request).to(device),
    )
    report.check()
    rows, cols = box.slices()
    fill = to_stored(filled[rows, cols].cpu().numpy(), request.format)
    pixels = composite(request.pixels[rows, cols], fill, request.mask[rows, cols], request.format)
    notes = ("pixels that are not a number were not copied from",) if working.broken[~hole].any() else ()
    facts = EditFacts(
        model="exemplar", weights_hash="", device=str(device), engine_s=time.perf_counter() - began, notes=notes
    )
    return EditResult(box.shift(request.reach_px.x0, request.reach_px.y0), pixels, facts)


def warm_up(device: torch.device | str) -> None:
    """One small edit of noise, so that the first real one does not pay for torch's own start."""
    side = _WARM_UP_SIDE_PX
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    mask = np.zeros((side, side), np.uint8)
    start = (side - _WARM_UP_HOLE_PX) // 2
    mask[start : start + _WARM_UP_HOLE_PX, start : start + _WARM_UP_HOLE_PX] = 255
    size = Size(side, side)
    layer = LayerFormat(Depth.U8, 3, Alpha.NONE)
    run(EditRequest("warm-up", "remove", size, layer, size.rect, pixels, mask, seed=0), SilentReport(), device)


def _why_nothing(request: EditRequest, working: Working) -> str:
    if working.broken.any():
        return "Everything outside the selection is not a number (NaN or infinite), so there is nothing to continue."
    if request.reach_px == request.layer_size.rect:
        return "The selection covers the whole layer, so there is nothing left to continue."
    return "The selection covers everything that was sent of the layer, so there is nothing left to continue."
