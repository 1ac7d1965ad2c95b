"""From drawn tokens back to the picture's pixels: decoded where they were drawn, without the tokenizer's seam.

A tokenizer gives no picture back as it was: colours shift, and a selection filled with decoded pixels shows its outline
(diffusers #5808). Two corrections, both membranes (Pérez et al. 2003), so that neither has an edge of its own:

- the shift: what lies around the drawn tokens was not drawn, only encoded; how its decoded pixels differ from the
  picture's is the tokenizer's error, and is spread over the selection. Where nearly all of a window was drawn, what was
  encoded of the drawn tokens' known pixels is decoded too, only to be compared.
- the border: tokens are drawn a little beyond the selection, where the picture is known too. How they differ there is
  partly what was drawn, so this is made good just inside the border only, fading with the distance to it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.geometry import PixelRect, TokenRect
from engine.imaging.membrane import membrane
from engine.models.masked.interface import Tokenizer
from engine.models.masked.window import View, Window

# Tokens around the drawn ones that are decoded for comparison.
_RING_TOK = 1
# With less of the known pixels than this undrawn, the ring says too little of the shift.
_LEAST_SETTLED = 0.25
# The differences are compared as means over so many pixels to every side: a pixel's own grain is no shift.
_SMOOTH_SHIFT_PX, _SMOOTH_BORDER_PX = 6, 2
# At the border the correction is whole; it falls to 1/e at this distance, and is left out at three times that.
_FADE_PX = 6
_FADED = 3


@torch.inference_mode()
def brought_back(
    tokenizer: Tokenizer, ids: Tensor, encoded: Tensor, region: Tensor, view: View, window: Window
) -> Tensor:
    """The window's part of the picture with what was drawn, seams corrected, at the picture's resolution.

    Args:
        ids: (h, w) int64 of the window, drawn where ``region`` (h, w) bool, not empty.
        encoded: (h, w) int64 of ``view``, the same elsewhere.

    Returns:
        (3, rect height, rect width) float32 0 … 1 where the view is; outside the selection it is about what it was.
    """
    device = view.pixels.device
    rect_tok = _around(region, window, tokenizer.token_px)
    token_px = tokenizer.token_px
    rect_px = PixelRect(*(side * token_px for side in rect_tok.as_tuple())).intersect(window.size_px.rect)
    rows, cols = rect_px.slices()

    def decode(tokens: Tensor) -> Tensor:
        return tokenizer.decode_region(tokens, rect_tok)[0, :, : rect_px.height, : rect_px.width].float().to(device)

    decoded = decode(ids)
    source, known = view.pixels[0, :, rows, cols], view.known[rows, cols]
    drawn = region.to(device).repeat_interleave(token_px, 0).repeat_interleave(token_px, 1)[rows, cols]
    small = view.pixels[0, :, : window.size_px.height, : window.size_px.width].clone()
    settled = known & ~drawn
    undrawn = decoded
    if int(settled.sum()) < _LEAST_SETTLED * int(known.sum()):
        undrawn, settled = decode(encoded), known
    small[:, rows, cols] = without_seam(decoded, undrawn, source, known, settled)
    return enlarged(small, window)


def without_seam(decoded: Tensor, undrawn: Tensor, source: Tensor, known: Tensor, settled: Tensor) -> Tensor:
    """What was decoded, corrected to meet the source.

    Args:
        decoded, source: (3, H, W) float32. known: (H, W) bool: where the source is the picture's.
        undrawn: (3, H, W): where ``settled`` (H, W) bool, the source through the tokenizer.

    Returns:
        (3, H, W) float32 0 … 1; what it holds where ``known`` is of no use to anybody.
    """
    out = decoded
    if bool(settled.any()):
        out = out + _spread(source - undrawn, settled, _SMOOTH_SHIFT_PX)
    if bool(known.any()):
        near = torch.exp(-(_distance(~known, _FADED * _FADE_PX) - 1).clamp(min=0) / _FADE_PX)
        near = torch.where(_distance(~known, _FADED * _FADE_PX) >= _FADED * _FADE_PX, 0.0, near)
        out = out + _spread(source - out, known, _SMOOTH_BORDER_PX) * near
    return out.clamp(0, 1)


def enlarged(small: Tensor, window: Window) -> Tensor:
    """(3, size height, size width) to (3, rect height, rect width), 0 … 1; as it is at the picture's own scale."""
    size = (window.rect_px.height, window.rect_px.width)
    if small.shape[1:] == size:
        return small
    return F.interpolate(small[None], size=size, mode="bicubic", align_corners=False)[0].clamp(0, 1)


def _around(region: Tensor, window: Window, token_px: int) -> TokenRect:
    """The drawn tokens' box and a ring of tokens around it, without what is only padding."""
    ys, xs = region.any(1).nonzero()[:, 0], region.any(0).nonzero()[:, 0]
    box = TokenRect(int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1)
    size = window.size_px
    return box.grow(_RING_TOK).intersect(TokenRect(0, 0, -(-size.width // token_px), -(-size.height // token_px)))


def _spread(error: Tensor, where: Tensor, smooth_px: int) -> Tensor:
    """The error (3, H, W), averaged over neighbours where it counts (H, W), and a membrane of it elsewhere."""
    counted = torch.cat([error * where, where[None].float()])[None]
    side = 2 * smooth_px + 1
    summed = F.avg_pool2d(counted, side, 1, smooth_px)[0]
    mean = summed[:-1] / summed[-1:].clamp(min=1e-6)
    return membrane(mean.permute(1, 2, 0).contiguous(), ~where).permute(2, 0, 1)


def _distance(hole: Tensor, limit: int) -> Tensor:
    """(H, W) float32: 0 where nothing is missing, then 1, 2, … steps inwards, at most ``limit``."""
    left, depth = hole[None, None].float(), hole.float()
    for _ in range(limit - 1):
        left = -F.max_pool2d(-left, 3, 1, 1)
        depth = depth + left[0, 0]
    return depth
