"""Another colour on the same thing: its shading, its texture and its highlights stay."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.colour.oklab import from_oklab, to_oklab
from engine.colour.space import ColourSpace, srgb

# From this chroma on a thing has a colour of its own, and what has another one (a car's windows) is left alone.
_COLOURED = 0.05
# How far a hue may lie from the thing's own, in radians, and still be it.
_SAME_HUE = 0.55
# If less of the selection than this has the commonest hue, there is no such thing: all is painted.
_LEAST_SHARE = 0.35
# Brighter than this many times the usual light is a highlight: it is the lamp's colour, not the thing's.
_HIGHLIGHT = 2.2
# Paint on black reflects at least so much, or its shading would be lost; white at most so much, to leave room above.
_LEAST_PAINT, _MOST_PAINT = 0.012, 0.82
# Share of the thing's own small differences in hue that stays.
_OWN_HUE = 0.35
_LEAST_LIGHT = 1e-6
_BINS = 36


@dataclass(frozen=True, slots=True)
class Paint:
    """Either a colour or a turn of hue.

    Attributes:
        colour: sRGB 0 … 1. hue: degrees, counted as in a colour circle. strength: 0 … 1.
    """

    colour: tuple[float, float, float] | None = None
    hue: float | None = None
    strength: float = 1.0

    def __post_init__(self) -> None:
        if (self.colour is None) == (self.hue is None):
            raise ValueError("either a colour or a turn of hue")
        if not 0 <= self.strength <= 1:
            raise ValueError(f"strength lies in 0 … 1, not {self.strength}")
        if self.colour is not None and not all(0 <= part <= 1 for part in self.colour):
            raise ValueError(f"a colour's parts lie in 0 … 1, not {self.colour}")


def painted(light: Tensor, paint: Paint, space: ColourSpace, weight: Tensor) -> Tensor:
    """(3, H, W) linear light with the thing in another colour.

    Args:
        weight: (H, W) 0 … 1: how much of the change each pixel will get; says where the thing is.
    """
    lab = to_oklab(light.clamp(min=0), space)
    if paint.hue is not None:
        turn = math.radians(paint.hue)
        cos, sin = math.cos(turn), math.sin(turn)
        turned = torch.stack([lab[0], lab[1] * cos - lab[2] * sin, lab[1] * sin + lab[2] * cos])
        new, thing = from_oklab(turned, space), torch.ones_like(weight)
    else:
        assert paint.colour is not None, "checked when it was made"
        thing = _thing(lab, weight)
        new = _in_colour(light, lab, _light_of(paint.colour, space).to(light), space, weight * thing)
    return light + (new - light) * (thing * paint.strength)


def _thing(lab: Tensor, weight: Tensor) -> Tensor:
    """(H, W) 0 … 1: what has the selection's own colour, where it has one; else everything."""
    chroma = lab[1:].square().sum(0).sqrt()
    counted = weight * chroma * (chroma > _COLOURED)
    if float(counted.sum()) <= 0:
        return torch.ones_like(weight)
    hue = torch.atan2(lab[2], lab[1])
    place = ((hue + math.pi) / (2 * math.pi) * _BINS).long().clamp(0, _BINS - 1)
    bins = torch.zeros(_BINS, device=lab.device).index_add_(0, place.flatten(), counted.flatten())
    wide = bins + bins.roll(1) + bins.roll(-1)
    own = (float(wide.argmax()) + 0.5) / _BINS * 2 * math.pi - math.pi
    away = torch.atan2(torch.sin(hue - own), torch.cos(hue - own)).abs()
    same = torch.sigmoid((_SAME_HUE - away) * 12) * torch.sigmoid((chroma - _COLOURED * 0.6) * 160)
    if float((weight * same).sum()) < _LEAST_SHARE * float(weight.sum()):
        return torch.ones_like(weight)
    # A highlight on the thing has lost its chroma; it is left as bright as it is either way.
    return same


def _in_colour(light: Tensor, lab: Tensor, colour: Tensor, space: ColourSpace, weight: Tensor) -> Tensor:
    """Paint times shading (as light falls on another pigment), and highlights as they are."""
    luminance = space.luminance(light).clamp(min=_LEAST_LIGHT)
    inside = weight > 0.5
    usual = luminance[inside].median() if bool(inside.any()) else luminance.median()
    shading = luminance / usual
    target = space.luminance(colour[:, None, None])[0, 0]
    wanted = target.clamp(_LEAST_PAINT, _MOST_PAINT)
    pigment = colour * (wanted / target.clamp(min=_LEAST_LIGHT)) if float(target) > _LEAST_LIGHT else wanted.expand(3)
    # White paint has less room above it than black: its shading is told in the shadows.
    limit = (1.0 / wanted).clamp(min=1.05)
    bent = torch.where(shading > 1, 1 + (limit - 1) * (1 - torch.exp(-(shading - 1) / (limit - 1))), shading)
    highlight = (shading - _HIGHLIGHT).clamp(min=0) * usual
    new = to_oklab(pigment[:, None, None] * bent, space)
    middle = (lab[1:] * weight).sum((1, 2), keepdim=True) / weight.sum().clamp(min=_LEAST_LIGHT)
    own_hue = (lab[1:] - middle) * _OWN_HUE * new[:1].clamp(0, 1)
    return from_oklab(torch.cat([new[:1], new[1:] + own_hue * _room_for_hue(new)]), space).clamp(min=0) + highlight


def _room_for_hue(lab: Tensor) -> Tensor:
    """White and black have no hue to vary."""
    chroma = lab[1:].square().sum(0).sqrt()
    return (chroma / 0.1).clamp(0, 1)


def _light_of(colour: tuple[float, float, float], space: ColourSpace) -> Tensor:
    """(3,) linear numbers of the layer's space for an sRGB colour."""
    linear = srgb().to_light(torch.tensor(colour).view(3, 1, 1))[:, 0, 0].double()
    there = torch.tensor(space.to_xyz, dtype=torch.float64).inverse()
    return (there @ torch.tensor(srgb().to_xyz, dtype=torch.float64) @ linear).float().clamp(min=0)
