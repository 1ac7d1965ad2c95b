"""Patches of a window, named by their top left pixel (the *anchor*) as one flat index ``y*W + x``.

A flat index makes a translation one addition: the pixel k of the patch at anchor a is ``a + offsets[k]``, and a
patch that would leave the window is simply no anchor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.exemplar.pyramid import count_in_boxes

# Pixels of a strip of `project`.
_STRIP_PX = 65536


@dataclass(frozen=True, slots=True)
class PatchShape:
    """Half sides of a patch: ``2*ry+1`` rows × ``2*rx+1`` columns; a layer one pixel high has ry = 0."""

    ry: int
    rx: int

    @property
    def rows(self) -> int:
        return 2 * self.ry + 1

    @property
    def cols(self) -> int:
        return 2 * self.rx + 1

    @property
    def pixels(self) -> int:
        return self.rows * self.cols

    @classmethod
    def that_fits(cls, height: int, width: int, radius: int) -> PatchShape:
        """The wanted radius, less where the window is too small to hold such a patch and one more beside it."""
        return cls(min(radius, max(0, (height - 2) // 2)), min(radius, max(0, (width - 2) // 2)))

    def offsets(self, width: int, device: torch.device) -> Tensor:
        """(pixels,) int64: from an anchor to each of its pixels, row by row, in a window of that width."""
        y = torch.arange(self.rows, device=device)[:, None] * width
        return (y + torch.arange(self.cols, device=device)[None, :]).reshape(-1)


def patches_touching(mask: Tensor, shape: PatchShape) -> Tensor:
    """(H, W) bool: anchors whose patch holds at least one True pixel of ``mask``; False where no patch fits."""
    height, width = mask.shape
    out = torch.zeros_like(mask)
    out[: height - shape.rows + 1, : width - shape.cols + 1] = count_in_boxes(mask, shape.rows, shape.cols) > 0
    return out


def anchors_that_fit(height: int, width: int, shape: PatchShape, device: torch.device) -> Tensor:
    """(H, W) bool: True where a whole patch fits."""
    out = torch.zeros((height, width), dtype=torch.bool, device=device)
    out[: height - shape.rows + 1, : width - shape.cols + 1] = True
    return out


def patch_rows(flat: Tensor, anchors: Tensor, offsets: Tensor) -> Tensor:
    """(n, pixels*C): the pixels of each anchor's patch; ``flat`` is (H*W, C)."""
    return flat[anchors[:, None] + offsets[None]].reshape(len(anchors), -1)


def principal_patches(flat: Tensor, sources: Tensor, offsets: Tensor, keep: int, sample: int = 3000) -> Tensor:
    """(pixels*C, keep) float32: the directions in which the known patches differ most, longest first (PCA).

    Distances between projections come close to distances between patches at a fraction of the cost. Directions
    are fixed in sign by eigh alone, which does not matter for distances.
    """
    step = max(1, len(sources) // sample)
    rows = patch_rows(flat, sources[::step], offsets)
    rows = rows - rows.mean(0)
    # In double precision: of a picture that is all but white most of these are nought or denormal, and single precision
    # finds no directions then.
    spread = (rows.T @ rows).cpu().double() / max(1, len(rows))
    # torch's stubs leave the fields of eigh's result untyped.
    directions = cast(Tensor, torch.linalg.eigh(spread)[1])
    return directions[:, -keep:].flip(1).float().to(flat.device)


def project(
    flat: Tensor,
    height: int,
    width: int,
    basis: Tensor,
    shape: PatchShape,
    check: Callable[[], None] = lambda: None,
) -> Tensor:
    """(H*W, D): every patch's projection at its anchor's index; zero where no patch fits.

    One convolution, in strips: they stay in cache, and a cancel is heard between them.
    """
    channels, dims = flat.shape[1], basis.shape[1]
    picture = flat.reshape(height, width, channels).permute(2, 0, 1)[None]
    kernel = basis.T.reshape(dims, shape.rows, shape.cols, channels).permute(0, 3, 1, 2).contiguous()
    out = flat.new_zeros(height, width, dims)
    last = height - shape.rows + 1
    strip = max(1, _STRIP_PX // width)
    for top in range(0, last, strip):
        check()
        bottom = min(last, top + strip)
        part = picture[:, :, top : bottom + shape.rows - 1].contiguous()
        out[top:bottom, : width - shape.cols + 1] = F.conv2d(part, kernel)[0].permute(1, 2, 0)
    return out.reshape(-1, dims)
