"""What each entry of the material library looks like, and which of them a picture is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import safetensors
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.errors import BrokenWeights
from engine.models.sight.statistics import COUNT, statistics
from engine.weights import read_tensors

SHIPPED = Path(__file__).with_name("weights") / "looks.safetensors"
# Pictures are looked at so large; the looks were measured of rings of this size too.
LOOKED_AT_PX = 160
# The numbers of a picture are not as independent as the Gaussians have it; this share of their evidence is counted.
_EVIDENCE = 0.3


@dataclass(frozen=True, slots=True)
class Seen:
    """What a picture may be.

    Attributes:
        sure: 0 … 1; over all names the sum is 1.
        deviation: from what that name usually looks like: mean square, in standard deviations.
    """

    sure: float
    deviation: float


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A Gaussian of statistics for every entry (regularised discriminant analysis, Friedman 1989).

    Attributes:
        names: of entries. mean: (N, 39). whiten: (N, 39, 39), deviations times it are of variance 1.
        weights_hash: SHA-256 of the file, hexadecimal.
    """

    names: tuple[str, ...]
    mean: Tensor
    whiten: Tensor
    weights_hash: str

    def sees(self, picture: Tensor, shown: Tensor) -> dict[str, Seen]:
        """What it may be, for each name.

        Args:
            picture: (3, H, W) sRGB 0 … 1. shown: (H, W) bool: what may be looked at; at least one pixel.
        """
        deviation = self._deviation(statistics(*fitted(picture, shown)) - self.mean)
        size = self.whiten.diagonal(dim1=1, dim2=2).log().sum(1)
        sure = ((size - deviation * COUNT / 2) * _EVIDENCE).softmax(0)
        pairs = zip(self.names, sure, deviation, strict=True)
        return {name: Seen(float(one), float(away)) for name, one, away in pairs}

    def deviation(self, name: str, picture: Tensor, shown: Tensor, drawn: Sequence[Tensor]) -> float:
        """How far it is from drawings of that name, where they are in other colours or moods than usual.

        Args:
            drawn: (3, h, w) each, of the scale at which the picture is looked at.
        """
        told = [statistics(one.clamp(0, 1), torch.ones(one.shape[1:], dtype=torch.bool)) for one in drawn]
        away = statistics(*fitted(picture, shown)) - torch.stack(told).mean(0)
        return float(self._deviation(away.expand_as(self.mean))[self.names.index(name)])

    def _deviation(self, away: Tensor) -> Tensor:
        """(N,) mean squares of (N, 39)."""
        return torch.einsum("nij,nj->ni", self.whiten, away).square().mean(1)


def fitted(picture: Tensor, shown: Tensor) -> tuple[Tensor, Tensor]:
    """(3, h, w) and (h, w) bool with the longer side 160 pixels: as it is looked at. Hidden pixels do not bleed."""
    longer = max(shown.shape)
    size = [max(2, round(side * LOOKED_AT_PX / longer)) for side in shown.shape]
    share = F.interpolate(shown[None, None].float(), size, mode="bilinear", antialias=True, align_corners=False)
    inside = torch.where(shown, picture, 0.0)[None]
    small = F.interpolate(inside, size, mode="bilinear", antialias=True, align_corners=False)
    seen = share[0, 0] > min(0.99, float(share.max()) - 1e-6)
    return (small / share.clamp(min=1e-6))[0], seen


@cache
def load(path: Path = SHIPPED) -> Sight:
    """Read once a process; on the CPU, where it takes milliseconds.

    Raises:
        BrokenWeights: the file is missing, cut short, or of other statistics.
    """
    try:
        content = path.read_bytes()
        tensors, header = read_tensors(path)
        names = tuple(cast("list[str]", json.loads(header["names"])))
        mean, whiten = tensors["mean"], tensors["whiten"]
        if mean.shape != (len(names), COUNT) or whiten.shape != (len(names), COUNT, COUNT):
            raise ValueError("looks of other statistics")
    except (OSError, safetensors.SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise BrokenWeights(f"The built-in model's file “{path.name}” cannot be used.") from error
    return Sight(names, mean.float(), whiten.float(), hashlib.sha256(content).hexdigest())
