"""Take the background away, so that the subject stands alone.

A layer with alpha becomes transparent around the subject. A layer without alpha cannot: its background becomes white,
as flattening makes it, and the edit says so. A host that can give the patch a layer mask takes `cutting.cut_out`.
"""

from __future__ import annotations

import numpy as np
import torch

from engine.api import EditRequest, EditResult, Mask
from engine.operations.cutting import Painted, Scene, has_alpha, repaint
from engine.operations.report import Report

_NO_ALPHA = "this layer has no transparency, so its background became white"


def run(request: EditRequest, report: Report, device: torch.device | str, *, hint: Mask | None = None) -> EditResult:
    """Make the background transparent, or white where the layer has no alpha.

    Args:
        request: ``mask`` is where pixels may change, usually everywhere.
        hint: H×W uint8 of ``reach_px``, a rough selection round the subject or strokes on it; None: find it.

    Raises:
        EmptySelection, SubjectNotFound, Cancelled: as `cutting.repaint`.
    """
    if has_alpha(request):
        return repaint(request, report, device, hint, _transparent)
    return repaint(request, report, device, hint, _white, (_NO_ALPHA,))


def _transparent(scene: Scene) -> Painted:
    return Painted((scene.subject * scene.cover).astype(np.float32), scene.cover[..., 0])


def _white(scene: Scene) -> Painted:
    colour = scene.subject * scene.cover + (1 - scene.cover)
    return Painted(colour.astype(np.float32), np.ones_like(scene.alpha))
