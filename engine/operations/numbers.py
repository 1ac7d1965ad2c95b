"""Drawings, and the models that look, are in sRGB; a layer's numbers are what its profile says. Here they meet."""

from __future__ import annotations

from torch import Tensor

from engine.api import EditRequest
from engine.colour.convert import numbers_of, turned
from engine.colour.space import srgb
from engine.imaging.layer import Floats
from engine.imaging.rgb import as_layer, rgb_of


def seen(working: Floats, request: EditRequest) -> Tensor:
    """(H, W, C) working pixels of the request's layer to (3, H, W) float32 sRGB, as `rgb_of`: to be looked at."""
    return turned(rgb_of(working, request.format), numbers_of(request.profile), srgb())


def painted(drawn: Tensor, request: EditRequest) -> Floats:
    """(3, H, W) sRGB, clipped to 0 … 1, to (H, W, C) working pixels of the request's layer, as `as_layer`."""
    return as_layer(turned(drawn.clamp(0, 1).float().cpu(), srgb(), numbers_of(request.profile)), request.format)
