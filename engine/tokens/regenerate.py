"""The sampling loop (Chang et al. 2022): ask for logits, draw, reveal some tokens, ask again.

The loop never sees a model. It is given a callable, `TokensToLogits`, and keeps one `Regeneration` an edit; each has
its own generator and its own step, so edits may join and leave a batch between any two steps, and what an edit draws
does not depend on who shares its batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from engine.errors import Cancelled
from engine.tokens.schedule import Order, halton_order, reveal_counts, surest

# A uniform number this near to 1 could round to the end of the cumulated probabilities, and draw an impossible id.
_LARGEST_UNIFORM = 1 - 1e-6


@dataclass(frozen=True, slots=True)
class Ask:
    """One edit's question of a step.

    Attributes:
        edit: its number among those that the model was opened for.
        ids: (R, G) int64: what is drawn so far; where nothing is revealed it means nothing.
        revealed: (R,) bool.
        guidance: 1: as the words say; more: further away from what would be drawn without words.
    """

    edit: int
    ids: Tensor
    revealed: Tensor
    guidance: float


class Answer(Protocol):
    """What the model thinks of one edit's region after one forward."""

    def logits(self, at: Tensor, earlier: Tensor) -> Tensor:
        """Logits of the next group of ids, for some tokens.

        An id has G groups that are drawn one after the other (512, then 512, then 125): ask with no earlier
        group, draw, ask again with what was drawn.

        Args:
            at: (n,) int64, which of the region's tokens. earlier: (n, g) int64: their groups drawn so far.

        Returns:
            (n, vocabulary of group g) float32, guidance applied.
        """
        ...


class TokensToLogits(Protocol):
    """A model, opened for one or more edits' windows. `region.RegionModel` is ours."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Vocabulary of each of the G groups."""
        ...

    def __call__(self, asks: Sequence[Ask]) -> Sequence[Answer]:
        """One forward for all the questions; an answer each, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to draw. Pairs go evenly from the first step's to the last one's.

    Attributes:
        steps: wanted; fewer where there are fewer tokens.
        order: which tokens first.
        temperature: 1 draws as the model says, less flattens texture, 0 takes the likeliest.
        guidance: 1 to continue what is there (more harms it), 1.5 to 2.5 to replace it.
        least_share: ids less likely than this share of the likeliest are never drawn (min-p, Nguyen et al. 2024).
        noise: Gumbel noise of the confidence order at the first step; it falls to 0.
        remask_share: when all is drawn, this share of the tokens, the least sure, is drawn again; 0: none.
        remask_steps: steps of that second pass. It is left out where all steps would be more than the tokens.
    """

    steps: int = 8
    order: Order = Order.HALTON
    temperature: tuple[float, float] = (1.0, 1.0)
    guidance: tuple[float, float] = (1.0, 1.0)
    least_share: float = 0.0
    noise: float = 4.5
    remask_share: float = 0.15
    remask_steps: int = 2

    def __post_init__(self) -> None:
        if self.steps < 1 or self.remask_steps < 1:
            raise ValueError("at least one step")
        if min(self.temperature) < 0 or self.noise < 0 or not 0 <= self.least_share < 1:
            raise ValueError("temperature and noise cannot be negative, least_share lies in 0 … 1")
        if not 0 <= self.remask_share < 1:
            raise ValueError(f"remask_share lies in 0 … 1, not {self.remask_share}")


@dataclass(frozen=True, slots=True, eq=False)
class Begun:
    """A region of which something is drawn already, as a coarser plan that is to be made finer.

    Attributes:
        ids: (R, G) int64. revealed: (R,) bool: which of them stay as they are; not all.
    """

    ids: Tensor
    revealed: Tensor


class Regeneration:
    """One edit's masked tokens on their way; advance it until `done`.

    Attributes:
        ids: (R, G) int64 on ``device``; where nothing is revealed they mean nothing.
        revealed: (R,) bool.
        sureness: (R,) float32: log probability of what was drawn, as it was drawn; infinite where something was begun.
        step, steps: done so far, and all. ``steps`` is at most R.
    """

    def __init__(
        self,
        at: Tensor,
        size_tok: tuple[int, int],
        sizes: tuple[int, ...],
        recipe: Recipe,
        *,
        seed: int,
        device: torch.device | str = "cpu",
        begun: Begun | None = None,
    ) -> None:
        """
        Args:
            at: (R, 2) int64: row and column of each masked token, R ≥ 1. size_tok: rows and columns of the window.
            sizes: vocabulary of each group. seed: 0 … 2⁶³-1. begun: what is drawn already; None: nothing.

        Raises:
            ValueError: nothing is masked.
        """
        count = at.shape[0] if begun is None else int((~begun.revealed).sum())
        self._recipe = recipe
        self._sizes = sizes
        self._generator = torch.Generator().manual_seed(seed)
        self._counts = reveal_counts(count, recipe.steps) if count else []
        if not self._counts:
            raise ValueError("no token is masked")
        again = min(math.ceil(recipe.remask_share * count), count - 1)
        second = reveal_counts(again, recipe.remask_steps) if again > 0 else []
        if len(self._counts) + len(second) > count:
            again, second = 0, []
        self._first_steps, self._again = len(self._counts), again
        self._counts += second
        self._order = halton_order(at.cpu(), size_tok, self._generator).to(device)
        nothing = torch.zeros(at.shape[0], len(sizes), dtype=torch.int64, device=device)
        self.ids = nothing if begun is None else begun.ids.to(device)
        self.revealed = (
            torch.zeros_like(nothing[:, 0], dtype=torch.bool) if begun is None else begun.revealed.to(device)
        )
        # What was drawn before is surer than anything: a second pass takes back only what this one drew.
        self.sureness: Tensor = torch.zeros(at.shape[0], device=device).masked_fill(self.revealed, torch.inf)
        self._wait_for(self._order)
        self.step = 0

    @property
    def steps(self) -> int:
        return len(self._counts)

    @property
    def done(self) -> bool:
        return self.step >= self.steps

    def ask(self, edit: int = 0) -> Ask:
        """The question of the next step."""
        return Ask(edit, self.ids, self.revealed, self._now(self._recipe.guidance))

    def advance(self, answer: Answer) -> None:
        """Draw with the answer to `ask`, and reveal as many tokens as the schedule says."""
        count = self._counts[self.step]
        if self._recipe.order is Order.HALTON:
            chosen = self._waiting[:count]
            ids, sureness = self._draw(answer, chosen)
        else:
            ids, sureness = self._draw(answer, self._waiting)
            noise = self._recipe.noise * (1 - (self.step + 1) / self.steps)
            first = surest(sureness, count, noise, self._generator)
            chosen, ids, sureness = self._waiting[first], ids[first], sureness[first]
        self.ids = self.ids.index_copy(0, chosen, ids)
        self.sureness = self.sureness.index_copy(0, chosen, sureness)
        self.revealed = self.revealed.index_fill(0, chosen, True)
        self.step += 1
        self._wait_for(self._order)
        if self.step == self._first_steps and not self.done:
            self.revealed = self.revealed.index_fill(0, self.sureness.topk(self._again, largest=False).indices, False)
            self._wait_for(self._order)

    def _wait_for(self, order: Tensor) -> None:
        self._waiting = order[~self.revealed[order]]

    def _now(self, pair: tuple[float, float]) -> float:
        """Between the pair, by the first pass's steps; the second pass keeps the last."""
        along = min(1.0, self.step / max(1, self._first_steps - 1))
        return pair[0] + (pair[1] - pair[0]) * along

    def _draw(self, answer: Answer, at: Tensor) -> tuple[Tensor, Tensor]:
        """(n, G) ids for the tokens ``at`` (n,), and their log probabilities (n,)."""
        uniform = torch.rand(at.shape[0], len(self._sizes), generator=self._generator)
        uniform = uniform.clamp(max=_LARGEST_UNIFORM).to(at.device)
        temperature = self._now(self._recipe.temperature)
        ids = at.new_zeros(at.shape[0], 0)
        sureness = torch.zeros(at.shape[0], device=at.device)
        for group in range(len(self._sizes)):
            logits = answer.logits(at, ids)
            drawn, sure = draw(logits, uniform[:, group], temperature, self._recipe.least_share)
            ids = torch.cat([ids, drawn[:, None]], 1)
            sureness = sureness + sure
        return ids, sureness


def draw(logits: Tensor, uniform: Tensor, temperature: float, least_share: float = 0.0) -> tuple[Tensor, Tensor]:
    """One id a row by the inverse of its cumulated probabilities: one random number a token, whatever the vocabulary.

    Args:
        logits: (n, V) float32. uniform: (n,) float32 in 0 … `_LARGEST_UNIFORM`.

    Returns:
        (n,) int64 ids, (n,) float32 log probabilities.
    """
    if temperature <= 0:
        sure, ids = logits.log_softmax(-1).max(-1)
        return ids, sure
    chances = (logits / temperature).softmax(-1)
    if least_share > 0:
        chances = torch.where(chances < least_share * chances.amax(-1, keepdim=True), 0.0, chances)
    cumulated = chances.cumsum(-1)
    # The first id whose cumulated probability lies above the number; ids of no probability are stepped over.
    ids = (cumulated <= uniform[:, None] * cumulated[:, -1:]).sum(-1).clamp(max=logits.shape[-1] - 1)
    found = chances.gather(1, ids[:, None])[:, 0] / cumulated[:, -1]
    return ids, found.clamp(min=1e-30).log()


def regenerate(
    model: TokensToLogits,
    at: Tensor,
    size_tok: tuple[int, int],
    recipe: Recipe,
    *,
    seed: int,
    device: torch.device | str = "cpu",
    begun: Begun | None = None,
    after_step: Callable[[Regeneration], None] = lambda _: None,
) -> Tensor:
    """All masked tokens of one edit; see `Regeneration` for the arguments.

    Args:
        model: opened for this edit alone (its number is 0).
        after_step: called after each step with all that is known so far, for progress and previews; may raise to stop.

    Returns:
        (R, G) int64 ids.

    Raises:
        ValueError: nothing is masked. Whatever ``after_step`` raises.
    """
    state = Regeneration(at, size_tok, model.sizes, recipe, seed=seed, device=device, begun=begun)
    while not state.done:
        state.advance(model([state.ask()])[0])
        after_step(state)
    return state.ids


def regenerate_many(
    model: TokensToLogits,
    states: Sequence[Regeneration],
    after_step: Callable[[int, Regeneration], None] = lambda _, __: None,
) -> list[Tensor | None]:
    """Several edits, each step of all of them in one forward. Each draws what it would have drawn alone.

    Args:
        model: opened for these edits, in this order.
        after_step: as for `regenerate`, with the edit's number. Where it raises `Cancelled`, that edit alone ends.

    Returns:
        (R, G) ids of each edit; None for a cancelled one.
    """
    cancelled: set[int] = set()

    def still_going() -> list[int]:
        return [edit for edit, state in enumerate(states) if edit not in cancelled and not state.done]

    while going := still_going():
        for edit, answer in zip(going, model([states[edit].ask(edit) for edit in going]), strict=True):
            states[edit].advance(answer)
            try:
                after_step(edit, states[edit])
            except Cancelled:
                cancelled.add(edit)
    return [None if edit in cancelled else state.ids for edit, state in enumerate(states)]
