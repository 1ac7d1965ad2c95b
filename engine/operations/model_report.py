"""What the exemplar model tells while it works, told on as the operation's."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from engine.api import EditRequest
from engine.geometry import PixelRect
from engine.imaging.layer import to_preview
from engine.operations.report import Report


class ModelReport:
    """The model's report as the operation's: crop coordinates to layer coordinates, floats to uint8."""

    def __init__(self, request: EditRequest, report: Report, box: PixelRect) -> None:
        self._request, self._report, self._box = request, report, box

    def progress(self, fraction: float, stage: str) -> None:
        self._report.progress(0.02 + 0.96 * fraction, stage)

    def preview(self, pixels: Tensor, scale: int) -> None:
        if not self._request.previews:
            return
        box, whole = self._box, self._request.reach_px
        # Preview pixel i of the box lies at this pixel of the crop, and that in the crop's preview.
        y = np.minimum(box.y0 + np.arange(-(-box.height // scale)) * scale + scale // 2, box.y1 - 1) // scale
        x = np.minimum(box.x0 + np.arange(-(-box.width // scale)) * scale + scale // 2, box.x1 - 1) // scale
        shown = pixels.cpu().numpy()[y[:, None], x[None]]
        self._report.preview(box.shift(whole.x0, whole.y0), scale, to_preview(shown, self._request.format))

    def check(self) -> None:
        self._report.check()
