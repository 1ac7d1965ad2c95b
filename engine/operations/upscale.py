"""A layer at more pixels: detail from the network of `engine.models.scale`, tile by tile, colour and opacity apart.

Colour goes on under what is transparent before it is enlarged, and is multiplied by the enlarged opacity afterwards,
so no dark fringe comes in. A layer of 32 bits holds light; it is enlarged as it looks (`Coding`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.api import Alpha, Canvas, Depth, EditFacts, EditRequest, EditResult, LayerFormat, Pixels
from engine.colour.space import srgb_curve
from engine.errors import BadRequest
from engine.geometry import PixelRect, Size
from engine.imaging.layer import to_preview, to_working
from engine.models.scale import Scaler, Zoom, load
from engine.models.scale.network import REACH_PX
from engine.operations.report import Report

# The network is given about so many pixels a side at once: some tens of milliseconds on one core. What it sees around
# them, which neighbours work out twice, is a third more.
_TILE_PX = 128
_PREVIEW_PX = 384
# Colour is carried so far into what is transparent: as far as the network looks.
_SPREAD_PX = REACH_PX + 3
# Below this opacity the colour of a pixel is told by its neighbours. In 8 bits, premultiplied, it is mostly rounding.
_FAINT, _FAINT_AND_ROUNDED = 1 / 512, 1 / 16
# Larger than any value a renderer writes on purpose.
_LARGEST = 1e9
_STAGE = "drawing it larger"


def run(request: EditRequest, report: Report, device: torch.device | str, *, tile_px: int = _TILE_PX) -> EditResult:
    """Draw the layer at the size of ``request.becomes``. The result does not depend on ``tile_px`` beyond rounding.

    Raises:
        BadRequest: the new size is smaller, or more than eight times as large.
        BrokenWeights: the network's file cannot be used.
        Cancelled: by ``report.check``.
    """
    began = time.perf_counter()
    report.check()
    becomes, old = request.becomes, request.reach_px.size
    if becomes is None or becomes.format != request.format:
        raise BadRequest("The layer's new size is missing.")
    try:
        zoom = Zoom(old, becomes.size)
    except (ValueError, ZeroDivisionError):
        raise BadRequest(f"A layer of {old} cannot become one of {becomes.size}.") from None
    scaler = load(str(device))
    large = becomes.size
    out = np.empty((large.height, large.width, request.format.channels), request.pixels.dtype)
    coding = Coding(request.format)
    look = _Look(request, large, report)
    tiles = list(_tiles(large, tile_px * zoom.steps[-1]))
    for number, part in enumerate(tiles):
        report.check()
        report.progress(0.02 + 0.97 * number / len(tiles), _STAGE)
        out[part.slices()] = _tile(request.pixels, part, zoom, coding, scaler, device)
        if part.x1 == large.width:
            look.show(out, part.y1)
    facts = EditFacts(
        "scale", scaler.weights_hash, str(device), time.perf_counter() - began, notes=_notes(request, large)
    )
    scale = max(large.width / old.width, large.height / old.height)
    return EditResult(large.rect, out, facts, canvas=Canvas(large, request.format, scale=scale))


def _notes(request: EditRequest, large: Size) -> tuple[str, ...]:
    notes = ("fine detail is an estimate: the layer holds no more than its own pixels",)
    wanted = str(request.values.get("size", ""))
    if wanted and wanted != f"{large.width}x{large.height}":
        notes = (f"{large} is what {wanted.replace('x', '×')} holds of the layer's proportions", *notes)
    return notes


def _tiles(large: Size, side: int) -> Iterator[PixelRect]:
    for y0 in range(0, large.height, side):
        for x0 in range(0, large.width, side):
            yield PixelRect(x0, y0, min(x0 + side, large.width), min(y0 + side, large.height))


def _tile(
    stored: Pixels, part: PixelRect, zoom: Zoom, coding: Coding, scaler: Scaler, device: torch.device | str
) -> Pixels:
    """(h, w, C) of ``part`` of the large layer, in the layer's own format."""
    around = zoom.needs(part)
    wide = around.grow(_SPREAD_PX)
    # Beyond its borders the layer goes on with its outermost pixels.
    rows = np.clip(np.arange(wide.y0, wide.y1), 0, stored.shape[0] - 1)
    cols = np.clip(np.arange(wide.x0, wide.x1), 0, stored.shape[1] - 1)
    seen = coding.read(stored[rows[:, None], cols], device)
    shown = slice(_SPREAD_PX, -_SPREAD_PX)
    colour = zoom.draw(scaler.net, spread(seen.colour, seen.weight, _SPREAD_PX)[:, shown, shown], part)
    alpha = None
    if seen.alpha is not None:
        alpha = zoom.draw(scaler.net, seen.alpha[None, shown, shown], part)[0].clamp(0, 1)
    return coding.stored(colour, alpha)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Part of a layer as the network takes it.

    Attributes:
        colour: (C, H, W) float32, straight; C is 1 for a grey layer, else 3.
        alpha: (H, W), 0 … 1; None for a layer without.
        weight: (H, W): how much is known of the colour, 0: nothing.
    """

    colour: Tensor
    alpha: Tensor | None
    weight: Tensor


@dataclass(frozen=True, slots=True)
class Coding:
    """Stored pixels ↔ straight colour as it looks.

    Numbers of 8 and 16 bits look about even as they are, whatever the profile. Those of 32 bits are light: they get the
    curve of sRGB, and above 1 a logarithm first, so that a lamp does not outweigh what is beside it.
    """

    format: LayerFormat

    def read(self, stored: Pixels, device: torch.device | str) -> Seen:
        """(H, W, C) as stored, with nothing known of what is transparent or no number."""
        layer, is_light = self.format, self.format.depth is Depth.F32
        values = torch.from_numpy(stored.astype(np.float32)).to(device).permute(2, 0, 1)
        whole = values.isfinite().all(0)
        values = torch.where(whole, values, 0.0)
        values = values.clamp(-_LARGEST, _LARGEST) if is_light else values / layer.depth.white
        if layer.alpha is Alpha.NONE:
            colour, alpha, weight = values, None, whole.float()
        else:
            colour, alpha = values[:-1], values[-1].clamp(0, 1)
            is_rounded = layer.alpha is Alpha.PREMULTIPLIED and layer.depth is Depth.U8
            weight = torch.where(whole & (alpha >= (_FAINT_AND_ROUNDED if is_rounded else _FAINT)), alpha, 0.0)
            if layer.alpha is Alpha.PREMULTIPLIED:
                colour = colour / torch.where(alpha > 0, alpha, 1.0)
        return Seen(_as_it_looks(colour) if is_light else colour, alpha, weight)

    def stored(self, colour: Tensor, alpha: Tensor | None) -> Pixels:
        """(C, h, w) straight colour and (h, w) alpha to (h, w, C) as the layer stores them."""
        layer, is_light = self.format, self.format.depth is Depth.F32
        values = _as_light(colour) if is_light else colour.clamp(0, 1)
        if alpha is not None:
            if layer.alpha is Alpha.PREMULTIPLIED:
                values = values * alpha
            values = torch.cat([values, alpha[None]])
        told = values.permute(1, 2, 0).cpu().numpy()
        if not is_light:
            told = np.rint(told * np.float32(layer.depth.white))
        return told.astype(layer.depth.dtype)


def spread(colour: Tensor, weight: Tensor, times: int) -> Tensor:
    """(C, H, W) with the colour of what is known carried into what is not, by a pixel each time.

    Args:
        weight: (H, W): 0 where nothing is known.
    """
    if bool((weight > 0).all()) or not bool((weight > 0).any()):
        return colour
    for _ in range(times):
        near = F.avg_pool2d(weight[None], 3, 1, 1)
        mean = F.avg_pool2d(colour * weight, 3, 1, 1) / torch.where(near > 0, near, 1.0)
        new = (weight <= 0) & (near[0] > 0)
        colour = torch.where(new, mean, colour)
        weight = torch.where(new, near[0], weight)
    return colour


def _as_it_looks(light: Tensor) -> Tensor:
    above, below = (light - 1).clamp(min=0), (-light).clamp(min=0)
    return srgb_curve().from_light(light.clamp(0, 1)) + above.log1p() - below.log1p()


def _as_light(looks: Tensor) -> Tensor:
    above, below = (looks - 1).clamp(min=0), (-looks).clamp(min=0)
    return srgb_curve().to_light(looks.clamp(0, 1)) + above.expm1() - below.expm1()


class _Look:
    """The whole picture, small: as it was at first, then with every row of tiles that is done."""

    def __init__(self, request: EditRequest, large: Size, report: Report) -> None:
        self._request, self._large, self._report = request, large, report
        self._scale = 1
        while max(large.width, large.height) > self._scale * _PREVIEW_PX:
            self._scale *= 2
        rows = np.arange(0, large.height, self._scale) * request.pixels.shape[0] // large.height
        cols = np.arange(0, large.width, self._scale) * request.pixels.shape[1] // large.width
        self._first = request.pixels[rows[:, None], cols]
        self._tell(self._first)

    def show(self, out: Pixels, done: int) -> None:
        """``out``: the large picture, whose first ``done`` rows are drawn."""
        drawn = out[: done : self._scale, :: self._scale]
        self._tell(np.concatenate([drawn, self._first[len(drawn) :]]))

    def _tell(self, shown: Pixels) -> None:
        if not self._request.previews:
            return
        self._report.preview(self._large.rect, self._scale, _as_preview(shown, self._request.format))


def _as_preview(shown: Pixels, layer: LayerFormat) -> npt.NDArray[np.uint8]:
    return to_preview(to_working(np.ascontiguousarray(shown), layer).pixels, layer)
