"""Opened windows of Meissonic and EditMGT, ready for steps: a forward answers several edits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.models.masked.interface import Opened
from engine.models.meissonic.network import Network, Row, Said, Source
from engine.models.meissonic.packed import Frozen
from engine.tokens.regenerate import Answer, Ask


class Context:
    """What an edit's surroundings said last, in fast mode, and how long ago; one for each set of words."""

    def __init__(self) -> None:
        self.frozen: Sequence[Frozen | None] = ()
        self.age = 0


@dataclass(frozen=True, slots=True, eq=False)
class MeissonicOpened(Opened):
    """
    Attributes:
        said: the prompt's, and the negative prompt's.
        source_ids: (h, w) int64: of the picture that is to be edited; None: the model looks at none.
        source: these, embedded.
        inside: (cells,) bool: cells that hold a token of the region.
        flat: (R,) int64: the region's tokens as places in the flat grid.
        context: kept between steps in fast mode; None in exact mode.
    """

    said: tuple[Said, Said]
    source_ids: Tensor | None
    source: Source | None
    inside: Tensor
    flat: Tensor
    context: Context | None


class MeissonicSteps:
    """`tokens.regenerate.TokensToLogits` for some opened windows: an edit with guidance is two rows of a forward."""

    def __init__(
        self,
        network: Network,
        opened: Sequence[MeissonicOpened],
        refresh_every: int,
        published_steps: int,
        *,
        cosine: bool,
    ) -> None:
        """
        Args:
            published_steps, cosine: of the published pipeline, whose numbers of steps the network is told.
        """
        self._network, self._opened, self._refresh_every = network, opened, refresh_every
        self._published_steps, self._cosine = published_steps, cosine

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self._network.config.codes,)

    @torch.inference_mode()
    def __call__(self, asks: Sequence[Ask]) -> list[Answer]:
        mine = [self._rows_of(ask) for ask in asks]
        seen = self._network([row for rows in mine for row in rows])
        answers: list[Answer] = []
        start = 0
        for ask, rows in zip(asks, mine, strict=True):
            context, end = self._opened[ask.edit].context, start + len(rows)
            if context is not None:
                context.frozen, context.age = seen.frozen[start:end], context.age + 1
            answers.append(_MeissonicAnswer(self._network, seen.hidden[start:end], ask.guidance))
            start = end
        return answers

    def _rows_of(self, ask: Ask) -> list[Row]:
        own = self._opened[ask.edit]
        drawn = torch.where(ask.revealed, ask.ids[:, 0], self._network.config.mask_id)
        ids = own.ids.flatten().index_copy(0, own.flat, drawn).view_as(own.ids)
        said = own.said if ask.guidance != 1 else own.said[:1]
        step = self._step_of(ask.revealed)
        context = own.context
        if context is None:
            return [Row(ids, step, one, own.source, own.inside, None, own.flat) for one in said]
        if context.age % self._refresh_every == 0 or len(context.frozen) != len(said):
            context.frozen = [None] * len(said)
        return [
            Row(ids, step, one, own.source, own.inside, frozen, own.flat, keeps=True)
            for one, frozen in zip(said, context.frozen, strict=True)
        ]

    def _step_of(self, revealed: Tensor) -> Tensor:
        """() float32: the step at which the published schedule has as much of the region left, counted down to 0."""
        left = (~revealed).float().mean()
        gone = left.clamp(0, 1).acos() * (2 / math.pi) if self._cosine else 1 - left
        return (self._published_steps * (1 - gone) - 1).clamp(min=0)


class _MeissonicAnswer:
    """`tokens.regenerate.Answer`."""

    def __init__(self, network: Network, hidden: Sequence[Tensor], guidance: float) -> None:
        self._network, self._hidden, self._guidance = network, hidden, guidance

    @torch.inference_mode()
    def logits(self, at: Tensor, earlier: Tensor) -> Tensor:
        return guided([self._network.logits(part[at]) for part in self._hidden], self._guidance).float()


def guided(logits: Sequence[Tensor], guidance: float) -> Tensor:
    """Classifier-free guidance (Ho & Salimans 2022): with the words, and without them."""
    if len(logits) == 1:
        return logits[0]
    return logits[1] + guidance * (logits[0] - logits[1])
