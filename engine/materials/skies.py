"""What scenes are composed of, above the horizon: the frame, skies, clouds, a sun, stars, the haze of distance."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.materials.canvas import Canvas
from engine.materials.colours import mix, ramp
from engine.materials.shapes import Rgb, rise


class Frame:
    """A picture as a view: lengths are in its shorter side, whatever its size, so that a banner shows a wider view.

    Attributes:
        canvas: what is drawn on.
        u, v: (B, H, W): to the right of the middle, and down from the upper edge.
        wide, tall: its sides.
        pixel: a pixel's side.
    """

    def __init__(self, canvas: Canvas) -> None:
        short = min(canvas.height, canvas.width)
        self.canvas = canvas
        self.wide, self.tall = canvas.width / short, canvas.height / short
        self.pixel = 1.0 / short
        self.u = (canvas.across - 0.5) * self.wide
        self.v = canvas.down * self.tall

    def line(self, freq: Tensor | float, *, octaves: int = 6, persistence: float = 0.5, ridged: bool = False) -> Tensor:
        """(B, 1, W) in about -1 … 1: noise along the width, for the outline of hills, trees and shores."""
        u = self.u[:, :2] * freq
        if self.canvas.height < 2:
            u = u.expand(-1, 2, -1)
        return self.canvas.noise(u, u * 0.01, octaves=octaves, persistence=persistence, ridged=ridged)[:, :1]

    def noise(
        self, freq: float, *, flat: float = 1.0, octaves: int = 5, persistence: float = 0.5, ridged: bool = False
    ) -> Tensor:
        """(B, H, W) in about -1 … 1: noise over the view, ``flat`` times as wide as it is tall."""
        u, v = self.u * (freq / flat), self.v * freq
        return self.canvas.noise(u, v, octaves=octaves, persistence=persistence, ridged=ridged)

    def full(self, colour: Tensor) -> Tensor:
        """(B, 3, H, W): the colour everywhere."""
        return colour.expand(self.canvas.batch, 3, self.canvas.height, self.canvas.width)


def stops(canvas: Canvas, palettes: Sequence[Sequence[Rgb]], spread: float = 0.02) -> list[Tensor]:
    """For each picture one palette (all of one length), a little varied: its colours, each (B, 3, 1, 1)."""
    table = torch.tensor(palettes, dtype=torch.float32, device=canvas.device)
    number = (canvas.uniform(0, 0.9999) * len(palettes)).long().view(-1)
    drift = canvas.normal(spread * 0.5, channels=3) + canvas.normal(spread, channels=1)
    return [(colour[:, :, None, None] + drift).clamp(0, 1) for colour in table[number].unbind(1)]


def graded(frame: Frame, horizon: Tensor, colours: Sequence[Tensor], *, bend: float = 1.0) -> Tensor:
    """(B, 3, H, W): a sky from the zenith's colour to the horizon's, ``horizon`` (B, 1, 1) down from the top."""
    return ramp((frame.v / horizon.clamp(min=1e-3)).clamp(0, 1) ** bend, colours)


def shifted(value: Tensor, right: int, down: int) -> Tensor:
    """(B, H, W): every pixel gets what lies that far to its right and below; the border is repeated."""
    rows = (torch.arange(value.shape[-2], device=value.device) + down).clamp(0, value.shape[-2] - 1)
    columns = (torch.arange(value.shape[-1], device=value.device) + right).clamp(0, value.shape[-1] - 1)
    return value[..., rows, :][..., columns]


def clouds(
    frame: Frame,
    horizon: Tensor,
    *,
    cover: Tensor | float,
    scale: float = 1.0,
    softness: float = 0.30,
    sun_right: float = -0.4,
    sun_down: float = -1.0,
) -> tuple[Tensor, Tensor]:
    """Heaped clouds on a ceiling seen from below: (B, H, W) how dense they are, and how lit, both 0 … 1.

    They grow smaller and flatter towards the horizon. ``cover`` -0.6 … 0.6 is few … overcast. The light comes from
    (sun_right, sun_down) of a cloud: what lies that way takes it away (one step of Harris and Lastra 2001).
    """
    canvas = frame.canvas
    up = (horizon - frame.v).clamp(min=0) / horizon.clamp(min=0.2)
    far = 1.0 / (up + 0.30)
    x, y = frame.u * far * (0.85 * scale), far * (1.35 * scale)
    bend = canvas.noise(x * 1.3, y * 1.3, octaves=4, local=True) * 0.20
    heap = canvas.noise(x * 0.9 + bend, y * 0.9 - bend, octaves=7, persistence=0.50, local=True)
    billow = canvas.noise(x * 3.2 + bend, y * 3.2, octaves=5, persistence=0.55, ridged=True, local=True)
    body = heap - billow * 0.20 + cover
    # At the horizon itself they would be a blur of single pixels.
    dense = rise(body, 0.0, softness) * rise(up, 0.02, 0.12)
    lit = torch.zeros_like(dense)
    reach = 1.0 / frame.pixel
    for number in (1, 2, 3):
        way = 0.016 * number * reach
        lit = lit + rise(shifted(body, round(sun_right * way), round(sun_down * way)), 0.0, 0.75)
    return dense, (1.12 - lit / 3.0 * 1.05 + (body - 0.3) * 0.10).clamp(0, 1)


def wisps(frame: Frame, *, freq: float = 2.2, flat: float = 5.0, low: float = 0.0, high: float = 0.9) -> Tensor:
    """(B, H, W) 0 … 1: torn, long veils of high cloud."""
    canvas = frame.canvas
    angle = canvas.normal(0.10)
    u, v = frame.u + frame.v * angle, frame.v - frame.u * angle
    bend = canvas.noise(u * 1.6, v * 2.5, octaves=4) * 0.09
    veil = canvas.noise(u * (freq / flat) + bend, (v + bend) * freq, octaves=7, persistence=0.56)
    where = canvas.noise(u * 0.9, v * 1.6, octaves=3)
    return rise(veil + where * 0.5, low, high)


def glow(frame: Frame, at_u: Tensor | float, at_v: Tensor | float, reach: Tensor | float) -> Tensor:
    """(B, H, W) 0 … 1: light around a place, falling to 1/e within ``reach``."""
    return torch.exp(-(((frame.u - at_u) ** 2 + (frame.v - at_v) ** 2) + 1e-9).sqrt() / reach)


def screened(picture: Tensor, colour: Tensor, amount: Tensor) -> Tensor:
    """The picture with light (B, 3, 1, 1) added by an amount (B, H, W), never beyond white."""
    return 1.0 - (1.0 - picture.clamp(0, 1)) * (1.0 - (colour * amount[:, None]).clamp(0, 1))


def stars(frame: Frame, *, share: float = 0.55) -> Tensor:
    """(B, 3, H, W): stars alone on black, most of them faint, a few coloured."""
    canvas = frame.canvas
    light = torch.zeros_like(frame.u)
    tint = torch.zeros_like(frame.u)
    # Sharp, and about as large as a photograph's, however large the picture is.
    smallest = max(0.75 * frame.pixel, 0.0011)
    for salt, (freq, bright) in enumerate(((9.0, 1.0), (21.0, 0.62), (44.0, 0.42))):
        star = canvas.points(frame.u * freq + canvas.whole(0, 200), frame.v * freq, jitter=1.0, salt=40 + salt * 4)
        there = (star.tone < share).float()
        size = smallest * (0.75 + 0.9 * (star.tone / share) ** 6) * freq
        spot = torch.exp(-((star.near / size) ** 2)) * there * bright * (0.25 + 0.95 * (star.tone / share) ** 3)
        tint = torch.where(spot > light, (star.tone * 53) % 1.0 - 0.5, tint)
        light = torch.maximum(light, spot)
    warm = torch.stack((1.0 + tint * 0.25, torch.ones_like(tint), 1.0 - tint * 0.35), 1)
    return light[:, None] * warm


def night(frame: Frame, horizon: Tensor, palettes: Sequence[Sequence[Rgb]]) -> Tensor:
    """(B, 3, H, W): a starry sky with the milky way across it in most pictures."""
    canvas = frame.canvas
    picture = graded(frame, horizon, stops(canvas, palettes, 0.008))
    angle = canvas.uniform(0.5, 1.15) * (canvas.chance(0.5) * 2 - 1)
    along, across = frame.u * angle.cos() + frame.v * angle.sin(), frame.v * angle.cos() - frame.u * angle.sin()
    bend = canvas.noise(along * 1.5, across * 1.5, octaves=5) * 0.10
    middle = across - frame.tall * 0.32 + bend + canvas.normal(0.08)
    dust = canvas.noise(along * 2.2 + bend, across * 3.5, octaves=7, persistence=0.62)
    band = torch.exp(-((middle / 0.15) ** 2)) * (0.62 + 0.5 * dust)
    lane = torch.exp(-(((middle + dust * 0.06 - 0.01) / 0.035) ** 2)) * rise(dust, -0.5, 0.6)
    band = (band * (1.0 - 0.75 * lane)).clamp(min=0) * (0.35 + 0.65 * canvas.chance(0.75))
    tinge = stops(canvas, (((0.42, 0.44, 0.62),), ((0.52, 0.44, 0.52),), ((0.36, 0.48, 0.60),)), 0.02)[0]
    picture = screened(picture, tinge, band * 0.62)
    thick = stars(frame, share=0.55)
    fine = stars(frame, share=0.9) * (band * 1.5).clamp(0, 1)[:, None]
    fade = rise(horizon - frame.v, 0.0, 0.35)[:, None]
    return (picture + torch.maximum(thick, fine) * (0.35 + 0.65 * fade)).clamp(0, 1)


def hazed(picture: Tensor, haze: Tensor, distance: Tensor) -> Tensor:
    """The picture behind haze of that colour, (B, 3, 1, 1) or more: all haze where the distance grows beyond 1."""
    return mix(picture, haze.expand_as(picture), 1.0 - torch.exp(-distance.clamp(min=0)))
