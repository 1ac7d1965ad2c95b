"""Third stage: the decoder, alone, learns to bear codes that the transformer drew."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from engine.tokens.grid import token_mask
from engine.tokens.ground import fill_ground
from engine.tokens.text import Vocabulary, pad_texts
from engine.tokens.tokenizer import Tokenizer
from engine.tokens.transformer import Transformer
from engine.training.compose import compose
from engine.training.data import Pictures
from engine.training.presets import StageName, StagePlan
from engine.training.tokenizer_stage import TokenizerStage, losses
from engine.training.transformer_stage import next_sampled, window_tokens

# Of a hole's tokens the transformer draws at most so many anew, told of all the others: so near to the truth that the
# true pixels are still what the decoder should answer with.
_DRAWN = 0.4


class DecoderStage:
    """See `engine.training.loop.Stage`. Encoder and transformer stay as they are."""

    name: StageName = "decoder"

    def __init__(
        self,
        module: Tokenizer,
        transformer: Transformer,
        vocabulary: Vocabulary,
        plan: StagePlan,
        photos: Pictures,
        worlds: Pictures,
        held_out: int,
    ) -> None:
        self.module: nn.Module = module
        self._tokenizer = module
        module.requires_grad_(True)
        module.encoder.requires_grad_(False)
        self._transformer = transformer.eval().requires_grad_(False)
        self._vocabulary = vocabulary
        self._plan = plan
        self._photos, _ = photos.split(held_out)
        self._worlds, _ = worlds.split(held_out)
        self._as_tokenizer = TokenizerStage(module, plan, photos, worlds, held_out)

    def loss(self, draw: torch.Generator, along: float) -> dict[str, Tensor]:
        """As the tokenizer's, with some of the codes drawn by the transformer."""
        found = compose(self._photos, self._worlds, self._plan.batch, self._plan.window_px, draw)
        device = self._transformer.kind.device
        picture, known = found.picture.to(device), ~found.hole[:, None].to(device)
        ground = fill_ground(picture, known)
        coded = token_mask(~known[:, 0])
        region = coded.flatten(1)
        words = pad_texts([self._vocabulary.encode(caption).ids for caption in found.captions], device)
        with torch.autocast(device.type, torch.bfloat16, enabled=self._plan.bfloat16):
            with torch.no_grad():
                ids = self._tokenizer.encode(picture, ground, known).flatten(1, 2)
                share = torch.rand(len(ids), 1, generator=draw) * _DRAWN
                anew = region & (torch.rand(region.shape, generator=draw) < share).to(device)
                tokens = window_tokens(ground, known, region, ids, region & ~anew)
                hidden = self._transformer.forward_full(tokens, region, words)[anew]
                ids[anew] = next_sampled(self._transformer, hidden, self._tokenizer.fsq.sizes, draw)
            codes = self._tokenizer.fsq.codes_of(ids).view(*coded.shape, -1)
            drawn = self._tokenizer.decode(codes, coded, ground, known)
        return losses(drawn, picture, ~known)

    def evaluate(self) -> dict[str, float]:
        """As the tokenizer's: what bearing drawn codes cost."""
        return self._as_tokenizer.evaluate()

    def sheet(self, path: Path) -> None:
        """As the tokenizer's."""
        self._as_tokenizer.sheet(path)
