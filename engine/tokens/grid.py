"""Pixels ↔ tokens: which tokens a mask touches, where they are, and the pixels of each as one row.

A window is (H, W) pixels, both multiples of `TOKEN_PX`, and (H/8, W/8) = (h, w) tokens, counted from its top left.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.geometry import PixelRect, TokenRect
from engine.tokens.config import TOKEN_PX

# Numbers that say where a token lies in its region: see `places`.
PLACE_NUMBERS = 12


def pad_to_tokens(pixels: Tensor) -> Tensor:
    """(B, C, H, W) float or bool made longer at the right and the bottom, to whole tokens, by repeating its edge.

    Repeat the mask as well: beside a hole at the edge what is added is hole, so nothing of the hole is copied out of
    it; and no token is added to the region, for the hole touched it already.
    """
    down, right = -pixels.shape[-2] % TOKEN_PX, -pixels.shape[-1] % TOKEN_PX
    if not down and not right:
        return pixels
    return F.pad(pixels.float(), (0, right, 0, down), mode="replicate").to(pixels.dtype)


def token_mask(mask: Tensor, *, dilate: int = 0) -> Tensor:
    """(…, H, W) bool pixels to (…, h, w) bool tokens: any overlap counts, a last partial token too.

    Args:
        dilate: grow by so many tokens on every side, diagonals too.
    """
    flat = mask.reshape(-1, 1, *mask.shape[-2:]).float()
    flat = F.pad(flat, (0, -mask.shape[-1] % TOKEN_PX, 0, -mask.shape[-2] % TOKEN_PX))
    tokens = F.max_pool2d(flat, TOKEN_PX)
    if dilate:
        tokens = F.max_pool2d(tokens, 2 * dilate + 1, 1, dilate)
    return (tokens > 0).reshape(*mask.shape[:-2], *tokens.shape[-2:])


def pixel_mask(tokens: Tensor) -> Tensor:
    """(…, h, w) bool tokens to (…, H, W) bool pixels."""
    return tokens.repeat_interleave(TOKEN_PX, -2).repeat_interleave(TOKEN_PX, -1)


def token_rect(rect_px: PixelRect) -> TokenRect:
    """The smallest rectangle of whole tokens around a window's pixels."""
    whole = rect_px.align(TOKEN_PX)
    return TokenRect(whole.x0 // TOKEN_PX, whole.y0 // TOKEN_PX, -(-whole.x1 // TOKEN_PX), -(-whole.y1 // TOKEN_PX))


def pixel_rect(rect_tok: TokenRect) -> PixelRect:
    """The pixels of a rectangle of tokens."""
    return PixelRect(*(side * TOKEN_PX for side in rect_tok.as_tuple()))


def rect_of(at: Tensor) -> TokenRect:
    """The smallest rectangle around (R, 2) token positions, row before column; empty when there are none."""
    if at.shape[0] == 0:
        return TokenRect(0, 0, 0, 0)
    low, high = at.amin(0), at.amax(0) + 1
    return TokenRect(int(low[1]), int(low[0]), int(high[1]), int(high[0]))


def to_patches(pixels: Tensor) -> Tensor:
    """(B, C, H, W) to (B, h, w, C·64): each token's own pixels.

    Raises:
        ValueError: H or W is no multiple of `TOKEN_PX`.
    """
    height, width = pixels.shape[-2:]
    if height % TOKEN_PX or width % TOKEN_PX:
        raise ValueError(f"{width}×{height} pixels are no whole tokens of {TOKEN_PX}")
    return F.pixel_unshuffle(pixels, TOKEN_PX).permute(0, 2, 3, 1)


def window_patches(ground: Tensor, known: Tensor) -> Tensor:
    """What the networks see of a window, (B, h, w, 256): `ground` in -1 … 1 and `known` as ±1, unquantised.

    Args:
        ground: (B, 3, H, W) 0 … 1: the picture where it is known, elsewhere the smooth fill (`ground.fill_ground`).
        known: (B, 1, H, W) bool.
    """
    return to_patches(torch.cat([ground, known.to(ground.dtype)], 1) * 2 - 1)


def scatter(values: Tensor, at: Tensor, into: Tensor) -> Tensor:
    """A copy of ``into`` (h, w, …) with ``values`` (R, …) at the positions (R, 2); nothing else is touched."""
    out = into.clone()
    out[at[:, 0], at[:, 1]] = values.to(out.dtype)
    return out


def positions(at: Tensor, region: Tensor) -> Tensor:
    """Token positions (R, 2) int64 as float32 offsets from the middle of the region's box, row before column.

    The words sit at 0, 0. So they are as near to a region at the window's edge as to one in its middle, and what is
    drawn does not depend on where the window was cut.

    Args:
        region: (n, 2) positions of all the region's tokens, n ≥ 1.
    """
    low, high = region.amin(0).float(), region.amax(0).float()
    return at.float() - (low + high) / 2


def places(region: Tensor) -> Tensor:
    """(R, 2) positions of a region's tokens to (R, `PLACE_NUMBERS`): where in the region's box each of them lies.

    From -1 (top, left) to 1, as it is and in sines of one and two half turns, and the box's size. A scene's horizon
    lies at a share of the region, not at a number of tokens.
    """
    low, high = region.amin(0).float(), region.amax(0).float()
    size = high - low + 1
    along = (region.float() - low + 0.5) / size * 2 - 1
    turns = torch.cat([along, along * 2], -1) * (torch.pi / 2)
    # 16 tokens are a usual region: 0 there.
    sizes = (size.log2() / 4 - 1).expand_as(along)
    return torch.cat([along, turns.sin(), turns.cos(), sizes], -1)
