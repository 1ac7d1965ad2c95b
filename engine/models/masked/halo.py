"""How much around a region the tokenizer's decoder must see.

Every 3×3 convolution reaches one pixel of its own level; read from the picture back to the tokens these add up to the
receptive field: ±282 px for the published configuration (aMUSEd, Meissonic: 128, 256, 256, 512, 768 channels, two
layers a block), which is more than half of a 512 px picture. But the *levels* need far less each: 8 px at full
resolution, 7 tokens after the last layers at token resolution. So the region decoder runs what lies at token resolution
on the whole grid (6 % of a decode) and crops before every layer that follows to what the layers after it still need.
For the convolutions that is exact: the rest of the difference is float rounding.

Measured with the published configuration, random weights and 24×24 random tokens (`inlay bench decoding`), a region of
6×6, statistics of the group norms as of the whole picture; largest and mean difference in 8-bit levels:

=====  =======  ======
halo   largest  mean
=====  =======  ======
7, 6   0.014    0.0017
5      0.22     0.006
4      4.6      0.15
3      40       1.4
2      139      7.9
1      255      26
0      255      51
=====  =======  ======

(Random weights damp nothing; what trained ones make of it is not known here.) The halo of 7 costs 18 % of the whole
decode there, that of 1 13 %, so there is no reason for a smaller one. The group norms' own error is larger than that of
a halo of 4: mean 28 levels with the region's own statistics and 24 with sampled ones (`vq.Norms`), on the same tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.geometry import TokenRect


@dataclass(frozen=True, slots=True)
class Level:
    """Margins around the region at one resolution of the decoder, in that resolution's pixels.

    Attributes:
        scale: its pixels a token. before_up: what its upsampler's convolution reads (0 at token resolution).
        before: needed before each of its residual blocks, first to last. after: behind the last one.
    """

    scale: int
    before_up: int
    before: tuple[int, ...]
    after: int


def levels_of(blocks: int, resnets: int) -> tuple[Level, ...]:
    """Margins of a decoder of ``blocks`` up-blocks, each of ``resnets`` residual blocks of two 3×3 convolutions.

    Returns:
        from token resolution to pixels.
    """
    levels: list[Level] = []
    after = 1  # the picture's own convolution
    for block in reversed(range(blocks)):
        before = tuple(after + 2 * (resnets - number) for number in range(resnets))
        up = before[0] + 1 if block else 0
        levels.append(Level(2**block, up, before, after))
        after = -(-up // 2)
    return tuple(reversed(levels))


def receptive_field_px(blocks: int, resnets: int, middle: int = 2) -> int:
    """How far a token of the picture's convolutions reaches, in pixels to every side.

    Args:
        middle: residual blocks of the middle, at token resolution, after one more convolution.
    """
    full = 2 ** (blocks - 1)
    reach = 1 + sum(2 * resnets * full // 2**block for block in range(blocks))
    return reach + sum(full // 2**block for block in range(1, blocks)) + (2 * middle + 1) * full


def halo_tokens(blocks: int, resnets: int) -> int:
    """The margin behind the token resolution's last layer, in tokens: a larger halo changes nothing."""
    return levels_of(blocks, resnets)[0].after


def grown(rect_tok: TokenRect, scale: int, margin: int, size_tok: tuple[int, int]) -> tuple[slice, slice]:
    """(rows, columns) of the region with a margin, at ``scale`` pixels a token, inside a grid of (rows, columns)."""
    rows, cols = size_tok
    return (
        slice(max(0, rect_tok.y0 * scale - margin), min(rows * scale, rect_tok.y1 * scale + margin)),
        slice(max(0, rect_tok.x0 * scale - margin), min(cols * scale, rect_tok.x1 * scale + margin)),
    )
