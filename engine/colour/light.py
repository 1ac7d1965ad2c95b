"""Other light on the same things: brighter, warmer, more vivid, from one side. All in linear light."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.colour.oklab import from_oklab, to_oklab
from engine.colour.space import ColourSpace

# A shoulder begins so far below white once light is a stop brighter: highlights grow pale, they do not break off.
_SHOULDER = 0.3
# Mired from daylight's 6500 K that a temperature of 1 is worth: about 4400 K or 12,000 K, evening sun or deep shade.
_MIRED = 75.0
_DAYLIGHT_K = 6504.0
# How many stops the lit side gains, and the other one loses, at a strength of 1.
_SIDE_STOPS = 0.9
# Light that is asked for beyond these does nothing a person would want.
MOST_STOPS = 5.0
_LEAST_LIGHT = 1e-6
# Chroma that is vivid already gains less: it would leave the space.
_VIVID_CHROMA = 0.25
_BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
SIDES: dict[str, tuple[float, float]] = {
    "left": (-1.0, 0.0),
    "right": (1.0, 0.0),
    "above": (0.0, -1.0),
    "below": (0.0, 1.0),
    "top left": (-1.0, -1.0),
    "top right": (1.0, -1.0),
    "bottom left": (-1.0, 1.0),
    "bottom right": (1.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class Light:
    """What changes; nothing by default.

    Attributes:
        exposure: stops, -5 … 5. contrast, temperature (above 0: warmer), vividness: -1 … 1.
        side: of `SIDES`: where more light comes from; None: from nowhere in particular.
    """

    exposure: float = 0.0
    contrast: float = 0.0
    temperature: float = 0.0
    vividness: float = 0.0
    side: str | None = None

    def __post_init__(self) -> None:
        if not abs(self.exposure) <= MOST_STOPS:
            raise ValueError(f"exposure lies within {MOST_STOPS} stops, not {self.exposure}")
        if not all(abs(value) <= 1 for value in (self.contrast, self.temperature, self.vividness)):
            raise ValueError("contrast, temperature and vividness lie in -1 … 1")
        if self.side is not None and self.side not in SIDES:
            raise ValueError(f"light comes from {', '.join(SIDES)}, not {self.side}")


def relit(light: Tensor, wanted: Light, space: ColourSpace, weight: Tensor, *, has_white: bool) -> Tensor:
    """(3, H, W) linear light in other light.

    Args:
        weight: (H, W) 0 … 1: how much of the change each pixel will get; says where the thing is that is lit.
        has_white: the layer ends at 1, so highlights are led there softly; else they may exceed it.
    """
    out = light
    if wanted.temperature:
        out = _adapted(out, wanted.temperature, space)
    stops = torch.full(light.shape[1:], wanted.exposure, device=light.device)
    if wanted.side is not None:
        stops = stops + _from_side(weight, SIDES[wanted.side])
    if wanted.exposure or wanted.side is not None:
        out = out * torch.exp2(stops)
        if has_white:
            out = _with_shoulder(out, space, stops)
    if wanted.contrast:
        out = _with_contrast(out, wanted.contrast, space, weight)
    if wanted.vividness:
        out = _more_vivid(out, wanted.vividness, space)
    return out


def _adapted(light: Tensor, temperature: float, space: ColourSpace) -> Tensor:
    """As lit by another white (Bradford), as bright as before."""
    there = _white_of(1e6 / (1e6 / _DAYLIGHT_K + temperature * _MIRED))
    here = _white_of(_DAYLIGHT_K)
    cone = torch.tensor(_BRADFORD, dtype=torch.float64)
    gains = (cone @ there) / (cone @ here)
    to_xyz = torch.tensor(space.to_xyz, dtype=torch.float64)
    matrix = to_xyz.inverse() @ cone.inverse() @ torch.diag(gains) @ cone @ to_xyz
    out = torch.einsum("ij,jhw->ihw", matrix.to(light), light)
    before, after = space.luminance(light), space.luminance(out)
    return out * torch.where(after > _LEAST_LIGHT, before / after.clamp(min=_LEAST_LIGHT), 1.0)


def _white_of(kelvin: float) -> Tensor:
    """XYZ of daylight of that temperature, Y 1 (CIE 015, D series; 4000 … 25,000 K)."""
    t = min(max(kelvin, 4000.0), 25_000.0)
    if t <= 7000:
        x = 0.244063 + 99.11 / t + 2.9678e6 / t**2 - 4.6070e9 / t**3
    else:
        x = 0.237040 + 247.48 / t + 1.9018e6 / t**2 - 2.0064e9 / t**3
    y = -3.0 * x * x + 2.870 * x - 0.275
    return torch.tensor([x / y, 1.0, (1 - x - y) / y], dtype=torch.float64)


def _from_side(weight: Tensor, towards: tuple[float, float]) -> Tensor:
    """(H, W) stops: a smooth slope over what is lit, more on the lit side, less on the other."""
    ys, xs = (weight > 0).nonzero(as_tuple=True)
    if not len(ys):
        return torch.zeros_like(weight)
    height, width = weight.shape

    def along(index: Tensor, count: int) -> Tensor:
        low, high = float(index.min()), float(index.max())
        place = torch.arange(count, device=weight.device, dtype=weight.dtype)
        return (place - (low + high) / 2) / max((high - low) / 2, 1.0)

    x, y = towards
    slope = (along(xs, width)[None] * x + along(ys, height)[:, None] * y) / math.hypot(x, y)
    # Like a round thing under a lamp: the change is quickest in the middle and levels out at the sides.
    return torch.sin(slope.clamp(-1, 1) * (math.pi / 2)) * _SIDE_STOPS


def _with_shoulder(light: Tensor, space: ColourSpace, stops: Tensor) -> Tensor:
    """What comes near white runs softly towards it, its colour kept; what was white stays white. ``stops``: (H, W)."""
    depth = stops.clamp(0, 1) * _SHOULDER
    knee, room = 1 - depth, depth.clamp(min=_LEAST_LIGHT)
    peak = torch.maximum(space.luminance(light), light.amax(0) * 0.85)

    def bent(value: Tensor) -> Tensor:
        return 1 - torch.exp(-(value - knee).clamp(min=0) / room)

    soft = knee + room * bent(peak) / bent(torch.exp2(stops)).clamp(min=_LEAST_LIGHT)
    return light * torch.where((peak > knee) & (depth > 0), soft / peak.clamp(min=_LEAST_LIGHT), 1.0)


def _with_contrast(light: Tensor, contrast: float, space: ColourSpace, weight: Tensor) -> Tensor:
    """Further from, or nearer to, the middle of what is lit, in stops."""
    luminance = space.luminance(light).clamp(min=_LEAST_LIGHT)
    logs = luminance.log2()
    middle = (logs * weight).sum() / weight.sum().clamp(min=_LEAST_LIGHT)
    power = 2.0 ** (contrast * 0.8)
    # Far from the middle the change levels out: black stays black, white stays white.
    distance = logs - middle
    moved = distance * (power - 1) * torch.exp(-((distance / 4) ** 2))
    return light * torch.exp2(moved)


def _more_vivid(light: Tensor, vividness: float, space: ColourSpace) -> Tensor:
    lab = to_oklab(light, space)
    if vividness <= -1:
        # Grey to the bit: through the matrices a trace of colour would be left by rounding.
        return lab[:1].pow(3).expand_as(light)
    chroma = lab[1:].square().sum(0).sqrt()
    if vividness >= 0:
        gain = 1 + vividness * (1 - (chroma / _VIVID_CHROMA).clamp(0, 1)) * 1.2
    else:
        gain = torch.full_like(chroma, 1 + vividness)
    return from_oklab(torch.cat([lab[:1], lab[1:] * gain]), space)
