"""Models that know no words: one draws at random, one draws what it was shown. For the ways around a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.errors import EmptySelection
from engine.models.masked.interface import Mode, Opened, Published, Tokenizer, Words
from engine.tokens.regenerate import Answer, Ask, Recipe

# So sure is the model of its own id.
_SURE = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """Logits (R, codes)."""

    of_region: Tensor

    def logits(self, at: Tensor, earlier: Tensor) -> Tensor:
        return self.of_region[at]


class _Steps:
    def __init__(self, sizes: tuple[int, ...], logits: Sequence[Tensor]) -> None:
        self.sizes, self._logits = sizes, logits

    def __call__(self, asks: Sequence[Ask]) -> Sequence[Answer]:
        return [_Answer(self._logits[ask.edit]) for ask in asks]


class StandIn:
    """An `OpenModel`.

    Attributes:
        opened: every window that was opened: its ids, its region and its words.
    """

    name = "stand-in"
    device = torch.device("cpu")
    dtype = torch.float32
    recipe = Recipe(steps=4)
    as_published = Published(4, 1.0, (1.0, 0.0))

    def __init__(self, tokenizer: Tokenizer, native_px: int, truth: Callable[[Tensor], Tensor] | None = None) -> None:
        """
        Args:
            truth: a window's ids (h, w) to those that are drawn; None: any, by the window's ids.
        """
        self.tokenizer, self.native_px, self._truth = tokenizer, native_px, truth
        self.opened: list[tuple[Tensor, Tensor, Words]] = []

    def open(self, ids: Tensor, region: Tensor, words: Words, mode: Mode) -> Opened:
        if not bool(region.any()):
            raise EmptySelection
        assert ids.shape == region.shape
        self.opened.append((ids, region, words))
        return Opened(ids, region, region.nonzero())

    def steps_of(self, opened: Sequence[Opened]) -> _Steps:
        return _Steps((self.tokenizer.codes,), [self._logits(each) for each in opened])

    def published(
        self, opened: Opened, how: Published, *, seed: int, check: Callable[[], None] = lambda: None
    ) -> Tensor:
        raise NotImplementedError

    def _logits(self, opened: Opened) -> Tensor:
        if self._truth is None:
            return torch.zeros(opened.at.shape[0], self.tokenizer.codes)
        wanted = self._truth(opened.ids)[opened.region]
        return torch.zeros(len(wanted), self.tokenizer.codes).scatter_(1, wanted[:, None], _SURE)
