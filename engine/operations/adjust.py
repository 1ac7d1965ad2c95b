"""Blur, sharpness, noise and grain of what is selected."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.api import EditRequest, EditResult
from engine.colour.space import ColourSpace
from engine.geometry import Size
from engine.imaging.detail import blurred, denoised, grained, sharpened
from engine.operations.reach import ADJUST_MARGIN_PX
from engine.operations.report import Report
from engine.operations.toned import toned

# What “blur this” without an amount means, and the others.
_USUAL = {"blur": 0.4, "sharpen": 0.5, "denoise": 0.7, "grain": 0.3}
# At an amount of 1: a blur's deviation as a share of the layer's longer side, sharpening's strength, grain's deviation.
_MOST_BLUR, _MOST_SHARP, _MOST_GRAIN = 0.02, 2.0, 0.09
_LEAST_BLUR_PX = 0.6
_SHARP_PX = 1.2
_DOING = {"blur": "blurring", "sharpen": "sharpening", "denoise": "taking the noise out", "grain": "adding grain"}


def run(request: EditRequest, report: Report, device: torch.device | str) -> EditResult:
    """Values: ``kind`` (blur, sharpen, denoise, grain), ``amount`` 0 … 1; see the plan's `Adjust`.

    Raises:
        EmptySelection: no pixel is selected.
    """
    kind = str(request.values["kind"])
    amount = request.number("amount", _USUAL[kind])
    sigma = _blur_px(request.layer_size, amount)

    def change(light: Tensor, space: ColourSpace, weight: Tensor) -> Tensor:
        if kind == "blur":
            # Of light, as a lens does it; and only of what is selected: nothing bleeds in.
            return blurred(light, sigma, (weight > 0).float())
        colour = space.from_light(light)
        match kind:
            case "sharpen":
                colour = sharpened(colour, amount * _MOST_SHARP, _SHARP_PX)
            case "denoise":
                colour = denoised(colour, amount)
            case _:
                colour = grained(colour, amount * _MOST_GRAIN, request.seed)
        return space.to_light(colour)

    return toned(request, report, device, _DOING[kind], change, margin_px=ADJUST_MARGIN_PX)


def _blur_px(layer: Size, amount: float) -> float:
    """Standard deviation."""
    return _LEAST_BLUR_PX + amount * _MOST_BLUR * max(layer.width, layer.height)
