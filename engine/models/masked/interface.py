"""What a masked-token model with open weights is to the rest of the engine.

A family (`models.amused`, `models.meissonic`, `models.dimoo`) brings networks and words; everything else is shared:
windows, the sampling loop (`tokens.regenerate`, with one group of ids), decoding of the region, the way back into the
layer. A family is loaded by ``load(folder, device, dtype)`` from the folder layout in which it was published.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from engine.geometry import TokenRect
from engine.tokens.regenerate import Recipe, TokensToLogits


class Mode(StrEnum):
    """EXACT: every step looks at the whole window, as the published code does. FAST: what the window's context says is
    kept for some steps and only the region is computed; an approximation, and called one."""

    EXACT = "exact"
    FAST = "fast"


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """What the person wants, before any text encoder.

    Attributes:
        prompt: what the region is to show. negative: what it is not to show.
        instruction: what is to be changed, for models that take one; empty for none.
        references: (3, H, W) float32 0 … 1 each, of any size: other pictures, for models that look at them.
        style: the instruction is to take over the style of the reference, and nothing else.
        picture: (3, H, W) float32 0 … 1: the window as it is, for models that are instructed about it.
    """

    prompt: str = ""
    negative: str = ""
    instruction: str = ""
    references: tuple[Tensor, ...] = ()
    style: bool = False
    picture: Tensor | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """One edit's window, ready for steps; families add their conditions and caches in subclasses.

    Attributes:
        ids: (h, w) int64: the window's tokens; where ``region`` they mean nothing.
        region: (h, w) bool: tokens to be drawn.
        at: (R, 2) int64: row and column of the region's tokens, in the order of the grid; R ≥ 1.
    """

    ids: Tensor
    region: Tensor
    at: Tensor

    @property
    def size_tok(self) -> tuple[int, int]:
        """The window's rows and columns."""
        return self.region.shape[0], self.region.shape[1]


class Tokenizer(Protocol):
    """Pixels ↔ ids of a codebook; `masked.vq.VqTokenizer` for all families."""

    @property
    def token_px(self) -> int:
        """Side of a token."""
        ...

    @property
    def codes(self) -> int:
        """Entries of the codebook."""
        ...

    def encode(self, picture: Tensor) -> Tensor:
        """(1, 3, H, W) float32 0 … 1, whole tokens, to (h, w) int64."""
        ...

    def decode(self, ids: Tensor) -> Tensor:
        """(h, w) int64 to (1, 3, H, W) float32; may leave 0 … 1 a little."""
        ...

    def decode_region(self, ids: Tensor, rect_tok: TokenRect, halo_tok: int | None = None) -> Tensor:
        """The pixels of ``rect_tok`` alone, (1, 3, its height, its width).

        Args:
            ids: (h, w) of the whole window.
            halo_tok: tokens around it that are decoded with it; None: as many as the receptive field needs.
        """
        ...


@dataclass(frozen=True, slots=True)
class Published:
    """How a family's published pipeline is asked.

    Attributes:
        steps: its number of steps. guidance: of its classifier-free guidance.
        temperature: at the first step and at the last one.
        negative: what its published scripts say is not wanted, terms with commas.
    """

    steps: int
    guidance: float
    temperature: tuple[float, float]
    negative: str = ""


class OpenModel(Protocol):
    """A family's networks, loaded."""

    @property
    def name(self) -> str:
        """As in the catalogue."""
        ...

    @property
    def native_px(self) -> int:
        """Side of the pictures it was trained on."""
        ...

    @property
    def device(self) -> torch.device: ...

    @property
    def dtype(self) -> torch.dtype: ...

    @property
    def tokenizer(self) -> Tokenizer: ...

    @property
    def recipe(self) -> Recipe:
        """How our own loop draws with it."""
        ...

    @property
    def as_published(self) -> Published:
        """The defaults of its own pipeline."""
        ...

    def open(self, ids: Tensor, region: Tensor, words: Words, mode: Mode) -> Opened:
        """Say the words and the context once; steps come later.

        Args:
            ids: (h, w) int64. region: (h, w) bool.

        Raises:
            EmptySelection: no token is to be drawn.
        """
        ...

    def steps_of(self, opened: Sequence[Opened]) -> TokensToLogits:
        """For `tokens.regenerate`: an ask's ``edit`` is a place in ``opened``; one forward answers all asks, whatever
        the lengths of their regions, their words and guidance. ``sizes`` is ``(tokenizer.codes,)``."""
        ...

    def published(
        self, opened: Opened, how: Published, *, seed: int, check: Callable[[], None] = lambda: None
    ) -> Tensor:
        """(R,) int64: the tokens that its published pipeline draws for the same weights, mask, seed and steps.

        Args:
            opened: in `Mode.EXACT`. check: called between steps; may raise to stop.
        """
        ...


@runtime_checkable
class Instructed(Protocol):
    """What an `OpenModel` also has that was published with other settings for what pictures are shown with
    (instructions, and words with references) than for words alone."""

    @property
    def instruct_px(self) -> int:
        """Side of the pictures on which it was trained to follow instructions and references."""
        ...

    @property
    def instruct_recipe(self) -> Recipe:
        """How our own loop draws an instruction, or words with references, with it."""
        ...
