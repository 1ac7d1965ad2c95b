"""aMUSEd behind the interface of all masked-token models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from engine.errors import EmptySelection
from engine.models.amused.network import Frozen, Network, Row, Said
from engine.models.amused.uvit import load_uvit, uvit
from engine.models.amused.words import TextEncoder, load_text_encoder
from engine.models.masked.draws import draw_as_published
from engine.models.masked.interface import Mode, Opened, Published, Tokenizer, Words
from engine.models.masked.vq import VqTokenizer
from engine.models.masked.vq_module import load_vq_model
from engine.tokens.regenerate import Answer, Ask, Recipe
from engine.tokens.schedule import Order

# The pipeline's own defaults (diffusers, AmusedInpaintPipeline).
AS_PUBLISHED = Published(12, 10.0, (2.0, 0.0))
_GUIDANCE = (AS_PUBLISHED.guidance, AS_PUBLISHED.guidance)
RECIPE = Recipe(AS_PUBLISHED.steps, Order.HALTON, guidance=_GUIDANCE, noise=AS_PUBLISHED.temperature[0])
# Of LAION's scale of looks; the pipeline's default.
_AESTHETIC_SCORE = 6.0
# In fast mode the whole window is computed every so many steps: see `bench open-weights` for what agrees then.
REFRESH_EVERY = 6


class _Context:
    """What an edit's surroundings said last, in fast mode, and how long ago; one for each set of words."""

    def __init__(self) -> None:
        self.frozen: Sequence[Frozen | None] = ()
        self.age = 0


@dataclass(frozen=True, slots=True, eq=False)
class AmusedOpened(Opened):
    """
    Attributes:
        said: the prompt's, and the negative prompt's, which is the same where both are empty.
        inside: (cells,) bool: cells that hold a token of the region.
        flat: (R,) int64: the region's tokens as places in the flat grid.
        context: kept between steps in fast mode; None in exact mode.
    """

    said: tuple[Said, Said]
    inside: Tensor
    flat: Tensor
    context: _Context | None

    def asked(self, *, guided: bool) -> Sequence[Said]:
        """The words of a step, a row of the forward each."""
        return self.said if guided and self.said[1] is not self.said[0] else self.said[:1]


class AmusedModel:
    """`engine.models.masked.interface.OpenModel`.

    Attributes:
        network, text: in evaluation. refresh_every: see `REFRESH_EVERY`.
    """

    def __init__(
        self, network: Network, tokenizer: Tokenizer, text: TextEncoder, *, refresh_every: int = REFRESH_EVERY
    ) -> None:
        self.network, self.tokenizer, self.text = network, tokenizer, text
        self.native_px = uvit(network.module).config.sample_size * tokenizer.token_px
        self.name = f"amused-{self.native_px}"
        self.recipe, self.as_published = RECIPE, AS_PUBLISHED
        self.refresh_every = refresh_every

    @property
    def device(self) -> torch.device:
        return self.network.device

    @property
    def dtype(self) -> torch.dtype:
        return self.network.dtype

    @torch.inference_mode()
    def open(self, ids: Tensor, region: Tensor, words: Words, mode: Mode) -> AmusedOpened:
        """
        An instruction is read as a prompt, references and the picture are not looked at: aMUSEd knows neither.

        Raises:
            EmptySelection: no token is to be drawn.
        """
        at = region.nonzero()
        if not len(at):
            raise EmptySelection
        height, width = (side * self.tokenizer.token_px for side in region.shape)
        micro = torch.tensor([[width, height, 0.0, 0.0, _AESTHETIC_SCORE]], device=self.device)
        prompt = words.prompt or words.instruction
        said = self._said(prompt, micro)
        # Without words, guidance is from what is said anyway: the same row is not computed twice.
        unsaid = said if words.negative == prompt else self._said(words.negative, micro)
        return AmusedOpened(
            ids.to(self.device),
            region.to(self.device),
            at.to(self.device),
            (said, unsaid),
            self.network.cells_of(region).to(self.device),
            region.flatten().nonzero()[:, 0].to(self.device),
            _Context() if mode is Mode.FAST else None,
        )

    def steps_of(self, opened: Sequence[Opened]) -> AmusedSteps:
        return AmusedSteps(self.network, [_own(one) for one in opened], self.refresh_every)

    @torch.inference_mode()
    def published(
        self, opened: Opened, how: Published, *, seed: int, check: Callable[[], None] = lambda: None
    ) -> Tensor:
        own = _own(opened)
        ids = own.ids.masked_fill(own.region, self.network.mask_id)
        said = own.asked(guided=how.guidance > 1)

        def logits_of(step: int, grid: Tensor, unknown: Tensor) -> Tensor:
            hidden, _ = self.network([Row(grid, one, own.inside, None, unknown) for one in said])
            return _guided([self.network.logits(part) for part in hidden], how.guidance)

        return draw_as_published(logits_of, ids, own.flat, self.network.mask_id, how, seed=seed, check=check)

    def _said(self, text: str, micro: Tensor) -> Said:
        hidden, pooled = self.text(text)
        return self.network.say(hidden.to(self.device), pooled.to(self.device), micro)


class AmusedSteps:
    """`tokens.regenerate.TokensToLogits` for some opened windows: an edit with guidance is two rows of a forward."""

    def __init__(self, network: Network, opened: Sequence[AmusedOpened], refresh_every: int) -> None:
        self._network, self._opened, self._refresh_every = network, opened, refresh_every

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self._network.codes,)

    @torch.inference_mode()
    def __call__(self, asks: Sequence[Ask]) -> list[Answer]:
        rows: list[Row] = []
        counts: list[int] = []
        for ask in asks:
            mine = self._rows_of(ask)
            rows += mine
            counts.append(len(mine))
        hidden, frozen = self._network(rows)
        answers: list[Answer] = []
        start = 0
        for ask, count in zip(asks, counts, strict=True):
            context = self._opened[ask.edit].context
            if context is not None:
                context.frozen, context.age = frozen[start : start + count], context.age + 1
            answers.append(_AmusedAnswer(self._network, hidden[start : start + count], ask.guidance))
            start += count
        return answers

    def _rows_of(self, ask: Ask) -> list[Row]:
        own = self._opened[ask.edit]
        drawn = torch.where(ask.revealed, ask.ids[:, 0], self._network.mask_id)
        ids = own.ids.flatten().index_copy(0, own.flat, drawn).view_as(own.ids)
        said = own.asked(guided=ask.guidance != 1)
        context = own.context
        if context is None:
            return [Row(ids, one, own.inside, None, own.flat) for one in said]
        if context.age % self._refresh_every == 0 or len(context.frozen) != len(said):
            context.frozen = [None] * len(said)
        return [
            Row(ids, one, own.inside, frozen, own.flat, keeps=True)
            for one, frozen in zip(said, context.frozen, strict=True)
        ]


class _AmusedAnswer:
    """`tokens.regenerate.Answer`."""

    def __init__(self, network: Network, hidden: Sequence[Tensor], guidance: float) -> None:
        self._network, self._hidden, self._guidance = network, hidden, guidance

    @torch.inference_mode()
    def logits(self, at: Tensor, earlier: Tensor) -> Tensor:
        return _guided([self._network.logits(part[at]) for part in self._hidden], self._guidance).float()


def _guided(logits: Sequence[Tensor], guidance: float) -> Tensor:
    """Classifier-free guidance (Ho & Salimans 2022): with the words, and without them."""
    if len(logits) == 1:
        return logits[0]
    return logits[1] + guidance * (logits[0] - logits[1])


def _own(opened: Opened) -> AmusedOpened:
    if not isinstance(opened, AmusedOpened):
        raise TypeError("opened by another model")
    return opened


def load(folder: Path, device: torch.device, dtype: torch.dtype) -> AmusedModel:
    """The published model in that folder.

    Raises:
        BrokenWeights: it cannot be read.
    """
    network = Network(load_uvit(folder, device, dtype))
    tokenizer = VqTokenizer(load_vq_model(folder, device, dtype))
    return AmusedModel(network, tokenizer, load_text_encoder(folder, device, dtype))
