"""Take the background away, so that the subject stands alone.

The layer becomes transparent around the subject; one without alpha becomes one with it.
"""

from __future__ import annotations

import numpy as np
import torch

from engine.api import EditRequest, EditResult
from engine.operations.cutting import Painted, Scene, repaint
from engine.operations.report import Report


def run(request: EditRequest, report: Report, device: torch.device | str) -> EditResult:
    """Make the background transparent. ``request.mask``: a hint at the subject, see `cutting.repaint`.

    Raises:
        SubjectNotFound, Cancelled: as `cutting.repaint`.
    """
    return repaint(request, report, device, _transparent)


def _transparent(scene: Scene) -> Painted:
    return Painted((scene.subject * scene.cover).astype(np.float32), scene.cover[..., 0])
