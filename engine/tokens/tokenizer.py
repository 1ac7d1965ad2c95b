"""Patches ↔ codes: an encoder that sees one patch at a time, a decoder that looks at most two tokens far.

Both are told what everybody knows anyway, the ground and where pixels are known (Zhu et al. 2023, asymmetric VQGAN;
Liu et al. 2022, PUT), so that the code is spent on the rest. The decoder's only norms are per cell and its only wide
parts are 3×3 convolutions: a region is decoded alone and equals the same region of the whole window's decode.

Inside, cells are (B, h, w, C): rows of one cell's numbers, which suits norms and pointwise layers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.geometry import PixelRect, TokenRect
from engine.tokens.blocks import Norm
from engine.tokens.config import SCALES_PX, TOKEN_PX, TokenizerConfig
from engine.tokens.cosines import first_waves
from engine.tokens.fsq import Fsq
from engine.tokens.grid import pixel_rect, to_patches, window_patches

# Differences from the ground are small beside the ground and the ±1 of what is known; the encoder is about them.
_DIFFERENCE_GAIN = 8.0


class Mix(nn.Module):
    """Pointwise residual block."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = Norm(width)
        self.rise = nn.Linear(width, 2 * width)
        self.fall = nn.Linear(2 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.fall(F.silu(self.rise(self.norm(x))))


class Near(nn.Module):
    """Residual block with one 3×3 convolution: it looks one cell far, and sees zeros beyond the window."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = Norm(width)
        self.look = nn.Conv2d(width, width, 3, padding=1)
        self.fall = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        seen = self.look(self.norm(x).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return x + self.fall(F.silu(seen))


class Scale(nn.Module):
    """What the decoder does at one size of cells."""

    def __init__(self, width: int, guide: int, convs: int, mixes: int) -> None:
        super().__init__()
        self.convs = convs
        self.guide = nn.Linear(guide, width)
        self.blocks = nn.Sequential(*(Near(width) for _ in range(convs)), *(Mix(width) for _ in range(mixes)))

    def forward(self, x: Tensor, guide: Tensor, cut: Callable[[Tensor], Tensor]) -> Tensor:
        """``cut`` leaves away what only the convolutions had to see, before the blocks that look at one cell each."""
        return self.blocks[self.convs :](cut(self.blocks[: self.convs](x + self.guide(guide))))


class Tokenizer(nn.Module):
    """Pixels ↔ codes.

    Common arguments: ``picture`` and ``ground`` (B, 3, H, W) 0 … 1; ``known`` (B, 1, H, W) bool; H and W multiples of
    8, (h, w) tokens. The ground is `ground.fill_ground(picture, known)` of the whole window. Codes are
    (B, h, w, D) in -1 … 1, ids (B, h, w, G).
    """

    def __init__(self, config: TokenizerConfig) -> None:
        super().__init__()
        self.config = config
        self.fsq = Fsq(config.levels)
        pixels = TOKEN_PX**2
        # The difference from the ground (3), and what everybody knows: the ground (3) and known (1).
        self.encoder = nn.Sequential(
            nn.Linear(7 * pixels, config.encoder_width),
            *(Mix(config.encoder_width) for _ in range(config.encoder_blocks)),
            Norm(config.encoder_width),
            nn.Linear(config.encoder_width, config.dims),
        )
        # Straight ways beside the networks, that begin as a patch's first waves.
        self.to_latent = nn.Linear(3 * pixels, config.dims)
        self.from_code = nn.Linear(config.dims, 3 * pixels)
        widths = config.decoder_widths
        self.code = nn.Linear(config.dims + 1, widths[0])
        self.scales = nn.ModuleList(
            Scale(width, 4 * cell_px**2, convs, mixes)
            for width, cell_px, convs, mixes in zip(
                widths, SCALES_PX, config.decoder_convs, config.decoder_mixes, strict=True
            )
        )
        self.ups = nn.ModuleList(nn.Linear(wide, 4 * narrow) for wide, narrow in pairwise(widths))
        self.pixel = nn.Linear(widths[-1], 3)
        there, back = first_waves(config.dims)
        with torch.no_grad():
            self.to_latent.weight.copy_(there)
            self.from_code.weight.copy_(back)
        for bias in (self.to_latent.bias, self.from_code.bias, self.pixel.bias):
            nn.init.zeros_(bias)
        # The networks begin with little to say, but not with nothing: then they would hear nothing for long.
        last = cast(nn.Linear, self.encoder[-1])
        nn.init.normal_(last.weight, std=0.02 / config.encoder_width**0.5)
        nn.init.zeros_(last.bias)
        nn.init.normal_(self.pixel.weight, std=0.02)

    # -- pixels to codes ---------------------------------------------------------------------------------------------

    def latent(self, picture: Tensor, ground: Tensor, known: Tensor) -> Tensor:
        """(B, h, w, D), free numbers: quantise them. A token depends on its own 64 pixels only."""
        dtype = self.code.weight.dtype
        differs = to_patches(torch.where(known, 0.0, picture - ground))
        seen = torch.cat([differs * _DIFFERENCE_GAIN, window_patches(ground, known)], -1)
        return self.to_latent(differs.to(dtype)) + self.encoder(seen.to(dtype))

    def quantise(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        """Codes and ids; straight-through, see `Fsq.quantise`."""
        return self.fsq.quantise(latent)

    def encode(self, picture: Tensor, ground: Tensor, known: Tensor) -> Tensor:
        """(B, h, w, G) ids: what the transformer is to guess."""
        return self.quantise(self.latent(picture, ground, known))[1]

    # -- codes to pixels ---------------------------------------------------------------------------------------------

    def decode(self, codes: Tensor, coded: Tensor, ground: Tensor, known: Tensor) -> Tensor:
        """The whole window: `decode_region` of all of it."""
        height, width = coded.shape[1:]
        return self.decode_region(codes, coded, ground, known, TokenRect(0, 0, width, height))

    def decode_region(self, codes: Tensor, coded: Tensor, ground: Tensor, known: Tensor, rect_tok: TokenRect) -> Tensor:
        """The pixels of a rectangle of tokens, equal to those of the whole window's decode.

        Args:
            coded: (B, h, w) bool: where ``codes`` mean something. A token that is neither coded nor wholly known
                (not yet drawn, in a preview) shows about the ground.
            rect_tok: inside the window, not empty.

        Returns:
            (B, 3, rect height · 8, rect width · 8) float32: known pixels as they are, elsewhere ground and what the
            codes add, not clipped.

        Raises:
            ValueError: the rectangle is empty or leaves the window.
        """
        window_tok = TokenRect(0, 0, coded.shape[2], coded.shape[1])
        if rect_tok.is_empty or not window_tok.contains(rect_tok):
            raise ValueError(f"no tokens {rect_tok.as_tuple()} in a window of {window_tok.size}")
        dtype = self.code.weight.dtype
        window_px, rect_px = pixel_rect(window_tok), pixel_rect(rect_tok)
        looks_px = self.config.halo_px
        seen_px = held_px = _needed(rect_px, looks_px, TOKEN_PX, window_px)
        # From here on nothing is computed, or even read, that the rectangle does not depend on.
        rows, cols = seen_px.slices()
        known = known[..., rows, cols]
        rows_tok, cols_tok = (slice(s.start // TOKEN_PX, s.stop // TOKEN_PX) for s in (rows, cols))
        codes, coded = codes[:, rows_tok, cols_tok], coded[:, rows_tok, cols_tok]
        draft = self._draft(codes, coded, ground[..., rows, cols], known)
        guide = torch.cat([draft, known.to(draft.dtype)], 1).to(dtype) * 2 - 1
        x = self._code_cells(codes, coded, dtype)
        for number, (scale, cell_px) in enumerate(zip(self.scales, SCALES_PX, strict=True)):
            if number:
                x = _halve_cells(self.ups[number - 1](x))
                wanted_px = _needed(rect_px, looks_px, cell_px, window_px)
                x, held_px = _cut(x, held_px, wanted_px, cell_px), wanted_px
            looks_px -= self.config.decoder_convs[number] * cell_px
            left_px = _needed(rect_px, looks_px, cell_px, window_px)
            cut = partial(_cut, held_px=held_px, wanted_px=left_px, cell_px=cell_px)
            x = scale(x, _cells(guide, held_px, seen_px, cell_px), cut)
            held_px = left_px
        adds = _cut(self.pixel(x), held_px, rect_px, 1).permute(0, 3, 1, 2).float()
        rows, cols = rect_px.slices(seen_px)
        here = draft[..., rows, cols]
        return torch.where(known[..., rows, cols], here, here + adds)

    def _draft(self, codes: Tensor, coded: Tensor, ground: Tensor, known: Tensor) -> Tensor:
        """(B, 3, H, W) float32: the ground with each code's waves on it, patch by patch; known pixels as they are."""
        waves = self.from_code(codes.to(self.code.weight.dtype)).float()
        waves = F.pixel_shuffle(torch.where(coded[..., None], waves, 0.0).permute(0, 3, 1, 2), TOKEN_PX)
        return torch.where(known, ground.float(), ground.float() + waves)

    def _code_cells(self, codes: Tensor, coded: Tensor, dtype: torch.dtype) -> Tensor:
        here = coded[..., None]
        return self.code(torch.cat([torch.where(here, codes, 0.0), here], -1).to(dtype))


def _needed(rect_px: PixelRect, looks_px: int, cell_px: int, window_px: PixelRect) -> PixelRect:
    """Whole cells that hold the rectangle and what is looked at around it, as far as the window goes.

    Beyond the window the convolutions see zeros, in a region's decode exactly where they do in the whole one's; at an
    inner side the zeros they see are wrong, but only cells outside the rectangle look that far.
    """
    return rect_px.grow(looks_px).intersect(window_px).align(cell_px)


def _cut(x: Tensor, held_px: PixelRect, wanted_px: PixelRect, cell_px: int) -> Tensor:
    """(B, h, w, C) cells of one rectangle to those of one inside it."""
    rows, cols = wanted_px.slices(held_px)
    return x[:, rows.start // cell_px : rows.stop // cell_px, cols.start // cell_px : cols.stop // cell_px]


def _cells(pixels: Tensor, rect_px: PixelRect, within_px: PixelRect, cell_px: int) -> Tensor:
    """(B, C, H, W) of ``within_px`` to the rectangle's (B, h, w, C · cell²)."""
    rows, cols = rect_px.slices(within_px)
    return F.pixel_unshuffle(pixels[..., rows, cols], cell_px).permute(0, 2, 3, 1)


def _halve_cells(x: Tensor) -> Tensor:
    """(B, h, w, 4 C) to (B, 2 h, 2 w, C): each cell becomes four."""
    batch, height, width, wide = x.shape
    split = x.view(batch, height, width, 2, 2, wide // 4)
    return split.permute(0, 1, 3, 2, 4, 5).reshape(batch, height * 2, width * 2, wide // 4)
