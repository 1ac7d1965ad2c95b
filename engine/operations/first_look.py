"""What a person sees of a drawing before it is done."""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor

from engine.api import EditRequest
from engine.geometry import PixelRect
from engine.imaging.composite import composite
from engine.imaging.layer import to_preview, to_stored, to_working
from engine.operations.numbers import painted
from engine.operations.report import Report


class FirstLook:
    """Small pictures of the selection's box, put into the layer by the mask as the final one will be."""

    def __init__(self, request: EditRequest, report: Report, box: PixelRect, scale: int) -> None:
        """
        Args:
            box: of the selection, in the request's pixels. scale: request pixels a preview pixel.
        """
        self._request, self._report, self._box, self._scale = request, report, box, scale
        # Pixel i of the preview shows the pixel in the middle of its span, in the request's pixels.
        self.rows = _middles(box.y0, box.height, scale)
        self.cols = _middles(box.x0, box.width, scale)

    def show(self, drawn: Tensor) -> None:
        """``drawn``: (3, box height / scale, box width / scale) sRGB, rounded up."""
        if not self._request.previews:
            return
        request, at = self._request, np.ix_(self.rows, self.cols)
        fill = to_stored(painted(drawn, request), request.format)
        shown = composite(request.pixels[at], fill, request.mask[at], request.format)
        preview = to_preview(to_working(shown, request.format).pixels, request.format)
        place = self._box.shift(request.reach_px.x0, request.reach_px.y0)
        self._report.preview(place, self._scale, preview)


def _middles(start: int, length: int, scale: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    inside = np.arange(math.ceil(length / scale), dtype=np.intp) * scale + scale // 2
    return np.minimum(inside, length - 1) + start
