"""One forward for several edits, each with its words, without them and without its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.models.dimoo.sequence import Sequenced
from engine.models.dimoo.transformer import Context, Dimoo, Row
from engine.models.masked.interface import Opened
from engine.tokens.regenerate import Ask

# Upstream's `cfg_img`: how far from what would be drawn without having seen the picture.
PICTURE_GUIDANCE = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class DimooOpened(Opened):
    """An edit's window as the sequences that its steps read.

    Attributes:
        said: with its words. unsaid: without, or with the negative ones; ``said`` itself where there are none.
        unseen: without the pictures that its words speak of; None where they speak of none.
        contexts: of the three, in fast mode; empty: every forward computes everything.
    """

    said: Sequenced
    unsaid: Sequenced
    unseen: Sequenced | None
    contexts: tuple[Context, ...]

    def rows(self, ids: Tensor, revealed: Tensor, guidance: float, mask: int, refresh_every: int) -> list[Row]:
        """The sequences of this step: one without guidance, two or three with it.

        Args:
            ids: (R,) int64 in the vocabulary; where nothing is ``revealed`` (R,) bool they mean nothing.
        """
        now = torch.where(revealed, ids, mask)
        begins = bool(self.contexts) and not bool(revealed.any())
        rows: list[Row] = []
        for number, sequence in enumerate(self._asked(guidance)):
            if sequence is None:
                continue
            context = self.contexts[number] if self.contexts else None
            if context is not None and (begins or (context.age is not None and context.age + 1 >= refresh_every)):
                context.clear()
            if context is not None and context.age is not None:
                rows.append(Row(now, sequence.places, context=context))
                continue
            whole = sequence.ids.index_copy(0, sequence.places, now)
            rows.append(Row(whole, torch.arange(len(whole), device=whole.device), sequence.places, context))
        return rows

    def asked(self, guidance: float) -> tuple[bool, bool]:
        """Whether a step reads the sequence without words, and the one without pictures."""
        return guidance != 1 and self.unsaid is not self.said, self.unseen is not None

    def _asked(self, guidance: float) -> tuple[Sequenced | None, ...]:
        without_words, without_pictures = self.asked(guidance)
        return self.said, self.unsaid if without_words else None, self.unseen if without_pictures else None


class Guided:
    """`Answer` of one edit: classifier-free guidance (Ho & Salimans 2022), by words and by picture, as upstream's."""

    def __init__(
        self, network: Dimoo, said: Tensor, unsaid: Tensor | None, unseen: Tensor | None, guidance: float
    ) -> None:
        self._network, self._said, self._unsaid, self._unseen = network, said, unsaid, unseen
        # Upstream counts from what is said with words: its `cfg_scale` 0 is our guidance 1.
        self._more = guidance - 1

    def logits(self, at: Tensor, earlier: Tensor) -> Tensor:
        """See `Answer`; ids have one group, so nothing is ``earlier``."""
        return self.raw(at, torch.float32)

    @torch.inference_mode()
    def raw(self, at: Tensor, dtype: torch.dtype) -> Tensor:
        """(n, codes) of the region's tokens ``at`` (n,), guidance computed in ``dtype``."""
        said = self._logits_of(self._said, at, dtype)
        if self._unseen is None:
            if self._unsaid is None:
                return said
            # In this order as upstream, to the bit; in place, for a large region's logits are large.
            unsaid = self._logits_of(self._unsaid, at, dtype).mul_(self._more)
            return said.mul_(1 + self._more).sub_(unsaid)
        guided = said if self._unsaid is None else said + self._further(said, self._unsaid, at, self._more)
        further = self._further(said, self._unseen, at, PICTURE_GUIDANCE)
        return further.add_(guided)

    def _further(self, said: Tensor, other: Tensor, at: Tensor, by: float) -> Tensor:
        without = self._logits_of(other, at, said.dtype)
        return torch.sub(said, without, out=without).mul_(by)

    def _logits_of(self, hidden: Tensor, at: Tensor, dtype: torch.dtype) -> Tensor:
        return self._network.code_logits(hidden[at]).to(dtype)


class DimooSteps:
    """`TokensToLogits` for the edits it is given; rows of all asks are packed into one forward."""

    def __init__(self, network: Dimoo, opened: Sequence[DimooOpened], refresh_every: int) -> None:
        self._network, self._opened, self._refresh_every = network, tuple(opened), refresh_every

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self._network.config.codes,)

    @torch.inference_mode()
    def __call__(self, asks: Sequence[Ask]) -> list[Guided]:
        config = self._network.config
        rows: list[Row] = []
        for ask in asks:
            ids = ask.ids[:, 0] + config.first_code
            opened = self._opened[ask.edit]
            rows += opened.rows(ids, ask.revealed, ask.guidance, config.specials.mask, self._refresh_every)
        counts = [len(row.ids if row.wanted is None else row.wanted) for row in rows]
        found = list(torch.split(self._network.hidden(rows), counts))
        answers: list[Guided] = []
        for ask in asks:
            without_words, without_pictures = self._opened[ask.edit].asked(ask.guidance)
            said = found.pop(0)
            unsaid = found.pop(0) if without_words else None
            unseen = found.pop(0) if without_pictures else None
            answers.append(Guided(self._network, said, unsaid, unseen, ask.guidance))
        return answers
