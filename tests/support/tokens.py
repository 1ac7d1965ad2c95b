"""Toy networks whose weights say something, and windows with holes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import torch
from hypothesis import strategies as st
from torch import Tensor, nn

from engine.tokens.config import PRESETS
from engine.tokens.grid import token_mask
from engine.tokens.ground import fill_ground
from engine.tokens.tokenizer import Tokenizer
from engine.tokens.transformer import Transformer

TOY = PRESETS["toy"]
WORDS = 10
DTYPES = [torch.float32, torch.bfloat16, torch.float16]
M = TypeVar("M", bound=nn.Module)


def scrambled(model: M, seed: int = 0) -> M:
    """Every weight random and large enough that each part of the network has its say in the result."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            scale = 1 / weight.shape[-1] ** 0.5 if weight.dim() > 1 else 0.5
            weight.copy_(torch.randn(weight.shape, generator=generator) * scale + (weight.dim() == 1) * 0.5)
    return model.eval()


def toy_tokenizer(dtype: torch.dtype = torch.float32) -> Tokenizer:
    return scrambled(Tokenizer(TOY.tokenizer)).to(dtype)


def toy_transformer(dtype: torch.dtype = torch.float32) -> Transformer:
    return scrambled(Transformer(TOY.transformer, WORDS), 1).to(dtype)


@dataclass
class Window:
    picture: Tensor
    known: Tensor
    ground: Tensor
    region: Tensor


def make_window(hole: Tensor, seed: int = 0, dilate: int = 0) -> Window:
    """hole: (H, W) bool, H and W multiples of 8."""
    picture = torch.rand(1, 3, *hole.shape, generator=torch.Generator().manual_seed(seed))
    known = ~hole[None, None]
    return Window(picture, known, fill_ground(picture, known), token_mask(hole, dilate=dilate))


def box_hole(height: int, width: int, box: tuple[int, int, int, int]) -> Tensor:
    """box: x0, y0, x1, y1."""
    hole = torch.zeros(height, width, dtype=torch.bool)
    hole[box[1] : box[3], box[0] : box[2]] = True
    return hole


@st.composite
def holes(draw: st.DrawFn, most_tok: int = 6) -> Tensor:
    """(H, W) bool: a few boxes in a window of whole tokens, at least one pixel."""
    height, width = (draw(st.integers(1, most_tok)) * 8 for _ in range(2))
    hole = torch.zeros(height, width, dtype=torch.bool)
    for _ in range(draw(st.integers(1, 3))):
        x0, y0 = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        x1, y1 = draw(st.integers(x0 + 1, width)), draw(st.integers(y0 + 1, height))
        hole[y0:y1, x0:x1] = True
    return hole
