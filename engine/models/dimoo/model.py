"""Lumina-DiMOO behind the interface of all masked-token models: any mask by words, or by an instruction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from engine.errors import EmptySelection
from engine.models.dimoo.config import Config
from engine.models.dimoo.guided import DimooOpened, DimooSteps
from engine.models.dimoo.pictures import fit_reference
from engine.models.dimoo.published import draw_as_published
from engine.models.dimoo.sequence import picture_ids, sequenced
from engine.models.dimoo.transformer import Context, Dimoo
from engine.models.dimoo.words import EDIT, GENERATE, GENERATE_WITH_OBJECT, STYLE, TextIds, prefixes
from engine.models.masked.interface import Mode, Opened, Published, Tokenizer, Words
from engine.tokens.regenerate import Recipe
from engine.tokens.schedule import Order

NAME = "lumina-dimoo"
# Upstream's defaults: words at 1024 px, instructions at 512 px (their picture stands in the sequence once more).
NATIVE_PX = 1024
INSTRUCT_PX = 512
# Guidance is one more than upstream's `cfg_scale`: our 1 is none.
AS_PUBLISHED = Published(64, 5.0, (1.0, 1.0))
INSTRUCT_AS_PUBLISHED = Published(64, 3.5, (1.0, 1.0))
# Forwards from one of the whole sequence to the next, in fast mode; upstream's `refresh_interval`.
REFRESH_EVERY = 5


def _recipe(how: Published) -> Recipe:
    guidance = (how.guidance, how.guidance)
    return Recipe(how.steps, Order.CONFIDENCE, how.temperature, guidance, noise=1.0, remask_share=0.0)


class DimooModel:
    """`OpenModel`.

    Attributes:
        network: in evaluation. as_published, recipe: for words.
        instruct_px, instruct_as_published, instruct_recipe: for instructions, and for words with references.
        refresh_every: forwards from one of everything to the next, in fast mode.
    """

    def __init__(
        self,
        network: Dimoo,
        text_ids: TextIds,
        tokenizer: Tokenizer,
        *,
        device: torch.device,
        dtype: torch.dtype,
        signs: Sequence[str] = (),
        refresh_every: int = REFRESH_EVERY,
    ) -> None:
        """
        Args:
            text_ids: the text tokenizer. signs: its added tokens as text.
            device: where forwards run; with offload the weights themselves may lie elsewhere.
        """
        self.name = NAME
        self.native_px = NATIVE_PX
        self.instruct_px = INSTRUCT_PX
        self.device, self.dtype = device, dtype
        self.tokenizer = tokenizer
        self.as_published, self.instruct_as_published = AS_PUBLISHED, INSTRUCT_AS_PUBLISHED
        self.recipe, self.instruct_recipe = _recipe(AS_PUBLISHED), _recipe(INSTRUCT_AS_PUBLISHED)
        self.refresh_every = refresh_every
        self.network, self._text_ids, self._signs = network, text_ids, tuple(signs)

    @property
    def config(self) -> Config:
        return self.network.config

    @torch.inference_mode()
    def open(self, ids: Tensor, region: Tensor, words: Words, mode: Mode) -> DimooOpened:
        """
        An instruction shows the model the window's picture as it is, then draws the region of the window's tokens;
        where all of it is region this is upstream's image-to-image. References stand after that picture. With
        ``words.style`` this is upstream's `image_ref_transfer`, which reads no words of people; any other instruction
        with a reference is none of its tasks, and is told as an edit. Words fill the region; a reference before them
        is upstream's `subject_driven`.

        Args:
            ids: (h, w) int64. region: (h, w) bool.

        Raises:
            EmptySelection: nothing is to be drawn.
            ValueError: an instruction without ``words.picture``, or with one of another size than the window.
        """
        if not bool(region.any()):
            raise EmptySelection
        shown: list[list[int]] = []
        template, text = GENERATE_WITH_OBJECT if words.references else GENERATE, words.prompt
        if words.instruction:
            template, text = (STYLE, STYLE) if words.style and words.references else (EDIT, words.instruction)
            if words.picture is None:
                raise ValueError("an instruction needs the picture that it speaks of")
            source = self.tokenizer.encode(words.picture[None])
            if source.shape != ids.shape:
                raise ValueError(f"a picture of {tuple(source.shape)} tokens for a window of {tuple(ids.shape)}")
            shown.append(picture_ids(source, self.config))
        for reference in words.references:
            shown.append(picture_ids(self.tokenizer.encode(fit_reference(reference)[None]), self.config))
        before = prefixes(self._text_ids, template, text, words.negative, shown, self.config.specials, self._signs)
        ids, region = ids.to(self.device), region.to(self.device)
        said = sequenced(before.said, ids, region, self.config)
        unsaid = said if before.unsaid == before.said else sequenced(before.unsaid, ids, region, self.config)
        unseen = None if before.unseen is None else sequenced(before.unseen, ids, region, self.config)
        contexts = tuple(Context() for _ in range(3)) if mode is Mode.FAST else ()
        return DimooOpened(ids, region, region.nonzero(), said, unsaid, unseen, contexts)

    def steps_of(self, opened: Sequence[Opened]) -> DimooSteps:
        """See `OpenModel`. In fast mode what is kept of the context stays with ``opened``, not with this."""
        return DimooSteps(self.network, [_ours(edit) for edit in opened], self.refresh_every)

    def published(
        self, opened: Opened, how: Published, *, seed: int, check: Callable[[], None] = lambda: None
    ) -> Tensor:
        """(R,) int64 codes: those that upstream's `generate_image`, or for an instruction `generate_i2i`, draws.

        Args:
            opened: also in `Mode.FAST`, where it is upstream's loop over approximate logits.
            how: ``guidance`` is one more than upstream's ``cfg_scale``, whose 0 is none.
        """
        return draw_as_published(
            self.steps_of([opened]),
            opened.at.shape[0],
            how,
            seed=seed,
            device=self.device,
            dtype=self.dtype,
            check=check,
        )


def _ours(opened: Opened) -> DimooOpened:
    if not isinstance(opened, DimooOpened):
        raise TypeError(f"{type(opened).__name__} was not opened by Lumina-DiMOO")
    return opened
