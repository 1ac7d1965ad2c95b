"""Meissonic and EditMGT behind the interface of all masked-token models."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from engine.errors import EmptySelection
from engine.models.masked.draws import draw_as_published
from engine.models.masked.interface import Mode, Opened, Published, Tokenizer, Words
from engine.models.meissonic.local import LocalMask, token_looks
from engine.models.meissonic.network import Network, Row, Said, Source
from engine.models.meissonic.steps import Context, MeissonicOpened, MeissonicSteps, guided
from engine.models.meissonic.words import Reader
from engine.tokens.regenerate import Recipe
from engine.tokens.schedule import Order

# As their own scripts ask their pipelines: inpaint.py, infer.py; what is not wanted, letter for letter as in both.
_NEGATIVE = (
    "worst quality, low quality, low res, blurry, distortion, watermark, logo, signature, text, jpeg artifacts, "
    "signature, sketch, duplicate, ugly, identifying mark"
)
MEISSONIC_PUBLISHED = Published(64, 9.0, (2.0, 0.0), _NEGATIVE)
EDIT_PUBLISHED = Published(36, 6.0, (2.0, 0.0), _NEGATIVE)
# How loud the source is in EditMGT's infer.py.
SOURCE_STRENGTH = 1.1
# Of LAION's scale of looks; the pipelines' default.
_AESTHETIC_SCORE = 6.0
# Tokens a side of what they were trained on, for each token of a cell's side: 64 at 1024 px, 32 at 512.
_NATIVE_TOK = 32
# In fast mode the whole window is computed every so many steps: see `bench open-weights` for what agrees then.
REFRESH_EVERY = 6


class MeissonicModel:
    """`engine.models.masked.interface.OpenModel`, for both.

    Attributes:
        network: in evaluation. strength: of the source. local: EditMGT's local mask, for `published` of a whole window
            alone, as in its own code; None: it is not used, which is its default.
        cosine: whether the published schedule of `published` falls like a cosine; Meissonic's inpainting is linear.
        refresh_every: see `REFRESH_EVERY`.
    """

    def __init__(
        self,
        network: Network,
        tokenizer: Tokenizer,
        text: Reader,
        *,
        cosine: bool | None = None,
        strength: float = SOURCE_STRENGTH,
        local: LocalMask | None = None,
        refresh_every: int = REFRESH_EVERY,
    ) -> None:
        """
        Args:
            cosine: None: as the family's own scheduler is set.
        """
        edits = network.config.edits
        self.network, self.tokenizer, self.text = network, tokenizer, text
        self.name = "editmgt" if edits else "meissonic"
        self.native_px = _NATIVE_TOK * network.config.cell_tok * tokenizer.token_px
        self.as_published = EDIT_PUBLISHED if edits else MEISSONIC_PUBLISHED
        self.cosine = edits if cosine is None else cosine
        self.strength, self.local, self.refresh_every = strength, local, refresh_every
        guidance = (self.as_published.guidance, self.as_published.guidance)
        noise = self.as_published.temperature[0]
        self.recipe = Recipe(self.as_published.steps, Order.HALTON, guidance=guidance, noise=noise)

    @property
    def device(self) -> torch.device:
        return self.network.device

    @property
    def dtype(self) -> torch.dtype:
        return self.network.dtype

    @torch.inference_mode()
    def open(self, ids: Tensor, region: Tensor, words: Words, mode: Mode) -> MeissonicOpened:
        """
        Meissonic reads an instruction as a prompt and looks at no other picture. EditMGT reads the instruction, or the
        prompt where there is none; it looks at one picture: the window as it is, or the first reference where that is
        not given, or the window's known tokens.

        Raises:
            EmptySelection: no token is to be drawn.
        """
        at = region.nonzero()
        if not len(at):
            raise EmptySelection
        edits = self.network.config.edits
        height, width = (side * self.tokenizer.token_px for side in region.shape)
        micro = torch.tensor([width, height, 0.0, 0.0, _AESTHETIC_SCORE], device=self.device)
        prompt = (words.instruction or words.prompt) if edits else (words.prompt or words.instruction)
        said = tuple(self._said(text, micro) for text in (prompt, words.negative))
        source_ids = self._source_ids(ids, region, words) if edits else None
        return MeissonicOpened(
            ids.to(self.device),
            region.to(self.device),
            at.to(self.device),
            (said[0], said[1]),
            source_ids,
            None if source_ids is None else self.network.look_at(source_ids, self.strength),
            self.network.cells_of(region).to(self.device),
            region.flatten().nonzero()[:, 0].to(self.device),
            Context() if mode is Mode.FAST else None,
        )

    def steps_of(self, opened: Sequence[Opened]) -> MeissonicSteps:
        own = [_own(one) for one in opened]
        return MeissonicSteps(self.network, own, self.refresh_every, self.as_published.steps, cosine=self.cosine)

    @torch.inference_mode()
    def published(
        self, opened: Opened, how: Published, *, seed: int, check: Callable[[], None] = lambda: None
    ) -> Tensor:
        """
        EditMGT's own pipeline masks the source too where it is given a mask that is not the whole window; so here.
        """
        own = _own(opened)
        mask_id = self.network.config.mask_id
        whole = bool(own.region.all())
        source = own.source if whole else self._masked_source(own)
        said = own.said if how.guidance > 1 else own.said[:1]
        local = self.local if whole and own.source_ids is not None else None
        watched = () if local is None else local.blocks
        looks: list[Tensor] = []

        def logits_of(step: int, grid: Tensor, unknown: Tensor) -> Tensor:
            number = torch.tensor(float(how.steps - 1 - step), device=self.device)
            seen = self.network([Row(grid, number, one, source, own.inside, None, unknown) for one in said], watched)
            looks[:] = seen.looks[:1]
            return guided([self.network.logits(part) for part in seen.hidden], how.guidance)

        def kept(unknown: Tensor, drawn: Tensor) -> Tensor:
            if local is None or own.source_ids is None:
                return drawn
            scores = token_looks(looks[0], own.size_tok, self.network.config.cell_tok)
            return torch.where(scores[unknown] < local.below, own.source_ids.flatten()[unknown], drawn)

        ids = own.ids.masked_fill(own.region, mask_id)
        return draw_as_published(
            logits_of, ids, own.flat, mask_id, how, seed=seed, check=check, cosine=self.cosine, kept=kept
        )

    def _said(self, text: str, micro: Tensor) -> Said:
        hidden, pooled = self.text(text)
        return self.network.say(hidden.to(self.device), pooled.to(self.device), micro)

    def _source_ids(self, ids: Tensor, region: Tensor, words: Words) -> Tensor | None:
        picture = words.picture if words.picture is not None else next(iter(words.references), None)
        if picture is not None:
            return self.tokenizer.encode(_whole_tokens(picture, self.tokenizer.token_px)[None]).to(self.device)
        if bool(region.all()):
            return None
        return ids.masked_fill(region, self.network.config.mask_id).to(self.device)

    def _masked_source(self, own: MeissonicOpened) -> Source | None:
        ids = own.source_ids
        if ids is None or ids.shape != own.region.shape:  # a reference of another size lies nowhere in the window
            return own.source
        return self.network.look_at(ids.masked_fill(own.region, self.network.config.mask_id), self.strength)


def _whole_tokens(picture: Tensor, token_px: int) -> Tensor:
    """(3, H, W), its right and lower edge repeated up to whole tokens."""
    height, width = picture.shape[1:]
    pad = (0, -width % token_px, 0, -height % token_px)
    return torch.nn.functional.pad(picture[None], pad, mode="replicate")[0] if any(pad) else picture


def _own(opened: Opened) -> MeissonicOpened:
    if not isinstance(opened, MeissonicOpened):
        raise TypeError("opened by another model")
    return opened
