"""Second stage: the transformer learns to guess the codes of a hole from what is around it and what the words say."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.tokens.grid import PLACE_NUMBERS, token_mask, window_patches
from engine.tokens.ground import fill_ground
from engine.tokens.regenerate import Recipe, regenerate
from engine.tokens.region import RegionModel, decode_drawn, open_region
from engine.tokens.text import Vocabulary, pad_texts
from engine.tokens.tokenizer import Tokenizer
from engine.tokens.transformer import RegionTokens, Transformer
from engine.training.compose import KINDS, Windows, compose, without_words
from engine.training.data import Pictures
from engine.training.presets import StageName, StagePlan
from engine.training.sheets import contact_sheet

# Half of the windows begin with nothing drawn, the others somewhere on the cosine way.
_NOTHING_DRAWN = 0.4
_WORDLESS = 0.10
# Of what is told as drawn so many are a level off: what was drawn is never quite right.
_JITTER = 0.08
# Label smoothing over ids that differ by one level.
_SMOOTH = 0.1
_EVALUATED = 96
_SHOWN = 12
_SEED = 78


class TransformerStage:
    """See `engine.training.loop.Stage`."""

    name: StageName = "transformer"

    def __init__(
        self,
        module: Transformer,
        tokenizer: Tokenizer,
        vocabulary: Vocabulary,
        plan: StagePlan,
        photos: Pictures,
        worlds: Pictures,
        held_out: int,
    ) -> None:
        self.module = module
        self._tokenizer = tokenizer.eval().requires_grad_(False)
        self._vocabulary = vocabulary
        self._plan = plan
        self._photos, self._photos_held = photos.split(held_out)
        self._worlds, self._worlds_held = worlds.split(held_out)
        device = module.kind.device
        self._near = [tokenizer.fsq.neighbours(group).to(device) for group in range(len(tokenizer.fsq.sizes))]

    def loss(self, draw: torch.Generator, along: float) -> dict[str, Tensor]:
        """Cross entropy of the masked tokens, both groups of an id."""
        found = compose(self._photos, self._worlds, self._plan.batch, self._plan.window_px, draw)
        captions = without_words(found.captions, _WORDLESS, draw)
        surprise, _ = self._surprise(found, captions, draw)
        return {"loss": surprise.mean(), "nats": surprise.detach().mean()}

    def _surprise(self, found: Windows, captions: tuple[str, ...], draw: torch.Generator) -> tuple[Tensor, Tensor]:
        """(n,) smoothed nats of each masked token, and (n,) the window it is in."""
        device = self.module.kind.device
        picture, known = found.picture.to(device), ~found.hole[:, None].to(device)
        ground = fill_ground(picture, known)
        region = token_mask(~known[:, 0]).flatten(1)
        words = pad_texts([self._vocabulary.encode(caption).ids for caption in captions], device)
        with torch.autocast(device.type, torch.bfloat16, enabled=self._plan.bfloat16):
            with torch.no_grad():
                ids = self._tokenizer.encode(picture, ground, known).flatten(1, 2)
            stay = torch.cos(torch.rand(len(ids), 1, generator=draw) * (torch.pi / 2))
            stay = torch.where(torch.rand(len(ids), 1, generator=draw) < _NOTHING_DRAWN, 1.0, stay)
            masked = region & (torch.rand(region.shape, generator=draw) < stay).to(device)
            masked |= region & ~masked.any(1, keepdim=True)
            told = self._tokenizer.fsq.jitter(ids, _JITTER, draw)
            tokens = window_tokens(ground, known, region, told, region & ~masked)
            hidden = self.module.forward_full(tokens, region, words)[masked]
            wanted = ids[masked]
            logits = [self.module.logits(hidden, wanted[:, :group]) for group in range(len(self._near))]
        surprise = torch.zeros(len(wanted), device=device)
        for group, (said, near) in enumerate(zip(logits, self._near, strict=True)):
            log = said.float().log_softmax(-1)
            right = log.gather(1, wanted[:, group : group + 1])[:, 0]
            beside = (log * near[wanted[:, group]]).sum(1)
            surprise = surprise - (1 - _SMOOTH) * right - _SMOOTH * beside
        windows = torch.arange(len(region), device=device)[:, None].expand_as(masked)[masked]
        return surprise, windows

    def evaluate(self) -> dict[str, float]:
        """Nats a token on what was held out, by kind of window; and how much the words help."""
        draw = torch.Generator().manual_seed(_SEED)
        found = compose(self._photos_held, self._worlds_held, _EVALUATED, self._plan.window_px, draw)
        figures: dict[str, float] = {}
        for title, captions in (("with words", found.captions), ("without", ("",) * _EVALUATED)):
            surprise, windows = self._surprise(found, captions, torch.Generator().manual_seed(_SEED))
            kinds = found.kind.to(windows.device)[windows]
            for number, kind in enumerate(KINDS):
                mine = surprise[kinds == number]
                if len(mine):
                    figures[f"{kind} {title}"] = float(mine.mean())
        return figures

    def sheet(self, path: Path) -> None:
        """Held-out windows, their holes, and what is drawn into them with the words."""
        draw = torch.Generator().manual_seed(_SEED)
        found = compose(self._photos_held, self._worlds_held, _SHOWN, self._plan.window_px, draw)
        drawn = [self.drawn(found.picture[b], found.hole[b], found.captions[b], seed=b) for b in range(_SHOWN)]
        emptied = torch.where(found.hole[:, None], 0.5, found.picture)
        columns = torch.stack([found.picture, emptied, torch.stack(drawn)], 1)
        contact_sheet(list(columns), path, [caption or "(no words)" for caption in found.captions])

    def drawn(self, picture: Tensor, hole: Tensor, caption: str, *, seed: int, steps: int = 8) -> Tensor:
        """(3, S, S): the raw decode of one window with its hole drawn."""
        device = self.module.kind.device
        known = ~hole[None, None].to(device)
        ground = fill_ground(picture[None].to(device), known)
        region = open_region(self.module, ground, known, token_mask(~known[0, 0]))
        model = RegionModel(self.module, [(region, self._vocabulary.encode(caption).ids)])
        recipe = Recipe(steps=steps, guidance=(2.0, 2.0) if caption else (1.0, 1.0), temperature=(1.0, 0.7))
        ids = regenerate(model, region.at, region.size_tok, recipe, seed=seed, device=device)
        everything = torch.ones(len(ids), dtype=torch.bool, device=device)
        rect_px, pixels = decode_drawn(self._tokenizer, region, ids, everything, ground, known)
        out = ground[0].cpu().clone()
        out[(slice(None), *rect_px.slices())] = pixels[0].cpu()
        return out


def window_tokens(ground: Tensor, known: Tensor, region: Tensor, ids: Tensor, revealed: Tensor) -> RegionTokens:
    """Every token of a batch of windows, as `Transformer.forward_full` takes them.

    Args:
        ground: (B, 3, H, W). known: (B, 1, H, W). region, revealed: (B, N) bool. ids: (B, N, G).
    """
    patches = window_patches(ground, known).flatten(1, 2)
    rows, columns = ground.shape[-2] // 8, ground.shape[-1] // 8
    at = torch.cartesian_prod(torch.arange(rows), torch.arange(columns)).to(ground.device).float()
    at = at[None].expand(len(region), -1, -1)
    low = torch.where(region[..., None], at, torch.inf).amin(1, keepdim=True)
    high = torch.where(region[..., None], at, -torch.inf).amax(1, keepdim=True)
    return RegionTokens(patches, at - (low + high) / 2, _places(at, low, high), ids, revealed)


def _places(at: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """`engine.tokens.grid.places` for batches: (B, N, numbers); a test holds the two together."""
    size = high - low + 1
    along = (at - low + 0.5) / size * 2 - 1
    turns = torch.cat([along, along * 2], -1) * (torch.pi / 2)
    sizes = (size.log2() / 4 - 1).expand_as(along)
    out = torch.cat([along, turns.sin(), turns.cos(), sizes], -1)
    assert out.shape[-1] == PLACE_NUMBERS, "as in grid.places"
    return out


def next_sampled(model: Transformer, hidden: Tensor, sizes: tuple[int, ...], draw: torch.Generator) -> Tensor:
    """(n, G) ids drawn one after the other from hidden numbers (n, width), at temperature 1."""
    ids = torch.zeros(len(hidden), 0, dtype=torch.int64, device=hidden.device)
    for _ in sizes:
        chances = F.softmax(model.logits(hidden, ids).float(), -1).cpu()
        ids = torch.cat([ids, torch.multinomial(chances, 1, generator=draw).to(hidden.device)], 1)
    return ids
